import AgentProtocol

/// The command line that makes QEMU the machine the agent expects.
///
/// Nothing in it has a name in the file system apart from the kernel: console, stream, image and job are descriptors that QEMU inherits, so that
/// nothing is left behind however QEMU or the controller ends.
struct MachineArguments: Equatable {
    static let program = "qemu-system-x86_64"
    static let package = "qemu-system-x86"

    /// The descriptors' numbers in QEMU.
    static let consoleDescriptor: Int32 = 3
    static let streamDescriptor: Int32 = 4
    static let imageDescriptor: Int32 = 5
    static let jobDescriptor: Int32 = 6
    static let memoryDescriptor: Int32 = 7
    static let monitorDescriptor: Int32 = 8
    static let stateDescriptor: Int32 = 9

    /// What becomes of the machine at the template point.
    enum Start: Equatable {
        /// It passes it by.
        case cold
        /// It stops there, to be saved; its memory is a file.
        case saving
        /// It begins there, with a file's memory, which it changes for itself alone, and a saved state.
        case restoring
    }

    var kernel: String
    /// Whether there is an image; a kernel without one only proves that the processor works.
    var hasImage = true
    var clock: GuestClock
    /// In MiB.
    var memory: Int
    /// Of interest in virtual time only.
    var start = Start.cold

    var arguments: [String] {
        var arguments = ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
        arguments += ["-machine", machine, "-smp", "1", "-m", String(memory)]
        arguments += memoryInFile
        arguments += timekeeping
        arguments += ["-kernel", kernel, "-append", commandLine]
        if hasImage { arguments += ["-initrd", path(MachineArguments.imageDescriptor)] }
        arguments += ["-chardev", "file,id=console,path=/dev/null,logfile=\(path(MachineArguments.consoleDescriptor))"]
        arguments += ["-serial", "chardev:console"]
        if hasImage { arguments += stream }
        if clock.isVirtual { arguments += job }
        arguments += ["-device", "isa-debug-exit,iobase=0x\(String(GuestContract.exitPort, radix: 16)),iosize=0x04"]
        return arguments
    }

    private var machine: String {
        // The smallest machine with PCI, and the fastest to start. Its virtio-mmio slots get no interrupts here, hence the PCI devices.
        if clock.isVirtual { return start == .cold ? "microvm,pcie=on" : "microvm,pcie=on,memory-backend=memory" }
        // In real time the kernel has to find out how fast the processor's counter runs. Beside other load that fails against microvm's only
        // timer, the PIT, and the kernel then stops; a whole PC has more timers to go by.
        return "q35"
    }

    private var timekeeping: [String] {
        switch clock {
        case .virtual:
            // QEMU's own seed is always the same: a template must do for every run, and the run's seed is in its job.
            [
                "-accel", "tcg", "-cpu", MachineArguments.emulatedProcessor + MachineArguments.withoutRandomInstructions, "-icount",
                "shift=\(GuestContract.instructionShift),sleep=off" + recording, "-rtc", "base=2026-01-01,clock=vm", "-seed", "1",
            ]
        case .real(.emulated): ["-accel", "tcg", "-cpu", MachineArguments.emulatedProcessor, "-rtc", "base=utc"]
        case .real(.kvm): ["-accel", "kvm", "-cpu", "host", "-rtc", "base=utc"]
        }
    }

    /// What is recorded nobody reads. But while it records, QEMU lets its main thread do nothing as long as the processor's thread executes
    /// instructions (`replay_mutex`). Otherwise the main thread may find the processor halted before the instructions up to the halt are counted,
    /// and moves virtual time on by as many too much (`icount_start_warp_timer`): beside load that came in one of a few long runs.
    ///
    /// A machine that records cannot be saved: QEMU's migration thread reads a clock that only the recording threads may read.
    private var recording: String { start == .saving ? "" : ",rr=record,rrfile=/dev/null" }

    /// All that QEMU can do, except that the kernel is not told of fast string instructions: emulated, each byte of them takes an instruction's
    /// time, and the kernel's own loops move eight at once.
    static let emulatedProcessor = "max,-erms,-fsrm"

    /// Where QEMU stands in its random numbers is not saved with a machine.
    private static let withoutRandomInstructions = ",-rdrand,-rdseed"

    /// The guest's memory, where it is a file. Shared, it is not part of the saved state (`x-ignore-shared`).
    private var memoryInFile: [String] {
        guard clock.isVirtual, start != .cold else { return [] }
        return ["-object", backend("memory", MachineArguments.memoryDescriptor, megabytes: memory)]
    }

    /// The job's window, the way to stop at the template point, and the monitor where it is needed.
    private var job: [String] {
        var arguments = [
            "-object", backend("job", MachineArguments.jobDescriptor, megabytes: JobWindow.size >> 20),
            "-device", "ivshmem-plain,memdev=job,master=on",
            "-device", "pvpanic,ioport=\(GuestContract.readyPort)", "-action", "panic=\(start == .saving ? "pause" : "none")",
        ]
        if start != .cold {
            let mode = start == .restoring ? "readline" : "control"
            arguments += ["-chardev", "socket,id=monitor,fd=\(MachineArguments.monitorDescriptor)"]
            arguments += ["-mon", "chardev=monitor,mode=\(mode)"]
        }
        if start == .restoring { arguments += ["-incoming", "defer"] }
        return arguments
    }

    /// Private when restored: what is written to it then is not the file's.
    private func backend(_ name: String, _ descriptor: Int32, megabytes: Int) -> String {
        "memory-backend-file,id=\(name),mem-path=\(path(descriptor)),size=\(megabytes)M,share=\(start == .restoring ? "off" : "on")"
    }

    private var stream: [String] {
        let device = [
            // Without ioeventfd the device does its work in the processor's own thread, between two instructions. With it, another thread would
            // do it at some moment, and virtual time would depend on which.
            "-device", "virtio-serial-pci,ioeventfd=off",
            "-device", "virtserialport,chardev=stream,name=\(GuestContract.portName)",
        ]
        // Virtual time: output only, and through the log, which is written in the processor's thread and waits for a slow reader, while virtual
        // time stands still. A chardev of its own would drop to asynchronous writing as soon as the reader falls behind.
        let backend =
            clock.isVirtual
            ? "file,id=stream,path=/dev/null,logfile=\(path(MachineArguments.streamDescriptor))"
            : "socket,id=stream,fd=\(MachineArguments.streamDescriptor)"
        return ["-chardev", backend] + device
    }

    /// The kernel's command line.
    private var commandLine: String {
        // Process 1 would otherwise wait for random bytes before it could give the kernel any.
        let variables = clock.isVirtual ? ["SWIFT_DETERMINISTIC_HASHING=1"] : []
        let parameters = [
            "console=ttyS0", "quiet",
            // A panic ends the machine at once, and with `-no-reboot` QEMU too.
            "panic=-1",
            // On a busy machine an emulated timer's first interrupts are late, and the kernel would panic for a broken one (`check_timer`).
            "no_timer_check",
            "mitigations=off", "cryptomgr.notests",
            // A hardening that clears every packet's memory before use.
            "init_on_alloc=0",
            // What every packet pays for and no lab uses: the accounting of stalls, security modules and their packet filters, checks of what is
            // copied from and to programs, a random place for each system call's stack, the audit. Together 1,800 instructions a probe of 50,000.
            "psi=0", "lsm=", "apparmor=0", "hardened_usercopy=off", "randomize_kstack_offset=off", "audit=0",
            "initcall_blacklist=\(MachineArguments.skippedInitialisation.joined(separator: ","))",
            // What the kernel does not know goes into process 1's environment.
            "LD_LIBRARY_PATH=\(GuestContract.libraryFolder)",
        ]
        return (parameters + (clock.isVirtual ? MachineArguments.quietIdling : []) + variables).joined(separator: " ")
    }

    /// What lets the processor sleep until something happens in the lab: each waking takes 40 µs of real time and more, and instructions.
    ///
    /// With `ProcessorTable`, two-sites has 29 % fewer wakings and 4 % fewer instructions, a single site with 100 probes a second 61 % and 13 %.
    private static let quietIdling = [
        // The idle driver that `ProcessorTable` brings always stops the tick with this governor, and decides in a few instructions.
        "cpuidle.governor=ladder",
        // Every packet leaves something to be freed when no reader can see it any more. While the processor itself has to do that, its tick goes
        // on; a thread of the kernel's lets it stop, and looks after grace periods every 100 ms (25 ticks) rather than every 4.
        "rcu_nocbs=0", "rcutree.jiffies_till_first_fqs=25", "rcutree.jiffies_till_next_fqs=25",
        // Whoever waits for a grace period shall not wait for that thread.
        "rcupdate.rcu_expedited=1",
    ]

    /// Parts of the kernel that take long to initialise and do nothing for a lab; names that a kernel does not have are passed over. Together
    /// they save 1.3 s of virtual time on 6.12.
    private static let skippedInitialisation = [
        // The jitter entropy source measures itself: 0.52 s.
        "jent_mod_init",
        // The enumerations' names in trace events: 0.50 s.
        "trace_eval_init",
        // The type information that BPF programs are checked against: 0.20 s.
        "bpf_tcp_ca_kfunc_init", "bpf_dummy_struct_ops_init",
        // The keys that modules are signed with; the image's modules are not: 0.11 s.
        "load_system_certificate_list",
    ]

    private func path(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }
}
