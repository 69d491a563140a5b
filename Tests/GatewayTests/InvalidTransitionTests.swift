import Gateway
import LabPlan
import Testing

@Suite struct InvalidTransitionTests {
    private static let exchange = KeyExchangeID(connection: ConnectionID(rawValue: 0), number: 1)

    @Test(arguments: [
        GatewayInput.resetRequested, .timerFired(GatewayTimer(purpose: .detection, generation: 1)), .keyExchangeCompleted(exchange),
        .keyExchangeFailed(exchange), .instanceBack(.first),
    ])
    func beforeTheStartNothingHappens(input: GatewayInput) {
        var machine = GatewayMachine(connectionCount: 1, timing: .forTests)
        #expect(machine.handle(input) == .ignored(.notStarted))
        #expect(machine.states == [.first: .gone, .second: .gone])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var input: GatewayInput
        var reason: IgnoredInput
        var testDescription: String { "\(reason)" }
    }

    private static let unknown = KeyExchangeID(connection: ConnectionID(rawValue: 7), number: 1)
    private static let negative = KeyExchangeID(connection: ConnectionID(rawValue: -1), number: 1)
    private static let timer = GatewayTimer(purpose: .detection, generation: 1)

    @Test(arguments: [
        Case(input: .start, reason: .alreadyStarted),
        Case(input: .timerFired(timer), reason: .staleTimer(timer)),
        // It completed already.
        Case(input: .keyExchangeCompleted(exchange), reason: .unknownKeyExchange(exchange)),
        Case(input: .keyExchangeFailed(exchange), reason: .unknownKeyExchange(exchange)),
        Case(input: .keyExchangeCompleted(unknown), reason: .unknownKeyExchange(unknown)),
        Case(input: .keyExchangeCompleted(negative), reason: .unknownKeyExchange(negative)),
        Case(input: .instanceBack(.first), reason: .notRestarting(.first)),
        Case(input: .instanceBack(.second), reason: .notRestarting(.second)),
    ])
    func whileRunning(_ example: Case) {
        var clock = FakeClock()
        clock.send(.start)
        let states = clock.machine.states
        let connections = clock.machine.connections
        #expect(clock.send(example.input) == .ignored(example.reason))
        #expect(clock.machine.states == states)
        #expect(clock.machine.connections == connections)
    }

    @Test func aTimerFiresOnce() throws {
        var machine = GatewayMachine(connectionCount: 0, timing: .forTests)
        let timer = try #require(machine.handle(.start).actions.compactMap(\.startedTimer).first)
        #expect(!machine.handle(.timerFired(timer)).actions.isEmpty)
        #expect(machine.handle(.timerFired(timer)) == .ignored(.staleTimer(timer)))
    }

    /// A second reset cancels the first one's detection; its timer may have fired meanwhile all the same.
    @Test func cancelledTimersAreStale() throws {
        var machine = GatewayMachine(connectionCount: 0, timing: .forTests)
        _ = machine.handle(.start)
        let timers = machine.handle(.resetRequested).actions.compactMap(\.startedTimer)
        let detection = try #require(timers.first { $0.purpose == .detection })
        #expect(machine.handle(.resetRequested).actions.contains(.cancelTimer(detection)))
        #expect(machine.handle(.timerFired(detection)) == .ignored(.staleTimer(detection)))
    }

    /// A running timer of the same purpose does not make an older one valid.
    @Test func olderGenerationsAreStale() throws {
        var clock = FakeClock()
        clock.send(.start)
        clock.send(.resetRequested)
        let first = try #require(clock.log.compactMap(\.action.startedTimer).first { $0.purpose == .detection })
        clock.advance(to: .seconds(100))
        clock.send(.resetRequested)
        #expect(clock.send(.timerFired(first)) == .ignored(.staleTimer(first)))
        clock.advance(to: .seconds(200))
        #expect(clock.machine.states == [.first: .active, .second: .standby])
    }

    /// Whatever comes, no two instances are active, and nothing traps.
    @Test(arguments: UInt64(1)...20) func randomInputsKeepTheInvariants(seed: UInt64) {
        var state = seed
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var machine = GatewayMachine(connectionCount: 2, timing: .forTests)
        var timers: [GatewayTimer] = []
        var exchanges: [KeyExchangeID] = []
        var holders: Set<InstanceID> = []
        for _ in 0..<2_000 {
            let input: GatewayInput =
                switch random(8) {
                case 0: .start
                case 1: .resetRequested
                case 2 where !exchanges.isEmpty: .keyExchangeCompleted(exchanges[random(exchanges.count)])
                case 3 where !exchanges.isEmpty: .keyExchangeFailed(exchanges[random(exchanges.count)])
                case 4: .instanceBack(random(2) == 0 ? .first : .second)
                default: timers.isEmpty ? .start : .timerFired(timers[random(timers.count)])
                }
            for action in machine.handle(input).actions {
                switch action {
                case .startTimer(let timer, _): timers = timers.suffix(5) + [timer]
                case .beginKeyExchange(let exchange, let instance):
                    exchanges = exchanges.suffix(3) + [exchange]
                    #expect(holders == [instance])
                case .takeAddresses(let instance): holders.insert(instance)
                case .releaseAddresses(let instance): holders.remove(instance)
                default: break
                }
                #expect(holders.count <= 1)
            }
            #expect(machine.states.values.count { $0 == .active } <= 1)
            #expect(Set([machine.activeInstance].compactMap { $0 }) == holders)
        }
    }
}

extension GatewayAction {
    var startedTimer: GatewayTimer? { if case .startTimer(let timer, _) = self { timer } else { nil } }
}
