import Gateway
import LabPlan
import Testing

@Suite struct DoubleResetTests {
    @Test func withBothAwayTheFirstBackIsActiveAtOnce() {
        var clock = FakeClock()
        clock.send(.start)
        clock.advance(to: .seconds(100))
        clock.send(.reset)
        clock.advance(to: .seconds(130))
        let second = clock.send(.reset).actions
        #expect(second.first == .report(.restartRequested(Restart(number: 2, cause: .reset, instance: .second))))
        #expect(second.contains(.report(.gatewayDown)))
        #expect(clock.machine.states == [.first: .restarting, .second: .restarting])

        clock.advance(to: .seconds(159))
        #expect(clock.actions(from: .milliseconds(130_001), through: .seconds(159)).isEmpty)

        clock.advance(to: .seconds(160))
        let back = clock.actions(from: .seconds(160), through: .seconds(160))
        #expect(
            Array(back.prefix(7)) == [
                .applyConfiguration(.first), .bringLinksUp(.first), .report(.instanceBack(.first)),
                .applyConfiguration(.first), .report(.configurationApplied(.first)),
                .takeAddresses(.first, .gateway), .report(.standbyTookAddresses(.first)),
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
        clock.send(.reset)
        clock.advance(to: .milliseconds(Int(seconds * 1000)))
        clock.send(.reset)
        clock.advance(to: .seconds(59))
        #expect(clock.machine.states == [.first: .restarting, .second: .restarting])
        #expect(clock.times(of: "standby-took-addresses") == [.zero])
        clock.advance(to: .seconds(100))
        #expect(clock.machine.states == [.first: .active, .second: .standby])
    }

    @Test func aThirdResetFindsNothingToRestart() {
        var clock = FakeClock()
        clock.send(.start)
        clock.send(.reset)
        clock.send(.reset)
        #expect(clock.send(.reset) == .ignored(.noInstanceToRestart))
        #expect(clock.send(.restart(.failure, .first)) == .ignored(.noInstanceToRestart))
        clock.advance(to: .seconds(100))
        #expect(clock.times(of: "reset-finished").count == 2)
    }

    /// The instance that is back while its successor restarts has nobody to take over from.
    @Test func tunnelsUnderWayAreForgotten() {
        var clock = FakeClock()
        clock.tunnelsSettle = false
        clock.send(.start)
        #expect(clock.send(.reset).actions.contains(.forgetTunnels(.first)))
        #expect(clock.send(.tunnelsSettled(.first)) == .ignored(.notActive(.first)))
        clock.advance(to: .seconds(6))
        #expect(clock.send(.tunnelsSettled(.first)) == .ignored(.notActive(.first)))
        #expect(!clock.machine.isForwarding)
        clock.send(.tunnelsSettled(.second))
        #expect(clock.machine.isForwarding)
    }
}
