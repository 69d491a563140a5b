import Glibc
import Links
import LinuxKernel
import TestRequirements

/// A network namespace for one test, removed with it.
final class ScratchNamespace {
    let thread: NamespaceThread
    let namespace: NetworkNamespace
    private let name: String

    init(_ purpose: String) throws {
        name = "rl-test-\(getpid())-\(purpose)"
        thread = try NamespaceThread()
        namespace = try thread.makeNamespace(named: name)
    }

    deinit { _ = try? NetworkNamespace.remove(named: name, identity: namespace.identity) }

    /// The right to make namespaces, found out by making one.
    static let requirement: Requirement = {
        do {
            _ = try ScratchNamespace("probe")
            return Requirement(reason: "")
        } catch {
            return Requirement(reason: "network namespaces cannot be made here: \(error)")
        }
    }()

    /// Bridges as well.
    static let bridges: Requirement = {
        guard requirement.reason.isEmpty else { return requirement }
        do {
            let scratch = try ScratchNamespace("bridge")
            try NetworkStack(of: scratch.namespace, on: scratch.thread).apply(.addBridge("bridge"))
            return Requirement(reason: "")
        } catch {
            return Requirement(reason: "no bridges can be made here: \(error)")
        }
    }()
}
