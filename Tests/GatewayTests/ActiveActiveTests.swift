import Gateway
import LabPlan
import Testing

@Suite struct ActiveActiveTests {
    private static func started() -> FakeClock {
        var clock = FakeClock(isActiveActive: true)
        clock.send(.start)
        clock.advance(to: .seconds(100))
        return clock
    }

    @Test func bothInstancesAreActiveWithTheirOwnAddresses() {
        let clock = Self.started()
        #expect(clock.machine.states == [.first: .active, .second: .active])
        #expect(
            clock.holders == [
                .own(.first): [.first], .own(.second): [.second], .nextHops(.first): [.first], .nextHops(.second): [.second],
            ])
        #expect(clock.log.filter { if case .startTunnels = $0.action { true } else { false } }.count == 2)
        #expect(clock.machine.isForwarding)
    }

    @Test func thePeerTakesTheNextHopsAndTheyReturn() {
        var clock = Self.started()
        clock.send(.reset)
        #expect(clock.machine.states == [.first: .restarting, .second: .active])
        #expect(!clock.machine.isForwarding)
        clock.advance(to: .seconds(106))
        #expect(clock.holders[.nextHops(.first)] == [.second])
        // The address on the internet never moves.
        #expect(clock.holders[.own(.first)] == [])
        #expect(clock.machine.isForwarding)
        clock.tunnelsSettle = false
        clock.advance(to: .seconds(165))
        #expect(clock.holders[.own(.first)] == [.first])
        #expect(clock.holders[.nextHops(.first)] == [.second], "not before there is something to forward to")
        #expect(clock.times(of: "reset-finished").isEmpty)
        #expect(
            clock.send(.tunnelsSettled(.first)).actions.prefix(4) == [
                .releaseAddresses(.second, .nextHops(.first)), .takeAddresses(.first, .nextHops(.first)),
                .report(.nextHopsReturned(.first)), .announce(.first, .nextHops(.first)),
            ])
        #expect(clock.holders[.nextHops(.first)] == [.first])
        #expect(clock.times(of: "reset-finished") == [.seconds(165)])
    }

    /// Without an address a reset hits the primary each time, unlike an active-standby gateway's.
    @Test func repeatedResetsHitTheSameInstance() {
        var clock = Self.started()
        for reset in 1...2 {
            clock.advance(to: .seconds(reset * 200))
            clock.send(.reset)
        }
        #expect(clock.send(.reset) == .ignored(.noInstanceToRestart))
        clock.advance(to: .seconds(600))
        #expect(clock.events.filter { $0.event.kind == "active-down" }.map(\.event.instance) == [.first, .first])
        clock.send(.restart(.reset, .second))
        #expect(clock.machine.states == [.first: .active, .second: .restarting])
    }

    @Test func withBothAwayTheFirstBackHoldsEverything() {
        var clock = Self.started()
        clock.send(.restart(.reset, .first))
        clock.advance(to: .seconds(130))
        clock.send(.restart(.reset, .second))
        #expect(clock.times(of: "gateway-down") == [.seconds(130)])
        #expect(clock.holders.values.allSatisfy { $0.isEmpty })
        clock.advance(to: .seconds(165))
        #expect(
            clock.holders == [
                .own(.first): [.first], .own(.second): [], .nextHops(.first): [.first], .nextHops(.second): [.first],
            ])
        clock.advance(to: .seconds(300))
        #expect(clock.holders[.nextHops(.second)] == [.second])
        #expect(clock.times(of: "reset-finished") == [.seconds(160), .seconds(190)])
    }

    /// A next hop that was handed back is not announced by the one who had it.
    @Test func nobodyAnnouncesWhatItDoesNotHold() {
        var timing = TimingPlan.forTests
        timing.boot = .seconds(7)
        timing.announcements.count = 10
        var clock = FakeClock(isActiveActive: true, timing: timing)
        clock.send(.start)
        clock.advance(to: .seconds(100))
        clock.send(.reset)
        clock.advance(to: .seconds(200))
        var holder: [AddressSet: InstanceID] = [:]
        for (_, action) in clock.log {
            switch action {
            case .takeAddresses(let instance, let set): holder[set] = instance
            case .announce(let instance, let set): #expect(holder[set] == instance)
            default: break
            }
        }
    }
}
