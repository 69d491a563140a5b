import AgentProtocol
import Glibc
import Lab

/// Runs checks one after the other on the kernel it finds.
struct CheckRun {
    /// By name, what this kernel was found unable to do, and what it said.
    private let missing: [Capability.Name: String]

    /// Tries out what the kernel can do.
    init() {
        let lacking = CapabilityProbe.run().filter { !$0.works }
        missing = Dictionary(lacking.map { ($0.name, $0.detail) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter report: told each verdict as it falls.
    /// - Returns: how many checks failed.
    func run(_ checks: [KernelCheck], report: (CheckVerdict) throws -> Void) rethrows -> Int {
        var failures = 0
        for check in checks {
            let verdict = verdict(on: check)
            if verdict.outcome == .failed { failures += 1 }
            try report(verdict)
        }
        return failures
    }

    private func verdict(on check: KernelCheck) -> CheckVerdict {
        if let reason = reasonToSkip(check) { return CheckVerdict(name: check.name, outcome: .skipped, detail: reason) }
        do {
            try check.run()
            return CheckVerdict(name: check.name, outcome: .passed, detail: "")
        } catch {
            return CheckVerdict(name: check.name, outcome: .failed, detail: "\(error)")
        }
    }

    private func reasonToSkip(_ check: KernelCheck) -> String? {
        for need in check.needs {
            if let detail = missing[need] { return "this kernel lacks \(need.rawValue): \(detail)" }
        }
        for file in check.files where access(file, R_OK) != 0 { return "only in the test's guest: there is no \(file)" }
        return nil
    }
}
