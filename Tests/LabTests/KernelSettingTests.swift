import LinuxKernel
import TestRequirements
import Testing

@Suite(.enabled(if: ScratchNamespace.requirement.letTestsRun, "\(ScratchNamespace.requirement.reason)"))
struct KernelSettingTests {
    private static let name = "ipv4/ip_default_ttl"

    /// They are written through an instance of procfs of the thread's own, and read through everyone's.
    @Test func areWrittenWhereTheyBelong() throws {
        let thread = try NamespaceThread()
        let scratch = try (0..<3).map { try ScratchNamespace("setting-\($0)") }
        for (index, scratch) in scratch.enumerated() {
            try KernelSetting.write([KernelSetting(Self.name, "\(70 + index)")], in: scratch.namespace, on: thread)
        }
        for (index, scratch) in scratch.enumerated() {
            #expect(try KernelSetting.read(Self.name, in: scratch.namespace, on: scratch.thread) == "\(70 + index)")
        }
    }

    /// More than go through one instance, of two families in turn.
    @Test func instancesAreRenewed() throws {
        let scratch = try ScratchNamespace("setting-often")
        for value in 1...200 {
            try KernelSetting.write(
                [KernelSetting(Self.name, "\(value)"), KernelSetting("ipv6/conf/all/hop_limit", "\(value)")], in: scratch.namespace,
                on: scratch.thread)
        }
        #expect(try KernelSetting.read(Self.name, in: scratch.namespace, on: scratch.thread) == "200")
        #expect(try KernelSetting.read("ipv6/conf/all/hop_limit", in: scratch.namespace, on: scratch.thread) == "200")
    }

    @Test func mistakesAreNamed() throws {
        let scratch = try ScratchNamespace("setting-mistake")
        #expect(throws: SystemCallError.self) {
            try KernelSetting.write([KernelSetting("ipv4/there_is_none", "1")], in: scratch.namespace, on: scratch.thread)
        }
        do {
            try KernelSetting.write([KernelSetting("ipv9/x", "1")], in: scratch.namespace, on: scratch.thread)
            Issue.record("there is no such family")
        } catch {
            #expect("\(error)".contains("/proc/sys/net/ipv9"))
        }
    }
}
