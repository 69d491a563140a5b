extension BadTopology {
    static let names = [
        BadTopology("a lab in capitals", [2: "name: Lab"], .init("2:7 name", "with \"L\"", "at most 20")),
        BadTopology("a lab with a long name", [2: "name: a23456789012345678901"], .init("2:7 name", "21 characters", "at most 20")),
        BadTopology("a lab that begins with a digit", [2: "name: 1lab"], .init("2:7 name", "wrong first character")),
        BadTopology("a lab without a name", [2: "name: ''"], .init("2:7 name", "an empty name")),
        BadTopology("a name that escapes its folder", [2: "name: ../lab"], .init("2:7 name", "with \".\"")),
        BadTopology(
            "no exchange at all", [6: "  prefixes: [10.1.0.0/16]\n  maxConcurrentExchanges: 0"],
            .init("7:27 gateway.maxConcurrentExchanges", "\"0\", too small", "an integer from 1 to 1000")),
        BadTopology("a gateway with a space", [4: "  name: my GW"], .init("4:9 gateway.name", "with \" \"", "letters, digits")),
        BadTopology(
            "a site with a long name", [8: "  - name: a" + String(repeating: "b", count: 40)], .init("8:11 sites[0].name", "41 characters")),
        BadTopology(
            "two sites of one name", [15: "  - name: tokyo"], .init("15:11 sites[1].name", "which sites[0] has already", "of its own")),
        BadTopology("the name of a node of the lab", [15: "  - name: gateway-1"], .init("15:11 sites[1].name", "node of the lab itself")),
        BadTopology(
            "two connections of one name", [17: "    prefixes: [10.30.0.0/16]\n    connection: {name: Tokyo}"],
            .init("18:24 sites[1].connection.name", "connection of site tokyo")),
        BadTopology(
            "a connection named as another site's", [12: "    connection:\n      name: osaka"],
            .init("16:11 sites[1].name", "connection of site tokyo")),
    ]

    static let addresses = [
        BadTopology("no address", [9: "    address: tokyo.example"], .init("9:14 sites[0].address", "\"tokyo.example\"", "198.51.100.10")),
        BadTopology(
            "an address with a length", [9: "    address: 198.51.100.10/32"], .init("9:14 sites[0].address", "with a prefix length")),
        BadTopology("a loopback address", [9: "    address: 127.0.0.1"], .init("9:14 sites[0].address", "127.0.0.0/8, loopback")),
        BadTopology("a multicast address", [5: "  addresses: [224.0.0.1]"], .init("5:15 gateway.addresses[0]", "multicast")),
        BadTopology(
            "an address of the lab's own", [9: "    address: 100.64.2.10"],
            .init("9:14 sites[0].address", "100.64.0.0/16, which the lab itself uses")),
        BadTopology("a link-local IPv6 address", [9: "    address: 'fe80::1'"], .init("9:14 sites[0].address", "fe80::/10, link-local")),
        BadTopology("an IPv4-mapped address", [9: "    address: '::ffff:198.51.100.10'"], .init("9:14 sites[0].address", "IPv4-mapped")),
        BadTopology("the unspecified address", [9: "    address: '::'"], .init("9:14 sites[0].address", "::/127")),
        BadTopology("no address at all", [5: "  addresses: []"], .init("5:14 gateway.addresses", "an empty list", "1 to 4")),
        BadTopology(
            "three addresses", [5: "  addresses: [203.0.113.10, '2001:db8::1', 203.0.113.11]"],
            .init("5:44 gateway.addresses[2]", "203.0.113.11, a second IPv4 address", "or two with \"activeActive: true\"")),
        BadTopology(
            "five addresses", [5: "  addresses: ['2001:db8::1', 203.0.113.10, 203.0.113.11, 203.0.113.12, 203.0.113.13]"],
            .init("5:14 gateway.addresses", "5 addresses"),
            .init("5:44 gateway.addresses[2]", "203.0.113.11, a second IPv4 address"),
            .init("5:58 gateway.addresses[3]", "203.0.113.12, a second IPv4 address")),
        BadTopology(
            "two addresses of a family", [5: "  addresses: [203.0.113.10, 203.0.113.11]"],
            .init("5:29 gateway.addresses[1]", "a second IPv4 address", "one address of each family")),
        BadTopology(
            "two sites with one address", [16: "    address: 198.51.100.10"], .init("16:14 sites[1].address", "the address of site tokyo")),
        BadTopology(
            "a site with the gateway's address", [16: "    address: 203.0.113.10"],
            .init("16:14 sites[1].address", "the address of the gateway")),
        BadTopology(
            "a site's address in its own prefix", [9: "    address: 10.20.0.1"],
            .init("9:14 sites[0].address", "10.20.0.1, which lies in 10.20.0.0/16 of site tokyo", "outside")),
        BadTopology(
            "a VIP in a site's prefix", [5: "  addresses: [10.30.255.255]"],
            .init("5:15 gateway.addresses[0]", "which lies in 10.30.0.0/16 of site osaka")),
        BadTopology(
            "an address in a prefix within another", [9: "    address: 10.30.200.1", 10: "    prefixes: [10.30.0.0/24]"],
            .init("9:14 sites[0].address", "which lies in 10.30.0.0/16 of site osaka"),
            .init("17:16 sites[1].prefixes[0]", "which overlaps 10.30.0.0/24 of site tokyo")),
        BadTopology(
            "host bits", [10: "    prefixes: [10.20.0.1/16]"],
            .init("10:16 sites[0].prefixes[0]", "did you mean \"10.20.0.0/16\"?", "without host bits")),
        BadTopology(
            "a prefix without a length", [10: "    prefixes: [10.20.0.0]"], .init("10:16 sites[0].prefixes[0]", "without a prefix length")),
        BadTopology(
            "a length over the family's", [10: "    prefixes: [10.20.0.0/33]"], .init("10:16 sites[0].prefixes[0]", "\"10.20.0.0/33\"")),
        BadTopology(
            "a prefix around the lab's own", [10: "    prefixes: [100.64.0.0/10]"],
            .init("10:16 sites[0].prefixes[0]", "which overlaps 100.64.0.0/16")),
        BadTopology("a prefix of everything", [10: "    prefixes: [0.0.0.0/0]"], .init("10:16 sites[0].prefixes[0]", "which overlaps")),
        BadTopology(
            "equal prefixes of two sites", [17: "    prefixes: [10.20.0.0/16]"],
            .init("17:16 sites[1].prefixes[0]", "which overlaps 10.20.0.0/16 of site tokyo", "do not overlap")),
        BadTopology(
            "a prefix within the gateway's", [17: "    prefixes: [10.1.128.0/24]"],
            .init("17:16 sites[1].prefixes[0]", "which overlaps 10.1.0.0/16 of the gateway")),
        BadTopology(
            "a prefix around two others", [17: "    prefixes: [10.0.0.0/11]"],
            .init("17:16 sites[1].prefixes[0]", "which overlaps 10.1.0.0/16 of the gateway"),
            .init("17:16 sites[1].prefixes[0]", "which overlaps 10.20.0.0/16 of site tokyo")),
        BadTopology(
            "overlapping prefixes of one site", [10: "    prefixes: [10.20.0.0/16, 10.20.1.0/24]"],
            .init("10:30 sites[0].prefixes[1]", "which overlaps 10.20.0.0/16 of site tokyo")),
        BadTopology(
            "too many prefixes", [10: "    prefixes: [" + (100..<117).map { "10.\($0).0.0/16" }.joined(separator: ", ") + "]"],
            .init("10:15 sites[0].prefixes", "17 prefixes", "1 to 16")),
        BadTopology(
            "a site of a family without a VIP", [16: "    address: '2001:db8::20'"],
            .init("16:14 sites[1].address", "an IPv6 address; the gateway has none", "gateway.addresses")),
        BadTopology(
            "no family in common inside", [17: "    prefixes: ['2001:db8:30::/48']"],
            .init("17:16 sites[1].prefixes[0]", "an IPv6 prefix; the gateway has none", "gateway.prefixes")),
    ]

    static let counts = [
        BadTopology(
            "no sites", text: GoodTopology.lines.prefix(6).joined(separator: "\n") + "\nsites: []\n",
            .init("7:8 sites", "an empty list", "1 to 1000")),
        BadTopology("more than 1,000 by count", [15: "  - name: osaka\n    count: 1000"], .init("8:3 sites", "1001 sites", "at most 1000")),
        BadTopology(
            "a count over 1,000", [15: "  - name: osaka\n    count: 1001"],
            .init("16:12 sites[1].count", "\"1001\", too large", "1 to 1000")),
        BadTopology("a count of none", [15: "  - name: osaka\n    count: 0"], .init("16:12 sites[1].count", "too small")),
        BadTopology(
            "more than 1,000 entries",
            text: GoodTopology.lines.prefix(7).joined(separator: "\n") + "\n"
                + (0...1_000).map {
                    "  - {name: s\($0), address: 198.18.\($0 / 256).\($0 % 256), prefixes: [10.\(64 + $0 / 256).\($0 % 256).0/24]}\n"
                }.joined(),
            .init("8:3 sites", "1001 sites", "1 to 1000")),
        BadTopology(
            "counted addresses that reach multicast", [15: "  - name: osaka\n    count: 20", 16: "    address: 223.255.255.250"],
            .init("17:14 sites[1].address", "223.255.255.250, which counted up 20 times reaches 224.0.0.0/4")),
        BadTopology(
            "counted prefixes past the last",
            [
                6: "  prefixes: ['2001:db8:1::/48']", 10: "    prefixes: ['2001:db8:2::/48']",
                15: "  - name: osaka\n    count: 2", 17: "    prefixes: ['8000::/1']",
            ],
            .init("18:16 sites[1].prefixes[0]", "which overlaps fe80::/10")),
        BadTopology(
            "counted prefixes that reach another site's", [15: "  - name: osaka\n    count: 20", 17: "    prefixes: [10.15.0.0/16]"],
            .init("18:16 sites[1].prefixes[0]", "10.20.0.0/16 (osaka-0006), which overlaps 10.20.0.0/16 of site tokyo")),
        BadTopology(
            "counted prefixes that run into each other",
            [15: "  - name: osaka\n    count: 3", 17: "    prefixes: [10.30.0.0/16, 10.31.0.0/16]"],
            .init("18:16 sites[1].prefixes[0]", "10.31.0.0/16 (osaka-0002), which overlaps 10.31.0.0/16 of site osaka-0001")),
        BadTopology(
            "counted addresses that reach another's", [15: "  - name: osaka\n    count: 20", 16: "    address: 198.51.100.1"],
            .init("17:14 sites[1].address", "198.51.100.10 (osaka-0010), the address of site tokyo")),
        BadTopology(
            "a counted name that gets too long", [15: "  - name: a" + String(repeating: "b", count: 35) + "\n    count: 2"],
            .init("15:11 sites[1].name", "a number such as -0001", "at most 40")),
        BadTopology(
            "a counted name that another site has", [8: "  - name: osaka-0002", 15: "  - name: osaka\n    count: 2"],
            .init("15:11 sites[1].name", "\"osaka-0002\", which sites[0] has already")),
    ]

    static let links = [
        BadTopology(
            "a delay without a unit", [11: "    link: {delay: 20}"], .init("11:19 sites[0].link.delay", "did you mean \"20ms\"", "45ms")),
        BadTopology(
            "a negative delay", [11: "    link: {delay: -5ms}"], .init("11:19 sites[0].link.delay", "\"-5ms\", a negative duration")),
        BadTopology("an endless delay", [11: "    link: {delay: 61s}"], .init("11:19 sites[0].link.delay", "too long", "to 1min")),
        BadTopology(
            "an unclear unit", [11: "    link: {delay: 5m}"], .init("11:19 sites[0].link.delay", "did you mean \"min\" or \"ms\"?")),
        BadTopology("a space before the unit", [11: "    link: {delay: 5 ms}"], .init("11:19 sites[0].link.delay", "unknown unit")),
        BadTopology("an exponent", [11: "    link: {delay: 1e3ms}"], .init("11:19 sites[0].link.delay", "\"1e3ms\"")),
        BadTopology(
            "more jitter than delay", [11: "    link: {delay: 20ms, jitter: 30ms}"],
            .init("11:33 sites[0].link.jitter", "a jitter of 30ms", "at most the delay, 20ms")),
        BadTopology("jitter without a delay", [11: "    link: {jitter: 1ms}"], .init("11:20 sites[0].link.jitter", "1ms", "the delay, 0s")),
        BadTopology(
            "more jitter than delay in one direction", [11: "    link: {toSite: {delay: 1ms}, fromSite: {delay: 1ms, jitter: 2ms}}"],
            .init("11:65 sites[0].link.fromSite.jitter", "2ms")),
        BadTopology(
            "more jitter by default than delay", [11: "    link: {delay: 2ms}", 7: "defaults: {link: {delay: 10ms, jitter: 5ms}}\nsites:"],
            .init("7:40 defaults.link.jitter", "5ms", "the delay, 2ms")),
        BadTopology(
            "more jitter than delay at the gateway", [6: "  prefixes: [10.1.0.0/16]\n  link: {delay: 1ms, jitter: 2ms}"],
            .init("7:30 gateway.link.jitter", "2ms")),
        BadTopology(
            "more jitter than delay inside", [6: "  prefixes: [10.1.0.0/16]\n  insideLink: {toGateway: {jitter: 2ms}}"],
            .init("7:36 gateway.insideLink.toGateway.jitter", "2ms")),
        BadTopology(
            "loss without a unit", [11: "    link: {loss: 0.1}"], .init("11:18 sites[0].link.loss", "did you mean \"0.1%\"?", "0.1%")),
        BadTopology(
            "more loss than everything", [11: "    link: {loss: 100.1%}"], .init("11:18 sites[0].link.loss", "more than everything", "100%")
        ),
        BadTopology("negative loss", [11: "    link: {loss: -1%}"], .init("11:18 sites[0].link.loss", "a negative percentage")),
        BadTopology(
            "a rate without a unit", [11: "    link: {rate: 100}"], .init("11:18 sites[0].link.rate", "did you mean \"100Mbit\"?", "10Gbit")
        ),
        BadTopology(
            "a rate in other capitals", [11: "    link: {rate: 100mbit}"], .init("11:18 sites[0].link.rate", "did you mean \"Mbit\"?")),
        BadTopology("a rate of nothing", [11: "    link: {rate: 0Mbit}"], .init("11:18 sites[0].link.rate", "out of range", "1kbit")),
        BadTopology(
            "a site's direction at the gateway", [6: "  prefixes: [10.1.0.0/16]\n  link: {toSite: {delay: 1ms}}"],
            .init("7:10 gateway.link.toSite", "unknown key \"toSite\"", "delay")),
    ]

    static let policies = [
        BadTopology(
            "an unknown cipher", [14: "      policy: {ikeEncryption: CHACHA20}"],
            .init("14:31 sites[0].connection.policy.ikeEncryption", "\"CHACHA20\"", "AES128, AES192, AES256, GCMAES128 or GCMAES256")),
        BadTopology(
            "a cipher in other capitals", [14: "      policy: {ikeEncryption: aes256}"],
            .init("14:31 sites[0].connection.policy.ikeEncryption", "did you mean \"AES256\"?")),
        BadTopology(
            "DES", [14: "      policy: {ipsecEncryption: DES}"],
            .init("14:33 sites[0].connection.policy.ipsecEncryption", "broken and not supported here", "AES128")),
        BadTopology(
            "3DES", [14: "      policy: {ikeEncryption: DES3}"],
            .init("14:31 sites[0].connection.policy.ikeEncryption", "not supported here")),
        BadTopology(
            "MD5", [14: "      policy: {ikeIntegrity: MD5}"], .init("14:30 sites[0].connection.policy.ikeIntegrity", "not supported here")),
        BadTopology(
            "no encryption", [14: "      policy: {ipsecEncryption: None}"],
            .init("14:33 sites[0].connection.policy.ipsecEncryption", "in clear and is not supported here")),
        BadTopology(
            "an unknown group", [14: "      policy: {pfsGroup: PFS99}"],
            .init("14:26 sites[0].connection.policy.pfsGroup", "\"PFS99\"", "PFSMM")),
        BadTopology(
            "GCM with another integrity", [14: "      policy: {ipsecEncryption: GCMAES128, ipsecIntegrity: SHA256}"],
            .init("14:60 sites[0].connection.policy.ipsecIntegrity", "SHA256 with ipsecEncryption GCMAES128", "GCMAES128 with")),
        BadTopology(
            "GCM with the default's integrity", [14: "      policy: {ipsecEncryption: GCMAES128}"],
            .init("14:33 sites[0].connection.policy.ipsecEncryption", "ipsecIntegrity GCMAES256 with ipsecEncryption GCMAES128")),
        BadTopology(
            "a hash missing", [14: "      policy: {ipsecEncryption: AES256}"],
            .init("14:33 sites[0].connection.policy.ipsecEncryption", "GCMAES256 with ipsecEncryption AES256", "SHA1 or SHA256")),
        BadTopology(
            "IKE with another cipher's integrity", [14: "      policy: {ikeIntegrity: GCMAES256}"],
            .init("14:30 sites[0].connection.policy.ikeIntegrity", "GCMAES256 with ikeEncryption AES256", "SHA1, SHA256 or SHA384")),
        BadTopology(
            "one side that does not fit", [14: "      policy: {site: {pfsGroup: PFS2}, gateway: {ipsecIntegrity: SHA1}}"],
            .init("14:66 sites[0].connection.policy.gateway.ipsecIntegrity", "SHA1 with ipsecEncryption GCMAES256")),
        BadTopology(
            "defaults that do not fit", [7: "defaults: {policy: {ipsecIntegrity: SHA1}}\nsites:"],
            .init("7:37 defaults.policy.ipsecIntegrity", "SHA1 with")),
        BadTopology(
            "a short lifetime", [14: "      policy: {saLifeTimeSeconds: 299}"],
            .init("14:35 sites[0].connection.policy.saLifeTimeSeconds", "\"299\", too small", "from 300")),
        BadTopology(
            "a small lifetime", [14: "      policy: {saDataSizeKilobytes: 1023}"],
            .init("14:37 sites[0].connection.policy.saDataSizeKilobytes", "too small", "from 1024")),
    ]

    /// None of what is written as a key may be in a message.
    static let secrets = [
        BadTopology(
            "an empty key", [13: "      preSharedKey: ''"], .init("13:21 sites[0].connection.preSharedKey", "an empty key", "1 to 128")),
        BadTopology(
            "a long key", [13: "      preSharedKey: \(String(repeating: GoodTopology.secret, count: 17))"],
            .init("13:21 sites[0].connection.preSharedKey", "a key of 136 characters")),
        BadTopology(
            "a key with umlauts", [13: "      preSharedKey: \(GoodTopology.secret)ü"],
            .init("13:21 sites[0].connection.preSharedKey", "other characters", "ASCII")),
        BadTopology(
            "a list of keys", [13: "      preSharedKey: [\(GoodTopology.secret)]"],
            .init("13:21 sites[0].connection.preSharedKey", "a list")),
        BadTopology(
            "braces around a key", [13: "      preSharedKey: {\(GoodTopology.secret)}"],
            .init("13:21 sites[0].connection.preSharedKey", "a mapping")),
        BadTopology(
            "a key that is a key", [13: "      preSharedKey: {site: a, \(GoodTopology.secret)}"],
            .init("13:21 sites[0].connection.preSharedKey.gateway", "no such key"),
            .init("13:31 sites[0].connection.preSharedKey", "an unknown key", "site or gateway")),
        BadTopology(
            "a key that is a key twice", [13: "      preSharedKey: {site: a, gateway: b, \(GoodTopology.secret), \(GoodTopology.secret)}"],
            .init("13:43 sites[0].connection.preSharedKey", "an unknown key"),
            .init("13:53 sites[0].connection.preSharedKey", "already in line 13")),
        BadTopology(
            "a key of one side", [13: "      preSharedKey: {site: \(GoodTopology.secret)}"],
            .init("13:21 sites[0].connection.preSharedKey.gateway", "no such key")),
        BadTopology(
            "a key with a wrong name", [13: "      presharedkey: \(GoodTopology.secret)"],
            .init("13:7 sites[0].connection.presharedkey", "did you mean \"preSharedKey\"?")),
        BadTopology(
            "a key without its name", [12: "    connection: {\(GoodTopology.secret)}", 13: "", 14: ""],
            .init("12:18 sites[0].connection", "an unknown key", "name, preSharedKey, policy, mode")),
        BadTopology(
            "a key as a name", [13: "      name: \(GoodTopology.secret) and more"],
            .init("13:13 sites[0].connection.name", "with \" \"", "letters, digits")),
        BadTopology(
            "a key in the place of a connection", [12: "    connection: \(GoodTopology.secret)", 13: "", 14: ""],
            .init("12:17 sites[0].connection", "a single value", "a mapping")),
    ]

    static let times = [
        BadTopology(
            "an unknown profile", [6: "  prefixes: [10.1.0.0/16]\n  timing: {profile: azure}"],
            .init("7:21 gateway.timing.profile", "\"azure\"", "instant, azure-2016, azure-2021-02 or azure-2025-03")),
        BadTopology(
            "a detection for hours", [6: "  prefixes: [10.1.0.0/16]\n  timing: {failure: {detection: 61min}}"],
            .init("7:33 gateway.timing.failure.detection", "too long", "to 1h")),
        BadTopology(
            "a boot of a trigger", [6: "  prefixes: [10.1.0.0/16]\n  timing: {maintenance: {boot: 1s}}"],
            .init("7:26 gateway.timing.maintenance.boot", "the unknown key \"boot\"", "detection or takeover")),
        BadTopology(
            "too many announcements", [6: "  prefixes: [10.1.0.0/16]\n  timing: {announcements: {count: 0}}"],
            .init("7:35 gateway.timing.announcements.count", "too small")),
        BadTopology(
            "a base under one", [6: "  prefixes: [10.1.0.0/16]\n  timing: {keyExchange: {base: 0.9}}"],
            .init("7:32 gateway.timing.keyExchange.base", "too small", "from 1 to 10")),
        BadTopology(
            "a base with a unit", [6: "  prefixes: [10.1.0.0/16]\n  timing: {keyExchange: {base: 2s}}"],
            .init("7:32 gateway.timing.keyExchange.base", "a number with a unit")),
        BadTopology(
            "retransmission for years", [6: "  prefixes: [10.1.0.0/16]\n  timing: {keyExchange: {base: 10, tries: 20}}"],
            .init("7:25 gateway.timing.keyExchange", "more than a day")),
        BadTopology(
            "a reset after the end", [20: "  resetAt: 60s"], .init("20:12 rehearsal.resetAt", "a reset at 1min in 1min", "before the end")),
        BadTopology(
            "an end before the usual reset", [19: "  duration: 18s", 20: ""], .init("19:13 rehearsal.duration", "a reset at 20s in 18s")),
        BadTopology("a short warm-up", [20: "  resetAt: 14s"], .init("20:12 rehearsal.resetAt", "too short", "from 15s")),
        BadTopology("a reset without a unit", [20: "  resetAt: 20"], .init("20:12 rehearsal.resetAt", "without a unit")),
        BadTopology("no probes", [20: "  probes: {rate: 0}"], .init("20:18 rehearsal.probes.rate", "too small")),
        BadTopology(
            "a payload over the tunnel's", [20: "  probes: {payload: 1400}"],
            .init("20:21 rehearsal.probes.payload", "too large", "32 to 1350")),
    ]
}
