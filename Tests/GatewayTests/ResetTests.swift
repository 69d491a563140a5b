import Gateway
import LabPlan
import Testing

@Suite struct ResetTests {
    @Test func startMakesTheFirstInstanceActive() {
        var clock = FakeClock()
        clock.tunnelsSettle = false
        #expect(
            clock.send(.start).actions == [
                .applyConfiguration(.second), .applyConfiguration(.first), .report(.configurationApplied(.first)),
                .takeAddresses(.first, .gateway), .report(.standbyTookAddresses(.first)),
                .announce(.first, .gateway), .report(.announced(.first, repetition: 1)),
                .startTimer(GatewayTimer(purpose: .announcement(.first), generation: 1), after: .milliseconds(1100)),
                .startTunnels(.first),
            ])
        #expect(clock.machine.states == [.first: .active, .second: .standby])
        #expect(!clock.machine.isForwarding)
        clock.send(.tunnelsSettled(.first))
        #expect(clock.machine.isForwarding)
    }

    @Test func resetTakesTheActiveInstanceDownInOrder() {
        var clock = FakeClock()
        clock.send(.start)
        #expect(
            clock.send(.reset).actions == [
                .report(.restartRequested(Restart(number: 1, cause: .reset, instance: .first))),
                .forgetTunnels(.first),
                .cancelTimer(GatewayTimer(purpose: .announcement(.first), generation: 1)),
                .takeLinksDown(.first), .flushSecurity(.first), .releaseAddresses(.first, .gateway), .report(.activeDown(.first)),
                .startTimer(GatewayTimer(purpose: .boot(.first), generation: 2), after: .seconds(60)),
                .startTimer(GatewayTimer(purpose: .detection(of: .first), generation: 3), after: .seconds(4)),
            ])
        #expect(clock.machine.states == [.first: .restarting, .second: .standby])
        #expect(clock.machine.activeInstances.isEmpty)
        #expect(!clock.machine.isForwarding)
    }

    @Test func timelineOfAReset() {
        var clock = FakeClock()
        clock.send(.start)
        clock.advance(to: .seconds(100))
        clock.send(.reset)
        clock.advance(to: .seconds(200))

        let timeline = clock.events.filter { $0.time >= .seconds(100) }.map { "\($0.time) \($0.event.kind)" }
        #expect(
            timeline == [
                "100.0 seconds reset-requested", "100.0 seconds active-down",
                "104.0 seconds failure-detected",
                "106.0 seconds configuration-applied", "106.0 seconds standby-took-addresses", "106.0 seconds announced",
                "107.1 seconds announced", "108.2 seconds announced",
                "160.0 seconds instance-back", "160.0 seconds reset-finished",
            ])
        #expect(clock.machine.states == [.first: .standby, .second: .active])
        #expect(
            clock.actions(from: .seconds(160), through: .seconds(160)).prefix(2) == [.applyConfiguration(.first), .bringLinksUp(.first)])
    }

    /// Each cause has its own times and its own names.
    @Test(arguments: [
        (RestartCause.reset, 6.0, "reset-requested", "reset-finished"), (.maintenance, 3.0, "maintenance-started", "maintenance-finished"),
        (.failure, 22.0, "instance-failed", "failure-finished"),
    ])
    func everyCauseHasItsOwnTimes(cause: RestartCause, takeover: Double, begun: String, finished: String) {
        var clock = FakeClock()
        clock.send(.start)
        clock.advance(to: .seconds(100))
        clock.send(.restart(cause, nil))
        clock.advance(to: .seconds(200))
        #expect(clock.times(of: "standby-took-addresses").last == .seconds(100) + .milliseconds(Int(takeover * 1000)))
        #expect(clock.times(of: begun) == [.seconds(100)])
        #expect(clock.times(of: finished) == [.seconds(160)])
    }

    @Test func policiesComeBeforeAddressesAndAddressesBeforeAnnouncements() throws {
        var clock = FakeClock()
        clock.send(.start)
        clock.send(.reset)
        clock.advance(to: .seconds(6))
        let actions = clock.actions(from: .seconds(6), through: .seconds(6))
        let configuration = try #require(actions.firstIndex(of: .applyConfiguration(.second)))
        let addresses = try #require(actions.firstIndex(of: .takeAddresses(.second, .gateway)))
        let announcement = try #require(actions.firstIndex(of: .announce(.second, .gateway)))
        let tunnels = try #require(actions.firstIndex(of: .startTunnels(.second)))
        #expect(configuration < addresses && addresses < announcement && announcement < tunnels)
    }

    @Test(arguments: [(1, [0.0]), (2, [0.0, 1.1]), (4, [0.0, 1.1, 2.2, 3.3])])
    func announcementsAreRepeated(count: Int, times: [Double]) {
        var timing = TimingPlan.forTests
        timing.announcements.count = count
        var clock = FakeClock(timing: timing)
        clock.send(.start)
        clock.advance(to: .seconds(100))
        #expect(clock.times(of: "announced") == times.map { .milliseconds(Int($0 * 1000)) })
        #expect(clock.log.filter { $0.action == .announce(.first, .gateway) }.count == count)
    }

    @Test func anInstanceMayBeBackBeforeItsPeerTookOver() {
        var timing = TimingPlan.forTests
        timing.boot = .seconds(1)
        var clock = FakeClock(timing: timing)
        clock.send(.start)
        clock.send(.reset)
        clock.advance(to: .seconds(20))
        #expect(clock.machine.states == [.first: .standby, .second: .active])
        // Back after 1 s, but finished only when the gateway forwards again.
        #expect(clock.times(of: "reset-finished") == [.seconds(6)])
    }

    @Test func aResetIsFinishedWhenTheTunnelsAreSettled() {
        var clock = FakeClock()
        clock.send(.start)
        clock.tunnelsSettle = false
        clock.send(.reset)
        clock.advance(to: .seconds(90))
        #expect(clock.times(of: "reset-finished").isEmpty)
        #expect(
            clock.send(.tunnelsSettled(.second)).actions == [
                .report(.restartFinished(Restart(number: 1, cause: .reset, instance: .first)))
            ])
    }

    @Test func aLaterResetRestartsTheOtherInstance() {
        var clock = FakeClock()
        clock.send(.start)
        for reset in 1...3 {
            clock.advance(to: .seconds(reset * 100))
            clock.send(.reset)
        }
        clock.advance(to: .seconds(400))
        let restarted = clock.events.filter { $0.event.kind == "active-down" }.map(\.event.instance)
        #expect(restarted == [.first, .second, .first])
        #expect(clock.machine.states == [.first: .standby, .second: .active])
        #expect(clock.events.compactMap { $0.event.kind == "reset-finished" ? $0.event.restart?.number : nil } == [1, 2, 3])
    }

    @Test func anInstanceReportedBackEarlyDoesNotWaitForItsTimer() {
        var clock = FakeClock()
        clock.send(.start)
        clock.send(.reset)
        clock.advance(to: .seconds(10))
        clock.send(.instanceBack(.first))
        clock.advance(to: .seconds(100))
        #expect(clock.times(of: "instance-back") == [.seconds(10)])
        #expect(clock.times(of: "reset-finished") == [.seconds(10)])
    }

    /// Nothing fails over when the standby goes; the active instance does not notice.
    @Test func aStandbyThatRestartsChangesNothing() {
        var clock = FakeClock()
        clock.send(.start)
        clock.advance(to: .seconds(10))
        clock.send(.restart(.failure, .second))
        #expect(clock.machine.isForwarding)
        clock.advance(to: .seconds(100))
        #expect(clock.machine.states == [.first: .active, .second: .standby])
        #expect(clock.times(of: "standby-down") == [.seconds(10)])
        #expect(clock.times(of: "failure-detected").isEmpty)
        #expect(clock.times(of: "failure-finished") == [.seconds(70)])
    }
}
