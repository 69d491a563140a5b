import Measurement
import Testing

@Suite struct CounterMeaningTests {
    @Test(
        "Counters have their place and precedence",
        arguments: [
            ("XfrmInNoStates", CounterGroup.opening, CounterMeaning.Precedence.security, "unknown SA"),
            ("XfrmInStateSeqError", .opening, .security, "seen as replay"),
            ("XfrmAcquireError", .opening, .security, "SA not ready"),
            ("XfrmOutNoStates", .sealing, .security, "no SA at sender"),
            ("XfrmFwdHdrError", .sealing, .security, "malformed packet"),
            ("IpExtInNoRoutes", .routing, .route, "no route"),
            ("Ip6InNoRoutes", .routing, .route, "no route"),
            ("Ip6OutNoRoutes", .routing, .route, "no route at sender"),
            ("rx_otherhost_dropped", .receiving, .interface, "old MAC address"),
            ("qdisc_drops", .sending, .queue, "random loss or queue"),
            ("Icmp6OutDestUnreachs", .routing, .derived, "reported unreachable"),
            ("IpInDiscards", .routing, .derived, "discarded on input"),
            ("UdpRcvbufErrors", .delivery, .route, "receiver too slow"),
        ])
    func known(name: String, group: CounterGroup, precedence: CounterMeaning.Precedence, cause: String) {
        let meaning = CounterMeaning.of(name)
        #expect(meaning.group == group)
        #expect(meaning.precedence == precedence)
        #expect(meaning.cause == cause)
        #expect(!meaning.source.isEmpty)
    }

    @Test(
        "A counter that a later kernel adds is its own cause, at the place that its name tells",
        arguments: [
            ("XfrmInIptfsError", CounterGroup.opening), ("XfrmOutNoQueueSpace", .sealing), ("rx_fifo_errors", .receiving),
            ("tx_aborted_errors", .sending), ("qdisc_overlimits", .sending), ("UdpInErrors", .delivery), ("IpReasmFails", .routing),
        ])
    func unknown(name: String, group: CounterGroup) {
        #expect(CounterMeaning.of(name).cause == name)
        #expect(CounterMeaning.of(name).group == group)
    }
}
