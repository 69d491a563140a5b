import GuestKernel
import TestRequirements
import Testing

@testable import resetlab_kernel_tests

/// What needs a kernel with ESP, netem and the right to use them, run in a guest.
@Suite(.serialized, .enabled(if: CheckGuest.requirement.letTestsRun, "\(CheckGuest.requirement.reason)"), .timeLimit(.minutes(15)))
struct KernelCheckTests {
    @Test(arguments: KernelCheck.all.map(\.name)) func holds(check: String) throws {
        let guest = try CheckGuest.shared.get()
        let verdict = try #require(guest.verdicts[check], "no verdict; \(guest.diagnosis)")
        // The guest has all that a check can need.
        #expect(verdict.outcome == .passed, "\(verdict.detail)")
    }

    @Test func everyCheckHasANameOfItsOwn() {
        let names = KernelCheck.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    /// An old build of the checks has others.
    @Test func guestRanTheseChecksAndNoOthers() throws {
        let guest = try CheckGuest.shared.get()
        #expect(Set(guest.verdicts.keys) == Set(KernelCheck.all.map(\.name)))
        #expect(guest.ending == .agent(status: 0), "\(guest.diagnosis)")
    }
}
