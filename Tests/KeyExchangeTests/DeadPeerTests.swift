import Addressing
import LabPlan
import Testing

@testable import KeyExchange

/// The gateway vanishes after 100 s; the site finds out.
@Suite struct DeadPeerTests {
    typealias Detection = ConnectionPlan.DeadPeerDetection

    private static func lab(_ site: TunnelEnd.Settings, gateway: ConnectionPlan.Mode = .responderOnly) -> TunnelLab {
        var lab = TunnelLab(siteSettings: site, gatewaySettings: .gateway(gateway))
        lab.startBoth()
        lab.at(.seconds(100)) { $0.input(.gateway, .forget) }
        return lab
    }

    struct Example: Sendable, CustomTestStringConvertible {
        var interval: Int
        var timeout: Int
        /// In milliseconds after the site was up.
        var questions: [Int]
        var dead: Int
        var testDescription: String { "\(interval) s, \(timeout) s" }
    }

    /// Each question is answered after 20 ms until the gateway is gone, and repeated after that.
    @Test(arguments: [
        Example(interval: 15, timeout: 45, questions: [15_000, 30_020, 45_040, 60_060, 75_080, 90_100, 105_120, 120_120], dead: 135_120),
        Example(interval: 10, timeout: 25, questions: (1...10).map { 10_020 * $0 - 20 } + [110_180], dead: 115_180),
        Example(interval: 40, timeout: 41, questions: [40_000, 80_020, 120_040], dead: 121_040),
        // An interval that leaves no time for a question.
        Example(interval: 15, timeout: 9, questions: (1...23).map { 4_520 * $0 - 20 }, dead: 108_440),
    ])
    func silence(_ example: Example) {
        let detection = Detection(interval: .seconds(example.interval), timeout: .seconds(example.timeout), action: .clear)
        var lab = Self.lab(.site(.initiatorOnly, detection))
        lab.run(until: .seconds(1_000))
        let up = Duration.milliseconds(40)
        let questions = lab.requests(.informational, by: .site)
        #expect(questions.map { $0.time - up } == example.questions.map { .milliseconds($0) })
        #expect(lab.times(of: .site, \.isPeerDead) == [up + .milliseconds(example.dead)])
        #expect(lab[.site].state == .waiting)
        #expect(lab.isDown)
        #expect(lab.faults == [])
        // Numbered from 2 on, as the site had IKE_SA_INIT and IKE_AUTH. The unanswered ones are the same bytes.
        let identifiers = questions.compactMap { try? IKEMessage(decoding: $0.bytes).header.messageID }
        #expect(Set(identifiers).sorted() == (2..<2 + UInt32(Set(questions.map(\.bytes)).count)).map { $0 })
    }

    @Test func trafficIsASignOfLife() {
        var lab = Self.lab(.site(.initiatorOnly, .standard))
        lab.at(.milliseconds(50)) { $0.sendPackets([.gateway], every: .seconds(1), until: .seconds(99)) }
        lab.run(until: .seconds(300))
        // The last packet came at 99.06 s, and the look that found it was at 105.04 s.
        #expect(lab.requests(.informational, by: .site).map(\.time) == [120_040, 135_040].map { .milliseconds($0) })
        #expect(lab.log.filter { $0.event == .peerDead(silence: .seconds(45)) }.map(\.time) == [.milliseconds(150_040)])
    }

    @Test func anEndWithoutDetectionNeverNotices() {
        var lab = Self.lab(.site(.initiatorOnly))
        lab.run(until: .seconds(10_000))
        #expect(lab[.site].current != nil)
        #expect(lab.requests(.informational).isEmpty)
    }

    /// Times of the site's own IKE_SA_INIT requests after its peer was found dead, with traffic waiting at 200 s.
    @Test(
        arguments: [
            (ConnectionPlan.Mode.default, Detection.Action.restart, 135_160), (.initiatorOnly, .restart, 135_160),
            (.responderOnly, .restart, nil), (.default, .clear, nil), (.initiatorOnly, .clear, nil), (.responderOnly, .clear, nil),
            (.default, .hold, 200_000), (.initiatorOnly, .hold, 200_000), (.responderOnly, .hold, nil),
        ] as [(ConnectionPlan.Mode, Detection.Action, Int?)])
    func actions(mode: ConnectionPlan.Mode, action: Detection.Action, begins: Int?) {
        let detection = Detection(interval: .seconds(15), timeout: .seconds(45), action: action)
        var lab = Self.lab(.site(mode, detection), gateway: mode == .responderOnly ? .initiatorOnly : .responderOnly)
        lab.at(.seconds(200)) { $0.input(.site, .trafficWaiting) }
        lab.at(.milliseconds(200_500)) { $0.input(.site, .trafficWaiting) }
        lab.run(until: .milliseconds(200_900))
        let up = lab.times(of: .site, \.isEstablished).first ?? .zero
        #expect(lab.times(of: .site, \.isPeerDead) == [.milliseconds(135_120) + up])
        let begun = lab.times(of: .site) { $0 == .exchangeStarted }.filter { $0 > .seconds(100) }
        let shift = up - .milliseconds(40)
        #expect(begun.first == begins.map { .milliseconds($0) + ($0 == 200_000 ? .zero : shift) })
        #expect(lab[.site].state == (begins == nil ? .waiting : .negotiating))
        // The peer comes back, and begins if it may.
        lab.input(.gateway, .start)
        lab.run(until: .seconds(260))
        let gatewayBegins = mode == .responderOnly
        #expect(lab.isUp == (begins != nil || gatewayBegins))
        #expect(lab.faults == [])
    }

    @Test func clearedEndsAnswer() {
        var lab = Self.lab(
            .site(.default, Detection(interval: .seconds(15), timeout: .seconds(45), action: .clear)), gateway: .initiatorOnly)
        lab.run(until: .seconds(200))
        #expect(lab.isDown)
        lab.input(.gateway, .start)
        lab.run(until: .seconds(201))
        #expect(lab.isUp)
    }

    /// Both ask; each answers; nobody dies, whichever questions and answers are lost, as long as some come through.
    @Test func mutualQuestionsUnderLoss() {
        let detection = Detection.standard
        var lab = TunnelLab(siteSettings: .site(.default, detection), gatewaySettings: .gateway(.default, detection)) {
            _, message, random in
            message.header.exchange == .informational && random.bytes(1)[0] < 50 ? [] : [.milliseconds(10)]
        }
        lab.startBoth()
        lab.run(until: .seconds(2_000))
        #expect(lab.isUp)
        #expect(lab.times(of: nil, \.isPeerDead).isEmpty)
        #expect(lab.times(of: nil, \.isEstablished).count == 2)
        #expect(lab.faults == [])
    }

    /// A failover to an instance that knows nothing: it keeps silent about the IKE SA, and takes a new one.
    @Test func anInstanceWithoutStateIsSilent() {
        var lab = Self.lab(.site(.initiatorOnly, .standard))
        lab.at(.seconds(110)) { $0.input(.gateway, .start) }
        lab.run(until: .seconds(135))
        #expect(lab.requests(.informational, by: .site).map(\.time).filter { $0 > .seconds(110) } == [.milliseconds(120_160)])
        #expect(lab.sent.allSatisfy { $0.side == .site || $0.time < .seconds(100) })
        lab.run(until: .seconds(200))
        #expect(lab.times(of: .site, \.isPeerDead) == [.milliseconds(135_160)])
        #expect(lab.isUp)
    }

    /// State synchronisation: the copy goes on, with its timers.
    @Test func aCopyGoesOn() {
        var lab = TunnelLab(siteSettings: .site(.default, .standard), gatewaySettings: .gateway(.default, .standard))
        lab.startBoth()
        lab.run(until: .seconds(50))
        let child = lab[.gateway].current
        lab.carryOver(.gateway)
        lab.run(until: .seconds(500))
        #expect(lab.isUp && lab[.gateway].current == child)
        lab.expire(.gateway)
        lab.run(until: .seconds(510))
        #expect(lab.isUp && lab[.gateway].current != child)
        lab.input(.site, .forget)
        lab.run(until: .seconds(600))
        #expect(lab.times(of: .gateway, \.isPeerDead).count == 1)
        #expect(lab.faults == [])
    }

    @Test func aSmallerCountIsANewOne() {
        var random = SeededRandom(seed: 1, label: "count")
        var lab = TunnelLab(siteSettings: .site(.default, .standard))
        lab.startBoth()
        lab.run(until: .seconds(14))
        var end = lab[.site]
        for (opened, question) in [(UInt64(100), false), (100, true), (3, false), (0, true)] {
            guard let timer = end.timers[.liveness]?.timer else { break }
            let outputs = end.handle(.livenessDue(timer, opened: opened), random: &random)
            #expect((outputs.compactMap(\.datagram).count == 1) == question || end.session?.outstanding != nil)
            #expect((end.session?.silence == .zero) == !question)
            #expect(end.handle(.livenessDue(timer, opened: opened), random: &random) == [])
        }
    }
}
