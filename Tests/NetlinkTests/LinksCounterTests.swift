import Testing

@testable import Links

@Suite struct LinksCounterTests {
    private func tables(_ text: String) -> [String: UInt64] {
        var counters: [String: UInt64] = [:]
        CounterText.readTables(Array(text.utf8), into: &counters)
        return counters
    }

    private func list(_ text: String) -> [String: UInt64] {
        var counters: [String: UInt64] = [:]
        CounterText.readList(Array(text.utf8), into: &counters)
        return counters
    }

    @Test func tablesJoinProtocolAndName() {
        let text = """
            Ip: Forwarding DefaultTTL InReceives OutNoRoutes
            Ip: 1 64 1234567890123 7
            Icmp: InMsgs OutDestUnreachs
            Icmp: 0 3
            Tcp: MaxConn ActiveOpens
            Tcp: -1 18446744073709551615

            """
        #expect(
            tables(text) == [
                "IpForwarding": 1, "IpDefaultTTL": 64, "IpInReceives": 1_234_567_890_123, "IpOutNoRoutes": 7, "IcmpOutDestUnreachs": 3,
                "TcpActiveOpens": .max,
            ])
    }

    @Test(arguments: [
        ("", [:]), ("Ip: A\n", [:]), ("Ip: A B\nIp: 1\n", ["IpA": 1]), ("Ip: A\nTcp: B\nTcp: 2\n", ["TcpB": 2]), ("Ip A\nIp 1\n", [:]),
        ("Ip: A\nIp: 18446744073709551616\n", [:]), ("Ip: A\nIp: 1x\n", [:]),
    ])
    func damagedTablesGiveWhatIsWhole(text: String, expected: [String: UInt64]) { #expect(tables(text) == expected) }

    @Test func listsTakeSpacesAndTabs() {
        #expect(
            list("XfrmInError             \t0\nXfrmInNoStates          \t1676\nIp6InReceives                   \t\t12\nalone\n\n")
                == ["XfrmInNoStates": 1676, "Ip6InReceives": 12])
    }

    @Test func growthLeavesOutWhatStoodStillOrFell() {
        let earlier = CounterSnapshot(nonzero: ["A": 5, "B": 2, "C": 9])
        let later = CounterSnapshot(nonzero: ["A": 7, "B": 2, "C": 1, "D": 4])
        #expect(later.growth(since: earlier).nonzero == ["A": 2, "D": 4])
        #expect(later["D"] == 4)
        #expect(later["unheard of"] == 0)
    }
}
