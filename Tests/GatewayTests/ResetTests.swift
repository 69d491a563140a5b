import Gateway
import LabPlan
import Testing

@Suite struct ResetTests {
    @Test func startMakesTheFirstInstanceActive() {
        var clock = FakeClock()
        clock.keyExchangesSucceed = false
        let exchange = KeyExchangeID(connection: ConnectionID(rawValue: 0), number: 1)
        #expect(
            clock.send(.start).actions == [
                .applyConfiguration(.first), .report(.configurationApplied(.first)),
                .takeAddresses(.first), .report(.standbyTookAddresses(.first)),
                .announce(.first), .report(.announced(.first, repetition: 1)),
                .startTimer(GatewayTimer(purpose: .announcement, generation: 1), after: .milliseconds(1100)),
                .beginKeyExchange(exchange, .first), .report(.keyExchangeStarted(exchange, .first)),
            ])
        #expect(clock.machine.states == [.first: .active, .second: .standby])
        #expect(clock.machine.connections == [.exchangingKeys(exchange)])
    }

    @Test func keysAreInstalledBeforeTheyAreReported() {
        var clock = FakeClock()
        clock.keyExchangesSucceed = false
        clock.send(.start)
        let exchange = KeyExchangeID(connection: ConnectionID(rawValue: 0), number: 1)
        #expect(
            clock.send(.keyExchangeCompleted(exchange))
                == .actions([.installSecurity(exchange, .first), .report(.keyExchangeCompleted(exchange, .first))]))
        #expect(clock.machine.connections == [.up(exchange)])
    }

    @Test func resetTakesTheActiveInstanceDownInOrder() {
        var clock = FakeClock()
        clock.send(.start)
        #expect(
            clock.send(.resetRequested).actions == [
                .report(.resetRequested(reset: 1, .first)),
                .cancelTimer(GatewayTimer(purpose: .announcement, generation: 1)),
                .takeLinksDown(.first), .flushSecurity(.first), .releaseAddresses(.first), .report(.activeDown(.first)),
                .startTimer(GatewayTimer(purpose: .boot(.first), generation: 2), after: .seconds(60)),
                .startTimer(GatewayTimer(purpose: .detection, generation: 3), after: .seconds(4)),
            ])
        #expect(clock.machine.states == [.first: .restarting, .second: .standby])
        #expect(clock.machine.connections == [.down])
        #expect(clock.machine.activeInstance == nil)
    }

    @Test func timelineOfAReset() {
        var clock = FakeClock(connections: 2)
        clock.send(.start)
        clock.advance(to: .seconds(100))
        clock.send(.resetRequested)
        clock.advance(to: .seconds(200))

        let timeline = clock.events.filter { $0.time >= .seconds(100) }.map { "\($0.time) \($0.event.kind)" }
        #expect(
            timeline == [
                "100.0 seconds reset-requested", "100.0 seconds active-down",
                "104.0 seconds failure-detected",
                "106.0 seconds configuration-applied", "106.0 seconds standby-took-addresses", "106.0 seconds announced",
                "106.0 seconds key-exchange-started", "106.0 seconds key-exchange-started",
                "106.0 seconds key-exchange-completed", "106.0 seconds key-exchange-completed",
                "107.1 seconds announced", "108.2 seconds announced",
                "160.0 seconds instance-back", "160.0 seconds reset-finished",
            ])
        #expect(clock.machine.states == [.first: .standby, .second: .active])
        #expect(clock.actions(from: .seconds(160), through: .seconds(160)).first == .bringLinksUp(.first))
    }

    @Test func policiesComeBeforeAddressesAndAddressesBeforeAnnouncements() throws {
        var clock = FakeClock(connections: 2)
        clock.send(.start)
        clock.send(.resetRequested)
        clock.advance(to: .seconds(6))
        let actions = clock.actions(from: .seconds(6), through: .seconds(6))
        let configuration = try #require(actions.firstIndex(of: .applyConfiguration(.second)))
        let addresses = try #require(actions.firstIndex(of: .takeAddresses(.second)))
        let announcement = try #require(actions.firstIndex(of: .announce(.second)))
        let exchange = try #require(actions.firstIndex { if case .beginKeyExchange = $0 { true } else { false } })
        #expect(configuration < addresses && addresses < announcement && announcement < exchange)
    }

    @Test(arguments: [(1, [0.0]), (2, [0.0, 1.1]), (4, [0.0, 1.1, 2.2, 3.3])])
    func announcementsAreRepeated(count: Int, times: [Double]) {
        var timing = TimingPlan.forTests
        timing.announcements.count = count
        var clock = FakeClock(timing: timing)
        clock.send(.start)
        clock.advance(to: .seconds(100))
        #expect(clock.times(of: "announced") == times.map { .milliseconds(Int($0 * 1000)) })
        #expect(clock.log.filter { $0.action == .announce(.first) }.count == count)
    }

    @Test func anInstanceMayBeBackBeforeItsPeerTookOver() {
        var timing = TimingPlan.forTests
        timing.boot = .seconds(1)
        var clock = FakeClock(timing: timing)
        clock.send(.start)
        clock.send(.resetRequested)
        clock.advance(to: .seconds(20))
        #expect(clock.machine.states == [.first: .standby, .second: .active])
        // Back after 1 s, but finished only when the gateway forwards again.
        #expect(clock.times(of: "reset-finished") == [.seconds(6)])
    }

    @Test func aResetIsFinishedWhenTheLastExchangeIs() {
        var clock = FakeClock()
        clock.send(.start)
        clock.keyExchangesSucceed = false
        clock.send(.resetRequested)
        clock.advance(to: .seconds(90))
        #expect(clock.times(of: "reset-finished").isEmpty)
        let exchange = KeyExchangeID(connection: ConnectionID(rawValue: 0), number: 2)
        #expect(
            clock.send(.keyExchangeFailed(exchange)).actions == [
                .report(.keyExchangeFailed(exchange, .second)), .report(.resetFinished(reset: 1)),
            ])
        #expect(clock.machine.connections == [.failed(exchange)])
    }

    @Test func aLaterResetRestartsTheOtherInstance() {
        var clock = FakeClock()
        clock.send(.start)
        for reset in 1...3 {
            clock.advance(to: .seconds(reset * 100))
            clock.send(.resetRequested)
        }
        clock.advance(to: .seconds(400))
        let restarted = clock.events.filter { $0.event.kind == "active-down" }.map(\.event.instance)
        #expect(restarted == [.first, .second, .first])
        #expect(clock.machine.states == [.first: .standby, .second: .active])
        #expect(clock.events.compactMap { $0.event.kind == "reset-finished" ? $0.event.reset : nil } == [1, 2, 3])
    }

    @Test func anInstanceReportedBackEarlyDoesNotWaitForItsTimer() {
        var clock = FakeClock()
        clock.send(.start)
        clock.send(.resetRequested)
        clock.advance(to: .seconds(10))
        clock.send(.instanceBack(.first))
        clock.advance(to: .seconds(100))
        #expect(clock.times(of: "instance-back") == [.seconds(10)])
        #expect(clock.times(of: "reset-finished") == [.seconds(10)])
    }
}
