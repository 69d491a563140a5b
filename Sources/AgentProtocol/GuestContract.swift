/// What the controller and an agent that is process 1 of a guest agree on: paths, names and the way out.
///
/// The guest's kernel unpacks the image (agent, libraries, modules) into its root. It then starts the agent as process 1, with the console as its
/// three standard descriptors and `LD_LIBRARY_PATH` set. The agent
///
///  1. mounts `/proc`, `/sys`, `/dev` (devtmpfs) and `/run` (tmpfs), before it starts a thread;
///  2. in virtual time, which is when there is a `JobWindow`, gives the kernel's random number generator its first bytes, always the same ones:
///     the emulated processor has no random instruction, whose next values would be lost with the machine that is saved;
///  3. loads every module of `moduleList`, one path a line, in that order; a module that the kernel has already (EEXIST) is no error;
///  4. opens the stream: the device in `/dev` with the name of the folder in `portsFolder` whose file `name` holds `portName`. The kernel makes
///     it shortly after the modules are loaded: wait for it. Writes of up to 32 KiB go through in one piece;
///  5. in virtual time, passes the *template point*: writes `readyValue` to the I/O port `readyPort` and then executes one jump to itself until a
///     signal of its own timer, `templatePause` later, ends it. Up to here nothing depends on the run. A machine that is to be a template stops at the
///     write. While it stops, QEMU may let time go on to the kernel's next timer, or not: a single instruction that changes nothing makes both the same;
///  6. in virtual time, reads its job from the window and hands the seed to the kernel's random number generator; otherwise requests come by
///     the stream. In virtual time nothing may come in from outside while it runs;
///  7. says something on the stream as soon as it is ready: until its first line the controller counts down the start deadline;
///  8. ends the machine by writing `exitValue(forStatus:)` to the I/O port `exitPort`. Anything else that ends the machine (a panic, a power
///     off) counts as failure. What was written to the stream before has arrived.
///
/// The console is for people: the controller shows its end when something fails, and never reads it otherwise.
public enum GuestContract {
    /// The agent, in the image.
    public static let agent = "/init"
    /// The agent's shared libraries, in the image.
    public static let libraryFolder = "/lib"
    /// Empty folders in the image, for the agent's mounts.
    public static let mountPoints = ["/dev", "/proc", "/run", "/sys", "/tmp"]
    /// The kernel modules, in the image.
    public static let moduleFolder = "/modules"
    /// The modules' paths in the order of loading, one a line.
    public static let moduleList = "/modules/list"
    /// The virtio-serial port's name.
    public static let portName = "resetlab"
    /// Where the kernel lists virtio-serial ports.
    public static let portsFolder = "/sys/class/virtio-ports"
    /// In bytes: a longer write to the port is cut by the kernel.
    public static let largestWrite = 32768

    /// In virtual time an instruction takes two to the power of this, in nanoseconds (QEMU's `-icount shift`).
    ///
    /// By `scripts/bench shift`: at 2 ns no probe of two-sites is late, at 4 ns a few are; the lab's own part of the delay is half as long, and the
    /// rehearsal takes no longer. At 1 ns it does.
    public static let instructionShift = 1
    /// In nanoseconds.
    public static let instructionTime: Int64 = 1 << Int64(instructionShift)

    /// The I/O port of QEMU's `pvpanic` device, which can stop a machine at the instruction that writes to it.
    public static let readyPort: UInt16 = 0x505
    public static let readyValue: UInt8 = 1
    /// Longer than the kernel's tick, so that the jump is interrupted by a timer that was set before the write.
    public static let templatePause = Duration.milliseconds(20)

    /// The I/O port of QEMU's `isa-debug-exit` device.
    public static let exitPort: UInt16 = 0xF4
    /// The largest status that the way out can carry.
    public static let largestStatus: UInt8 = 95

    /// What the agent writes to the exit port.
    ///
    /// QEMU exits with twice the value plus one. Values below 16 are left out, because QEMU's own failures end it with status 1.
    public static func exitValue(forStatus status: UInt8) -> UInt8 { 16 + min(status, largestStatus) }

    /// The agent's status from QEMU's, or nil when the machine ended in another way.
    public static func status(fromEmulatorStatus status: Int32) -> UInt8? {
        guard status & 1 == 1, status >= 33, status <= 33 + 2 * Int32(largestStatus) else { return nil }
        return UInt8((status - 33) / 2)
    }
}
