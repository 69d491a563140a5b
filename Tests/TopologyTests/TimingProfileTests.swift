import LabPlan
import Testing

@testable import Topology

@Suite struct TimingProfileTests {
    @Test func namesAreUniqueAndNoneIsCustom() {
        #expect(Set(TimingProfile.all.map(\.name)).count == TimingProfile.all.count)
        #expect(!TimingProfile.all.map(\.name).contains(TimingProfile.custom))
        #expect(TimingProfile.all.contains(.standard))
    }

    @Test func theSeedArticlesBoundsHold() {
        let plan = TimingProfile.azure2021.plan
        #expect(plan.reset.detection + plan.reset.takeover < .seconds(60))
        #expect((Duration.seconds(30 * 60) ... .seconds(45 * 60)).contains(plan.boot))
    }

    @Test func theLaterArticlesBoundsHold() {
        let plan = TimingProfile.azure2025.plan
        #expect((Duration.seconds(60) ... .seconds(180)).contains(plan.reset.detection + plan.reset.takeover))
        #expect((Duration.seconds(10) ... .seconds(15)).contains(plan.reset.takeover))
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
