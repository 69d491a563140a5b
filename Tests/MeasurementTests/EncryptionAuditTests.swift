import Measurement
import Testing

@Suite struct EncryptionAuditTests {
    typealias Case = (
        sent: UInt64, sealed: UInt64, opened: UInt64, arrived: UInt64, clear: UInt64, verdict: EncryptionAudit.Verdict, reasons: Int
    )

    @Test(
        "The counts along a flow decide",
        arguments: [
            (100, 100, 100, 100, 0, .encrypted, 0),
            (100, 90, 80, 75, 0, .encrypted, 0),
            (100, 100, 100, 100, 1, .clear, 1),
            (100, 100, 99, 100, 0, .clear, 1),
            (100, 0, 0, 100, 0, .clear, 1),
            (100, 98, 99, 99, 0, .unproven, 1),
            (100, 101, 100, 100, 0, .unproven, 1),
            (100, 101, 99, 100, 2, .clear, 3),
            (100, 0, 0, 0, 0, .unproven, 1),
        ] as [Case])
    func verdict(_ given: Case) {
        let audit = EncryptionAudit(
            flows: [
                .init(
                    connection: "hq", direction: .toSite, sent: given.sent, sealed: given.sealed, opened: given.opened,
                    arrived: given.arrived)
            ], clearText: given.clear)
        #expect(audit.verdict == given.verdict)
        #expect(audit.reasons.count == given.reasons)
    }

    @Test("One bad flow among good ones is named")
    func named() {
        let audit = EncryptionAudit(
            flows: [
                .init(connection: "hq", direction: .toSite, sent: 5, sealed: 5, opened: 5, arrived: 5),
                .init(connection: "branch", direction: .toGateway, sent: 5, sealed: 5, opened: 4, arrived: 5),
            ], clearText: 0)
        #expect(audit.reasons == ["branch, site-to-gateway: 5 probes arrived, but only 4 packets were opened"])
    }

    @Test("Nothing to judge by proves nothing")
    func empty() { #expect(EncryptionAudit(flows: [], clearText: 0).verdict == .unproven) }
}

/// With applications beside the probes, whose packets share the security associations.
@Suite struct EncryptionAuditOfApplicationsTests {
    private static func audit(opened: UInt64 = 150, sealed: UInt64 = 150, segments: (sent: UInt64, arrived: UInt64)?) -> EncryptionAudit {
        EncryptionAudit(
            flows: [
                .init(connection: "hq", direction: .toSite, sent: 60, sealed: sealed - 50, opened: opened - 50, arrived: 60),
                .init(connection: "branch", direction: .toSite, sent: 40, sealed: 50, opened: 50, arrived: 40),
            ], segments: segments.map { [.init(direction: .toSite, sent: $0.sent, arrived: $0.arrived)] }, clearText: 0)
    }

    @Test("More packets than probes are explained by the segments sent")
    func explained() {
        #expect(Self.audit(segments: (50, 50)).verdict == .encrypted)
        #expect(Self.audit(segments: (70, 30)).verdict == .encrypted)
        #expect(Self.audit(segments: nil).verdict == .unproven)
    }

    @Test("More packets than probes and segments prove nothing")
    func tooManySealed() {
        let audit = Self.audit(segments: (49, 40))
        #expect(audit.verdict == .unproven)
        #expect(audit.reasons == ["gateway-to-site: 150 packets were sealed for 149 probes and TCP segments sent"])
    }

    @Test("A segment that arrived unopened was not protected")
    func unopened() {
        let audit = Self.audit(segments: (60, 51))
        #expect(audit.verdict == .clear)
        #expect(audit.reasons == ["gateway-to-site: 151 probes and TCP segments arrived, but only 150 packets were opened"])
    }
}
