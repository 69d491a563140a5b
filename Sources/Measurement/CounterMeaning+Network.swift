extension CounterMeaning {
    /// `/proc/net/snmp`, `/proc/net/netstat` and `/proc/net/snmp6`, named as `nstat` does (RFC 4293).
    ///
    /// - Parameter family: `Ip` or `Ip6`.
    static func routing(_ family: String) -> [String: CounterMeaning] {
        let extended = family == "Ip" ? "IpExt" : "Ip6"
        let control = family == "Ip" ? "Icmp" : "Icmp6"
        return [
            extended + "InNoRoutes": CounterMeaning(
                .routing, .route, "no route", "A node on the way had no route to the destination.",
                family == "Ip" ? "ip_error()" : "ip6_pkt_drop()"),
            family + "OutNoRoutes": CounterMeaning(
                .routing, .route, "no route at sender", "The sender had no route to the destination.", "RFC 4293"),
            family + "InAddrErrors": CounterMeaning(
                .routing, .route, "address not accepted", "The destination address was not one the node takes or forwards for.",
                "RFC 4293"),
            family + "InHdrErrors": CounterMeaning(
                .routing, .route, "header error", "The IP header was not valid, or its hop limit used up.", "RFC 4293"),
            family + "InDiscards": CounterMeaning(
                .routing, .derived, "discarded on input", "An intact packet was discarded, for a reason that this counter does not tell.",
                "RFC 4293"),
            family + "OutDiscards": CounterMeaning(
                .routing, .derived, "discarded on output", "An intact packet was discarded, for a reason that this counter does not tell.",
                "RFC 4293"),
            control + "OutDestUnreachs": CounterMeaning(
                .routing, .derived, "reported unreachable", "A node on the way reported the destination as unreachable.",
                family == "Ip" ? "RFC 792" : "RFC 4443 §3.1"),
        ]
    }

    /// Interfaces (`rtnl_link_stats64`), their qdiscs and neighbours.
    static let links: [String: CounterMeaning] = [
        "neighbour_failures": CounterMeaning(
            .routing, .route, "next hop silent", "The next hop's link-layer address could not be found.", "neigh_invalidate()"),
        "rx_otherhost_dropped": CounterMeaning(
            .receiving, .interface, "old MAC address",
            "The frame was addressed to another host: its sender still knows the former holder of the address.", "ip_rcv_core()"),
        "no_instance": CounterMeaning(
            .receiving, .derived, "no instance up", "No instance of the gateway was there to take the frame: both were away.",
            "ip_rcv_core()"),
        "rx_dropped": CounterMeaning(
            .receiving, .interface, "dropped on reception", "The interface dropped the packet on reception.", "struct rtnl_link_stats64"),
        "rx_nohandler": CounterMeaning(
            .receiving, .interface, "interface inactive", "The interface takes no packets.", "struct rtnl_link_stats64"),
        "rx_errors": CounterMeaning(
            .receiving, .interface, "reception error", "The interface received a bad packet.", "struct rtnl_link_stats64"),
        "tx_dropped": CounterMeaning(
            .sending, .interface, "link down", "The other end of the link did not take the packet.", "veth_xmit()"),
        "tx_errors": CounterMeaning(
            .sending, .interface, "transmission error", "The interface failed to send the packet.", "struct rtnl_link_stats64"),
        "tx_carrier_errors": CounterMeaning(
            .sending, .interface, "link down", "The interface had no carrier.", "struct rtnl_link_stats64"),
        "link_cut": CounterMeaning(
            .sending, .queue, "link cut", "The link was cut: it carried nothing.", "netem_enqueue()"),
        "qdisc_drops": CounterMeaning(
            .sending, .queue, "random loss or queue",
            "The link's impairment dropped the packet: by its loss, or because its queue was full.",
            "netem_enqueue()"),
    ]

    static let delivery: [String: CounterMeaning] = [
        "UdpNoPorts": CounterMeaning(.delivery, .route, "no receiver", "No socket was bound to the probes' port.", "__udp4_lib_rcv()"),
        "UdpRcvbufErrors": CounterMeaning(
            .delivery, .route, "receiver too slow", "The probe receiver's socket buffer was full.", "__udp_enqueue_schedule_skb()"),
        "Udp6NoPorts": CounterMeaning(.delivery, .route, "no receiver", "No socket was bound to the probes' port.", "__udp6_lib_rcv()"),
        "Udp6RcvbufErrors": CounterMeaning(
            .delivery, .route, "receiver too slow", "The probe receiver's socket buffer was full.", "__udp_enqueue_schedule_skb()"),
    ]
}
