import LabPlan
import Testing

@testable import Topology

@Suite struct TimingProfileTests {
    @Test func namesAreUniqueAndNoneIsCustom() {
        #expect(Set(TimingProfile.all.map(\.name)).count == TimingProfile.all.count)
        #expect(!TimingProfile.all.map(\.name).contains(TimingProfile.custom))
        #expect(TimingProfile.all.contains(.standard))
    }

    private static func minutes(_ first: Int, _ last: Int) -> ClosedRange<Duration> { .seconds(first * 60) ... .seconds(last * 60) }

    @Test func theSeedArticlesBoundsHold() {
        let plan = TimingProfile.azure2021.plan
        #expect(plan.reset.detection + plan.reset.takeover < .seconds(60))
        #expect(Self.minutes(30, 45).contains(plan.boot))
    }

    @Test func theOldestArticlesBoundsHold() {
        let plan = TimingProfile.azure2016.plan
        #expect((Duration.seconds(60) ... .seconds(90)).contains(plan.failure.detection + plan.failure.takeover))
        #expect(Self.minutes(2, 4).contains(plan.boot))
    }

    @Test func theLaterArticlesBoundsHold() {
        let plan = TimingProfile.azure2025.plan
        #expect(Self.minutes(1, 3).contains(plan.reset.detection + plan.reset.takeover))
        #expect((Duration.seconds(10) ... .seconds(15)).contains(plan.reset.takeover))
        #expect(Self.minutes(1, 3).contains(plan.failure.detection + plan.failure.takeover))
    }

    /// Every edition has 10 to 15 s for it.
    @Test(arguments: [TimingProfile.azure2016, .azure2021, .azure2025])
    func aPlannedFailoverIsShort(profile: TimingProfile) {
        let maintenance = profile.plan.maintenance
        #expect((Duration.seconds(10) ... .seconds(15)).contains(maintenance.detection + maintenance.takeover))
    }

    @Test func everyValueHasItsReason() {
        for profile in TimingProfile.all {
            let sources = TimingProfile.sources(of: profile.plan)
            #expect(sources.count == 8)
            #expect(sources.allSatisfy { $0.hasSuffix(".") && $0.count > 20 }, "\(sources)")
        }
        let failure = TimingProfile.sources(of: TimingProfile.azure2021.plan, triggers: [.failure])
        #expect(failure.count == 4)
        #expect(failure[1].hasPrefix("failure, detection: The document has none: as in azure-2016."))
        var own = TimingProfile.azure2021.plan
        own.profile = TimingProfile.custom
        #expect(TimingProfile.sources(of: own) == ["The topology's or the rehearsal's own values."])
    }

    /// strongSwan's documentation: with its defaults a peer is given up after 165 s.
    @Test func retransmissionGivesUpWhenStrongSwanDoes() {
        let retransmission = TimingProfile.keyExchange
        var (wait, total) = (4.0, 0.0)
        for _ in 0...retransmission.tries {
            total += wait
            wait *= retransmission.base
        }
        #expect(Int(total) == 165)
        #expect(retransmission.timeout == .seconds(4))
    }

    @Test func announcementsAreFurtherApartThanLocktime() {
        #expect(TimingProfile.announcements.interval > .seconds(1))
    }
}
