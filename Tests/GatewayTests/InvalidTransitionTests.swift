import Gateway
import LabPlan
import Testing

@Suite struct InvalidTransitionTests {
    private static let timer = GatewayTimer(purpose: .detection(of: .first), generation: 1)

    @Test(arguments: [GatewayInput.reset, .timerFired(timer), .tunnelsSettled(.first), .instanceBack(.first)])
    func beforeTheStartNothingHappens(input: GatewayInput) {
        var machine = GatewayMachine(timing: .forTests)
        #expect(machine.handle(input) == .ignored(.notStarted))
        #expect(machine.states == [.first: .gone, .second: .gone])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var input: GatewayInput
        var reason: IgnoredInput
        var testDescription: String { "\(reason)" }
    }

    @Test(arguments: [
        Case(input: .start, reason: .alreadyStarted),
        Case(input: .timerFired(timer), reason: .staleTimer(timer)),
        Case(input: .tunnelsSettled(.second), reason: .notActive(.second)),
        Case(input: .instanceBack(.first), reason: .notRestarting(.first)),
        Case(input: .instanceBack(.second), reason: .notRestarting(.second)),
    ])
    func whileRunning(_ example: Case) {
        var clock = FakeClock()
        clock.send(.start)
        let states = clock.machine.states
        #expect(clock.send(example.input) == .ignored(example.reason))
        #expect(clock.machine.states == states)
    }

    @Test func aTimerFiresOnce() throws {
        var machine = GatewayMachine(timing: .forTests)
        let timer = try #require(machine.handle(.start).actions.compactMap(\.startedTimer).first)
        #expect(!machine.handle(.timerFired(timer)).actions.isEmpty)
        #expect(machine.handle(.timerFired(timer)) == .ignored(.staleTimer(timer)))
    }

    /// A second reset cancels the first one's detection; its timer may have fired meanwhile all the same.
    @Test func cancelledTimersAreStale() throws {
        var machine = GatewayMachine(timing: .forTests)
        _ = machine.handle(.start)
        let timers = machine.handle(.reset).actions.compactMap(\.startedTimer)
        let detection = try #require(timers.first { $0.purpose == .detection(of: .first) })
        #expect(machine.handle(.reset).actions.contains(.cancelTimer(detection)))
        #expect(machine.handle(.timerFired(detection)) == .ignored(.staleTimer(detection)))
    }

    /// A running timer of the same purpose does not make an older one valid.
    @Test func olderGenerationsAreStale() throws {
        var clock = FakeClock()
        clock.send(.start)
        clock.send(.reset)
        let first = try #require(clock.log.compactMap(\.action.startedTimer).first { $0.purpose == .detection(of: .first) })
        clock.advance(to: .seconds(100))
        clock.send(.reset)
        clock.advance(to: .seconds(200))
        clock.send(.reset)
        #expect(clock.send(.timerFired(first)) == .ignored(.staleTimer(first)))
        clock.advance(to: .seconds(300))
        #expect(clock.machine.states == [.first: .standby, .second: .active])
    }

    /// Whatever comes, nothing that can move is held twice, nothing is taken by who holds it, only active instances hold anything, and nothing traps.
    @Test(arguments: UInt64(1)...20, [false, true]) func randomInputsKeepTheInvariants(seed: UInt64, isActiveActive: Bool) {
        var state = seed
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var machine = GatewayMachine(isActiveActive: isActiveActive, timing: .forTests)
        var timers: [GatewayTimer] = []
        var holders: [AddressSet: Set<InstanceID>] = [:]
        for _ in 0..<2_000 {
            let instance: InstanceID = random(2) == 0 ? .first : .second
            let input: GatewayInput =
                switch random(9) {
                case 0: .start
                case 1: .reset
                case 2: .restart(RestartCause.allCases[random(3)], instance)
                case 3: .tunnelsSettled(instance)
                case 4: .instanceBack(instance)
                default: timers.isEmpty ? .start : .timerFired(timers[random(timers.count)])
                }
            for action in machine.handle(input).actions {
                switch action {
                case .startTimer(let timer, _): timers = timers.suffix(5) + [timer]
                case .takeAddresses(let instance, let set):
                    #expect(holders[set, default: []].insert(instance).inserted, "\(instance) takes \(set) twice")
                case .releaseAddresses(let instance, let set): holders[set]?.remove(instance)
                default: break
                }
                #expect(holders.values.allSatisfy { $0.count <= 1 })
            }
            let active = Set(machine.activeInstances)
            #expect(holders.values.allSatisfy { $0.isSubset(of: active) })
            if isActiveActive {
                #expect(InstanceID.allCases.allSatisfy { holders[.own($0)] ?? [] == (active.contains($0) ? [$0] : []) })
            } else {
                #expect(active.count <= 1 && holders[.gateway] ?? [] == active)
            }
        }
    }
}
