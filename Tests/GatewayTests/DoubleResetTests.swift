import Gateway
import LabPlan
import Testing

@Suite struct DoubleResetTests {
    @Test func withBothAwayTheFirstBackIsActiveAtOnce() {
        var clock = FakeClock()
        clock.send(.start)
        clock.advance(to: .seconds(100))
        clock.send(.resetRequested)
        clock.advance(to: .seconds(130))
        let second = clock.send(.resetRequested).actions
        #expect(second.first == .report(.resetRequested(reset: 2, .second)))
        #expect(second.contains(.report(.gatewayDown)))
        #expect(clock.machine.states == [.first: .restarting, .second: .restarting])

        clock.advance(to: .seconds(159))
        #expect(clock.actions(from: .milliseconds(130_001), through: .seconds(159)).isEmpty)

        clock.advance(to: .seconds(160))
        let back = clock.actions(from: .seconds(160), through: .seconds(160))
        #expect(
            Array(back.prefix(6)) == [
                .bringLinksUp(.first), .report(.instanceBack(.first)),
                .applyConfiguration(.first), .report(.configurationApplied(.first)),
                .takeAddresses(.first), .report(.standbyTookAddresses(.first)),
            ])
        #expect(clock.machine.states == [.first: .active, .second: .restarting])

        clock.advance(to: .seconds(300))
        #expect(clock.machine.states == [.first: .active, .second: .standby])
        #expect(clock.times(of: "reset-finished") == [.seconds(160), .seconds(190)])
        #expect(clock.times(of: "gateway-down") == [.seconds(130)])
    }

    /// While the standby has not taken over yet, it is the one that a second reset restarts.
    @Test(arguments: [2.0, 5.0]) func duringDetectionOrTakeoverTheSuccessorRestarts(at seconds: Double) {
        var clock = FakeClock()
        clock.send(.start)
        clock.send(.resetRequested)
        clock.advance(to: .milliseconds(Int(seconds * 1000)))
        clock.send(.resetRequested)
        clock.advance(to: .seconds(59))
        #expect(clock.machine.states == [.first: .restarting, .second: .restarting])
        #expect(clock.times(of: "standby-took-addresses") == [.zero])
        clock.advance(to: .seconds(100))
        #expect(clock.machine.states == [.first: .active, .second: .standby])
    }

    @Test func aThirdResetFindsNothingToRestart() {
        var clock = FakeClock()
        clock.send(.start)
        clock.send(.resetRequested)
        clock.send(.resetRequested)
        #expect(clock.send(.resetRequested) == .ignored(.noInstanceToRestart))
        clock.advance(to: .seconds(100))
        #expect(clock.events.filter { $0.event.kind == "reset-finished" }.count == 2)
    }

    @Test func exchangesUnderWayAreAbandonedAndTheirResultsIgnored() {
        var clock = FakeClock(connections: 2)
        clock.keyExchangesSucceed = false
        clock.send(.start)
        let first = KeyExchangeID(connection: ConnectionID(rawValue: 0), number: 1)
        let second = KeyExchangeID(connection: ConnectionID(rawValue: 1), number: 2)
        clock.send(.keyExchangeCompleted(first))
        let reaction = clock.send(.resetRequested)
        #expect(reaction.actions.filter { if case .abandonKeyExchange = $0 { true } else { false } } == [.abandonKeyExchange(second)])
        #expect(clock.send(.keyExchangeCompleted(second)) == .ignored(.unknownKeyExchange(second)))
        clock.advance(to: .seconds(6))
        #expect(clock.send(.keyExchangeCompleted(second)) == .ignored(.unknownKeyExchange(second)))
        #expect(
            clock.machine.connections
                == [3, 4].enumerated().map { index, number in
                    .exchangingKeys(KeyExchangeID(connection: ConnectionID(rawValue: index), number: number))
                })
    }
}
