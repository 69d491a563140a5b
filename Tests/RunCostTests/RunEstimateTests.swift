import Foundation
import LabPlan
import Testing

@testable import RunCost

@Suite struct RunEstimateTests {
    @Test func itsPartsAreTheWhole() throws {
        let estimate = RunEstimate(try RunWorkTests.plan(), trials: 3, on: nil, guestMemory: 512)
        #expect(abs(estimate.parts.reduce(0) { $0 + $1.share } - 1) < 0.001)
        #expect(abs(3 * estimate.parts.reduce(0) { $0 + $1.seconds } - estimate.seconds) < 0.05)
        #expect(abs(estimate.parts.reduce(0) { $0 + $1.instructions } - estimate.instructions) < 20)
        #expect(estimate.parts.first?.name == "start")
        #expect(estimate.virtualSeconds == 60)
        #expect(estimate.probes == 2_400)
    }

    @Test func itGrowsWithTheWorkAndWithTheMachine() throws {
        let plan = try RunWorkTests.plan()
        let estimate = RunEstimate(plan, on: nil)
        var longer = plan
        longer.rehearsal.duration = .seconds(600)
        #expect(RunEstimate(longer, on: nil).instructions > estimate.instructions)
        var slow = MachineSpeed(guest: "6.12")
        slow.add(.init(start: 10, rest: 100, instructions: 1e9, wakeUps: 10_000))
        #expect(RunEstimate(plan, on: slow).seconds > 2 * estimate.seconds)
        #expect(RunEstimate(plan, on: slow).instructions == estimate.instructions)
    }

    @Test func itSaysWhatItGoesBy() throws {
        let plan = try RunWorkTests.plan()
        let unknown = RunEstimate(plan, on: nil)
        #expect(unknown.text.contains("This machine's speed is not known yet"))
        #expect(!unknown.text.contains("MiB"))
        var speed = MachineSpeed(guest: "6.12")
        speed.add(.init(start: 3, rest: 5, instructions: 1e9, wakeUps: 10_000))
        let known = RunEstimate(plan, trials: 20, on: speed, guestMemory: 512)
        #expect(known.text.contains("by its last rehearsal: "))
        #expect(known.text.contains("512 MiB"))
        #expect(known.text.contains("20 trials"))
        #expect(known.speed.runs == 1)
    }

    @Test func moreThanTheGuestCanDoIsTold() throws {
        var plan = try RunWorkTests.plan(sites: 50)
        #expect(RunEstimate(plan, on: nil).load < 1)
        #expect(!RunEstimate(plan, on: nil).text.contains("not be sent in time"))
        plan.rehearsal.probeRate = 1_000
        #expect(RunEstimate(plan, on: nil).load > 1)
        #expect(RunEstimate(plan, on: nil).text.contains("many probes will not be sent in time"))
    }

    @Test func asJSONItReadsTheSame() throws {
        let estimate = RunEstimate(try RunWorkTests.plan(), on: nil, guestMemory: 1_024)
        let text = try estimate.json()
        #expect(text.hasSuffix("}\n"))
        #expect(try JSONDecoder().decode(RunEstimate.self, from: Data(text.utf8)) == estimate)
    }

    @Test(arguments: [
        (0, 0, "0"), (999, 0, "999"), (24_000, 0, "24,000"), (1_234_567, 0, "1,234,567"), (4.618, 2, "4.62"), (0.05, 1, "0.1"),
    ])
    func numbers(value: Double, places: Int, text: String) { #expect(Decimal.text(value, places) == text) }
}
