extension BadTopology {
    /// Two instances that forward, and how tunnels come back.
    static let instances = [
        BadTopology(
            "neither true nor false", [6: "  prefixes: [10.1.0.0/16]\n  activeActive: yes"],
            .init("7:17 gateway.activeActive", "\"yes\"", "true or false")),
        BadTopology(
            "one address for two instances", [6: "  prefixes: [10.1.0.0/16]\n  activeActive: true"],
            .init("5:14 gateway.addresses", "one IPv4 address for two active instances", "one for each instance")),
        BadTopology(
            "two addresses and one of another family",
            [5: "  addresses: [203.0.113.10, 203.0.113.11, '2001:db8::1']\n  activeActive: true"],
            .init("5:14 gateway.addresses", "one IPv6 address for two active instances")),
        BadTopology(
            "three addresses of a family", [5: "  addresses: [203.0.113.10, 203.0.113.11, 203.0.113.12]\n  activeActive: true"],
            .init("5:43 gateway.addresses[2]", "a third IPv4 address", "two addresses of each family")),
        BadTopology(
            "one address twice", [5: "  addresses: [203.0.113.10, 203.0.113.10]\n  activeActive: true"],
            .init("5:29 gateway.addresses[1]", "the gateway's other instance", "of its own")),
        BadTopology(
            "state that is carried over and begun anew", [6: "  prefixes: [10.1.0.0/16]\n  stateSync: true\n  reinstall: same-spi"],
            .init("8:14 gateway.reinstall", "same-spi with \"stateSync: true\"", "one of both: same-spi begins sequence numbers anew")),
        BadTopology(
            "state that has nowhere to go",
            [5: "  addresses: [203.0.113.10, 203.0.113.11]\n  activeActive: true\n  stateSync: true"],
            .init("7:14 gateway.stateSync", "stateSync with \"activeActive: true\"", "stay with their own instance")),
        BadTopology(
            "SPIs that have nowhere to go",
            [5: "  addresses: [203.0.113.10, 203.0.113.11]\n  activeActive: true\n  reinstall: same-spi"],
            .init("7:14 gateway.reinstall", "same-spi with \"activeActive: true\"", "stay with their own instance")),
        BadTopology(
            "an unknown way back", [6: "  prefixes: [10.1.0.0/16]\n  reinstall: samespi"],
            .init("7:14 gateway.reinstall", "did you mean \"same-spi\"?", "new-spi or same-spi")),
    ]

    /// Who begins, and who notices that the peer is gone.
    static let liveness = [
        BadTopology(
            "an unknown mode", [14: "      mode: Responder"],
            .init("14:13 sites[0].connection.mode", "\"Responder\"", "Default, InitiatorOnly or ResponderOnly")),
        BadTopology(
            "a mode in other capitals", [14: "      mode: {site: default}"],
            .init("14:20 sites[0].connection.mode.site", "did you mean \"Default\"?")),
        BadTopology(
            "a mode of a third side", [14: "      mode: {site: Default, peer: Default}"],
            .init("14:29 sites[0].connection.mode.peer", "the unknown key \"peer\"", "site or gateway")),
        BadTopology(
            "a default mode that is none", [7: "defaults: {mode: off}\nsites:"], .init("7:18 defaults.mode", "\"off\"", "InitiatorOnly")),
        BadTopology(
            "a timeout under the service's", [14: "      deadPeerDetection: {timeout: 8s}"],
            .init("14:36 sites[0].connection.deadPeerDetection.timeout", "too short", "from 9s to 1h")),
        BadTopology(
            "a timeout over the service's", [14: "      deadPeerDetection: {timeout: 61min}"],
            .init("14:36 sites[0].connection.deadPeerDetection.timeout", "too long")),
        BadTopology(
            "an interval over the timeout", [14: "      deadPeerDetection: {interval: 10s, timeout: 9s}"],
            .init("14:37 sites[0].connection.deadPeerDetection.interval", "an interval of 10s", "at most the timeout, 9s")),
        BadTopology(
            "an interval over the usual timeout", [14: "      deadPeerDetection: {site: {interval: 46s}}"],
            .init("14:44 sites[0].connection.deadPeerDetection.site.interval", "46s", "the timeout, 45s")),
        BadTopology(
            "an interval by default over the timeout",
            [7: "defaults: {deadPeerDetection: {interval: 20s}}\nsites:", 14: "      deadPeerDetection: {timeout: 10s}"],
            .init("7:42 defaults.deadPeerDetection.interval", "20s", "the timeout, 10s")),
        BadTopology(
            "an unknown action", [14: "      deadPeerDetection: {action: reboot}"],
            .init("14:35 sites[0].connection.deadPeerDetection.action", "\"reboot\"", "restart, clear or hold")),
        BadTopology(
            "a wrong word for off", [14: "      deadPeerDetection: never"],
            .init("14:26 sites[0].connection.deadPeerDetection", "\"never\"", "off; or a mapping with interval")),
        BadTopology(
            "a list of detections", [14: "      deadPeerDetection: [off]"],
            .init("14:26 sites[0].connection.deadPeerDetection", "a list", "off; or a mapping")),
        BadTopology(
            "an unknown key of detection", [14: "      deadPeerDetection: {timout: 9s}"],
            .init("14:27 sites[0].connection.deadPeerDetection.timout", "did you mean \"timeout\"?")),
    ]

    /// What is wrong on purpose must be right otherwise.
    static let misconfigurations = [
        BadTopology(
            "two peers for one tunnel", [14: "      peerAddress: {site: [203.0.113.11, 203.0.113.12]}"],
            .init("14:27 sites[0].connection.peerAddress.site", "2 addresses", "one address: there is one tunnel")),
        BadTopology(
            "one peer for two tunnels",
            [5: "  addresses: [203.0.113.10, 203.0.113.11]\n  activeActive: true", 14: "      peerAddress: {site: 203.0.113.12}"],
            .init("15:27 sites[0].connection.peerAddress.site", "one address", "two addresses, one for each tunnel")),
        BadTopology(
            "no peer's address", [14: "      peerAddress: {gateway: tokyo}"],
            .init("14:30 sites[0].connection.peerAddress.gateway", "\"tokyo\"", "an IPv4 or IPv6 address")),
        BadTopology(
            "a peer of another family", [14: "      peerAddress: {gateway: '2001:db8::1'}"],
            .init("14:30 sites[0].connection.peerAddress.gateway", "an IPv6 address", "an IPv4 address, as the site's own is")),
        BadTopology(
            "half a pair of selectors", [14: "      selectors: {site: [{site: 10.20.0.0/16}]}"],
            .init("14:26 sites[0].connection.selectors.site[0].gateway", "no such key", "prefix")),
        BadTopology(
            "no selectors", [14: "      selectors: {gateway: []}"],
            .init("14:28 sites[0].connection.selectors.gateway", "an empty list", "1 to 256")),
        BadTopology(
            "selectors of two families",
            [14: "      selectors: {site: [{site: 10.20.0.0/16, gateway: '2001:db8:1::/48'}]}"],
            .init("14:26 sites[0].connection.selectors.site[0]", "an IPv4 and an IPv6 prefix", "one family")),
        BadTopology(
            "selectors around the tunnel's own end",
            [14: "      selectors: {site: [{site: 10.20.0.0/16, gateway: 203.0.113.0/24}]}"],
            .init("14:56 sites[0].connection.selectors.site[0].gateway", "203.0.113.10 lies", "without the tunnel's own ends")),
        BadTopology(
            "selectors of a counted site",
            [
                15: "  - name: osaka\n    count: 2",
                17: "    prefixes: [10.30.0.0/16]\n    connection: {selectors: {site: [{site: 10.30.0.0/16, gateway: 10.1.0.0/16}]}}",
            ],
            .init("19:29 sites[1].connection.selectors", "of a counted site", "without \"count\"")),
        BadTopology(
            "a choice without one", [14: "      prefers: second"],
            .init("14:16 sites[0].connection.prefers", "a choice of tunnels", "there is one tunnel")),
        BadTopology(
            "a third tunnel", [14: "      prefers: third"], .init("14:16 sites[0].connection.prefers", "\"third\"", "first or second")),
    ]
}
