import Foundation
import Testing

@testable import RunCost

@Suite struct MachineSpeedTests {
    private static func run(_ instructions: Double, _ wakeUps: Double, on rate: MachineSpeed.Rate, start: Double = 3, disturbed: Double = 1)
        -> MachineSpeed.Run
    {
        .init(
            start: start, rest: disturbed * rate.time(instructions: instructions, wakeUps: wakeUps), instructions: instructions,
            wakeUps: wakeUps)
    }

    @Test func theReferenceMachineIsAssumedOfOneThatIsUnknown() {
        #expect(MachineSpeed(guest: "6.12").rate == MachineSpeed.reference)
    }

    @Test func oneRunScalesBothRates() {
        var speed = MachineSpeed(guest: "6.12")
        let machine = MachineSpeed.Rate(
            instruction: 2 * MachineSpeed.reference.instruction, wakeUp: 2 * MachineSpeed.reference.wakeUp)
        speed.add(Self.run(1e9, 30_000, on: machine))
        #expect(abs(speed.rate.instruction / machine.instruction - 1) < 1e-9)
        #expect(abs(speed.rate.wakeUp / machine.wakeUp - 1) < 1e-9)
    }

    @Test func runsOfDifferentKindsTellTheRatesApart() {
        var speed = MachineSpeed(guest: "6.12")
        // As fast as the reference machine, but slow to wake up.
        let machine = MachineSpeed.Rate(instruction: MachineSpeed.reference.instruction, wakeUp: 3 * MachineSpeed.reference.wakeUp)
        for _ in 0..<8 {
            speed.add(Self.run(3e9, 1_000, on: machine))
            speed.add(Self.run(5e8, 60_000, on: machine))
        }
        #expect(abs(speed.rate.instruction / machine.instruction - 1) < 0.05)
        #expect(abs(speed.rate.wakeUp / machine.wakeUp - 1) < 0.15)
    }

    @Test func aDisturbedRunIsOutvoted() {
        var speed = MachineSpeed(guest: "6.12")
        for disturbed in [1, 1, 4, 1, 1.0] { speed.add(Self.run(1e9, 30_000, on: MachineSpeed.reference, disturbed: disturbed)) }
        #expect(abs(speed.rate.instruction / MachineSpeed.reference.instruction - 1) < 1e-9)
    }

    @Test func startsAreTheMedianOfTheirKind() {
        var speed = MachineSpeed(guest: "6.12")
        for start in [2, 9, 3.0] { speed.add(Self.run(1e9, 1, on: MachineSpeed.reference, start: start)) }
        #expect(speed.start(usingTemplate: false) == 3)
        #expect(speed.start(usingTemplate: true) == MachineSpeed.referenceTemplateStart)
    }

    @Test func onlyTheLastRunsAreKept() {
        var speed = MachineSpeed(guest: "6.12")
        for number in 1...100 { speed.add(Self.run(Double(number) * 1e6, 1, on: MachineSpeed.reference)) }
        #expect(speed.runs.count == MachineSpeed.kept)
        #expect(speed.runs.last?.instructions == 100e6)
    }

    @Test(arguments: [0, -1, Double.infinity, .nan, 1e9]) func aRunThatCannotBeIsNotTaken(seconds: Double) {
        var speed = MachineSpeed(guest: "6.12")
        speed.add(.init(start: seconds, rest: 5, instructions: 1e9, wakeUps: 10))
        speed.add(.init(start: 3, rest: seconds, instructions: 1e9, wakeUps: 10))
        #expect(speed.runs.isEmpty)
    }

    @Test func whatAFileSaysIsUsedOnlyIfItCanBeTrue() throws {
        var speed = MachineSpeed(guest: "6.12")
        #expect(!speed.isUsable(for: "6.12"))
        speed.add(Self.run(1e9, 30_000, on: MachineSpeed.reference))
        #expect(speed.isUsable(for: "6.12"))
        #expect(!speed.isUsable(for: "6.1"))
        let text = String(decoding: try JSONEncoder().encode(speed), as: UTF8.self)
        #expect(try JSONDecoder().decode(MachineSpeed.self, from: Data(text.utf8)) == speed)
        for (written, found) in [("\"start\":3", "\"start\":-3"), ("\"version\":1", "\"version\":0")] {
            let other = text.replacingOccurrences(of: written, with: found)
            #expect(other != text)
            #expect(try !JSONDecoder().decode(MachineSpeed.self, from: Data(other.utf8)).isUsable(for: "6.12"))
        }
    }
}
