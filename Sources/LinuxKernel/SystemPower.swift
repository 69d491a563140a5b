import CLinux
import Glibc

/// The end of the machine, for process 1 of a guest.
public enum SystemPower {
    /// Switches the machine off. Returns only by an error.
    public static func powerOff() throws {
        sync()
        try systemCall("reboot", "to power off") { linux_power_off() }
    }

    /// Starts the machine again. Returns only by an error.
    public static func restart() throws {
        sync()
        try systemCall("reboot", "to restart") { linux_restart() }
    }

    /// Ends QEMU through its `isa-debug-exit` device, faster than any shutdown; its exit status is `status * 2 + 1`.
    ///
    /// - Parameters:
    ///   - status: 0 to 127.
    ///   - port: the device's `iobase`.
    /// - Throws: `SystemCallError` with ENOSYS on machines without I/O ports. Without the device the call returns and has done nothing.
    public static func exitEmulator(status: UInt8, port: UInt16 = 0xf4) throws {
        try systemCall("write to I/O port", "isa-debug-exit") { linux_exit_emulator(port, status) }
    }

    /// Lets QEMU stop the machine at this instruction (its `pvpanic` device), in such a way that the stop cannot be told afterwards: what runs
    /// next is one jump to itself until a signal of this process's own timer.
    ///
    /// - Parameter pause: how long until then, under a second.
    /// - Throws: `SystemCallError` with ENOSYS on machines without I/O ports.
    public static func passStoppingPoint(port: UInt16, value: UInt8, pause: Duration) throws {
        let microseconds = Int(pause.components.attoseconds / 1_000_000_000_000)
        try systemCall("write to I/O port", "pvpanic") { linux_write_port_and_spin(port, value, microseconds) }
    }
}
