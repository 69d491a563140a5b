import AgentProtocol
import Processes
import TestRequirements
import Testing

@testable import GuestKernel

@Suite struct MachineArgumentsTests {
    /// The values behind an option, in order.
    private func values(_ option: String, _ arguments: [String]) -> [String] {
        arguments.indices.dropLast().filter { arguments[$0] == option }.map { arguments[$0 + 1] }
    }

    private func arguments(_ clock: GuestClock) -> [String] { MachineArguments(kernel: "/k/vmlinux", clock: clock, memory: 384).arguments }

    private static let counting = "shift=1,sleep=off,rr=record,rrfile=/dev/null"

    @Test func whole() {
        #expect(
            arguments(.virtual(seed: 7)) == [
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-machine", "microvm,pcie=on", "-smp", "1", "-m", "384",
                "-accel", "tcg", "-cpu", "max,-erms,-fsrm,-rdrand,-rdseed", "-icount", Self.counting, "-rtc",
                "base=2026-01-01,clock=vm",
                "-seed", "1", "-kernel", "/k/vmlinux", "-append",
                "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off cryptomgr.notests init_on_alloc=0 "
                    + "psi=0 lsm= apparmor=0 hardened_usercopy=off randomize_kstack_offset=off audit=0 "
                    + "initcall_blacklist=jent_mod_init,trace_eval_init,bpf_tcp_ca_kfunc_init,bpf_dummy_struct_ops_init,"
                    + "load_system_certificate_list LD_LIBRARY_PATH=/lib "
                    + "cpuidle.governor=ladder rcu_nocbs=0 rcutree.jiffies_till_first_fqs=25 rcutree.jiffies_till_next_fqs=25 "
                    + "rcupdate.rcu_expedited=1 SWIFT_DETERMINISTIC_HASHING=1",
                "-initrd", "/proc/self/fd/5", "-chardev", "file,id=console,path=/dev/null,logfile=/proc/self/fd/3",
                "-serial", "chardev:console", "-chardev", "file,id=stream,path=/dev/null,logfile=/proc/self/fd/4",
                "-device", "virtio-serial-pci,ioeventfd=off", "-device", "virtserialport,chardev=stream,name=resetlab",
                "-object", "memory-backend-file,id=job,mem-path=/proc/self/fd/6,size=64M,share=on",
                "-device", "ivshmem-plain,memdev=job,master=on", "-device", "pvpanic,ioport=1285", "-action", "panic=none",
                "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
            ])
    }

    @Test(arguments: [
        (GuestClock.virtual(seed: 1), "tcg", "max,-erms,-fsrm,-rdrand,-rdseed", [counting], ["1"], "base=2026-01-01,clock=vm"),
        (.virtual(seed: .max), "tcg", "max,-erms,-fsrm,-rdrand,-rdseed", [counting], ["1"], "base=2026-01-01,clock=vm"),
        (.real(.emulated), "tcg", "max,-erms,-fsrm", [], [], "base=utc"), (.real(.kvm), "kvm", "host", [], [], "base=utc"),
    ]) func clocks(clock: GuestClock, accelerator: String, processor: String, counter: [String], seed: [String], base: String) {
        let arguments = arguments(clock)
        #expect(values("-accel", arguments) == [accelerator])
        #expect(values("-cpu", arguments) == [processor])
        #expect(values("-icount", arguments) == counter)
        #expect(values("-seed", arguments) == seed)
        #expect(values("-rtc", arguments) == [base])
        // microvm's kernel stops when the host is busy in real time.
        #expect(values("-machine", arguments) == [clock.isVirtual ? "microvm,pcie=on" : "q35"])
        // Nothing comes in while virtual time runs.
        let stream = clock.isVirtual ? "file,id=stream,path=/dev/null,logfile=/proc/self/fd/4" : "socket,id=stream,fd=4"
        #expect(values("-chardev", arguments).last == stream)
    }

    @Test func startsOfATemplate() {
        for (start, share, stops) in [(MachineArguments.Start.saving, "on", "panic=pause"), (.restoring, "off", "panic=none")] {
            var machine = MachineArguments(kernel: "/k/vmlinux", clock: .virtual(seed: 3), memory: 512)
            machine.start = start
            let arguments = machine.arguments
            #expect(values("-machine", arguments) == ["microvm,pcie=on,memory-backend=memory"])
            #expect(
                values("-object", arguments) == [
                    "memory-backend-file,id=memory,mem-path=/proc/self/fd/7,size=512M,share=\(share)",
                    "memory-backend-file,id=job,mem-path=/proc/self/fd/6,size=64M,share=\(share)",
                ])
            #expect(values("-action", arguments) == [stops])
            // A machine that records cannot be saved.
            #expect(values("-icount", arguments) == [start == .saving ? "shift=1,sleep=off" : Self.counting])
            #expect(values("-mon", arguments) == ["chardev=monitor,mode=\(start == .restoring ? "readline" : "control")"])
            #expect(values("-incoming", arguments) == (start == .restoring ? ["defer"] : []))
        }
    }

    @Test func withoutImage() {
        var machine = MachineArguments(kernel: "/k", clock: .real(.kvm), memory: 256)
        machine.hasImage = false
        #expect(!machine.arguments.contains("-initrd"))
        #expect(!machine.arguments.contains { $0.contains("virtio") })
    }

    @Test(arguments: [(0, 0, 512), (3, 13 << 20, 512), (90, 13 << 20, 1024), (500, 14 << 20, 2048), (1_000_000, 0, 4096), (-1, 0, 512)])
    func memory(nodes: Int, imageSize: Int, expected: Int) { #expect(GuestMemory.size(nodes: nodes, imageSize: imageSize) == expected) }

    // A small rehearsal's guest is the same as without probes.
    @Test(arguments: [(0, 512), (64 << 20, 512), (200 << 20, 1024), (1 << 30, 2048), (1 << 40, 4096), (.max, 4096)])
    func memoryForTraces(traces: Int, expected: Int) {
        #expect(GuestMemory.size(nodes: 3, imageSize: 13 << 20, traces: traces) == expected)
    }
}

@Suite struct GuestContractTests {
    @Test(arguments: UInt8(0)...GuestContract.largestStatus) func statusesGoThere(status: UInt8) {
        let code = Int32(GuestContract.exitValue(forStatus: status)) * 2 + 1
        #expect(code <= 255)
        #expect(GuestContract.status(fromEmulatorStatus: code) == status)
    }

    @Test(arguments: [0, 1, 2, 31, 32, 34, 225, 255] as [Int32]) func otherEndings(code: Int32) {
        #expect(GuestContract.status(fromEmulatorStatus: code) == nil)
    }
}

@Suite struct KVMTrialTests {
    @Test(arguments: [
        (Processes.ExitStatus?.some(.exited(0)), "[    0.9] Kernel panic - not syncing: VFS\n", KVMTrial.Verdict.works),
        (.exited(0), "", .fails(reason: "QEMU: exit status 0")),
        (.exited(1), "qemu: a\nqemu: no\n", .fails(reason: "QEMU: exit status 1: qemu: no")),
        (nil, "", .fails(reason: "a kernel does not start on it within 8 s")),
        (nil, "Kernel panic", .fails(reason: "a kernel does not start on it within 8 s")),
    ]) func verdicts(status: Processes.ExitStatus?, console: String, verdict: KVMTrial.Verdict) {
        #expect(KVMTrial.judge(status, console: console) == verdict)
    }

    @Test(Requirements.guestKernel, Requirements.program("qemu-system-x86_64")) func outcomeIsRemembered() throws {
        let folder = try TemporaryFolder()
        let trial = KVMTrial(kernel: try Requirements.kernel(), folder: CacheFolder(path: folder.path), launcher: nil)
        #expect(trial.rememberedVerdict == nil)
        let verdict = try trial.verdict()
        let hasDevice = FileTree.exists("/dev/kvm")
        #expect(trial.rememberedVerdict == (hasDevice ? verdict : nil))
        if hasDevice {
            // Another guest kernel's verdict stays beside it; its own is replaced, not added.
            #expect(try FileTree.text("\(folder.path)/kvm").split(separator: "\n").count == 1)
        }
    }
}
