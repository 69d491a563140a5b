import Addressing
import Links
import Processes
import XFRM

/// What `ip -batch` takes for the same requests.
enum IPCommands {
    /// This machine's `ip`.
    ///
    /// - Throws: `BenchFailure` without one.
    static func program() throws -> String {
        guard let ip = ExecutableLookup.path(of: "ip") else { throw BenchFailure("there is no program 'ip' (package iproute2)") }
        return ip
    }

    /// - Throws: `BenchFailure` for a change that `ip` has no command for.
    static func line(for change: NetworkChange) throws -> String {
        switch change {
        case .addVethPair(let pair):
            let (end, peer) = (words(pair.end), words(pair.peer))
            return "link add \(end) type veth peer \(peer) netns \(pair.peerNamespace.label)"
        case .addBridge(let name, let mac, let number):
            return
                "link add \(name)\(mac.map { " address \($0)" } ?? "")\(number.map { " index \($0)" } ?? "") type bridge forward_delay 0 stp_state 0 mcast_snooping 0"
        case .addDummy(let name, let mac, let number):
            return "link add \(name)\(mac.map { " address \($0)" } ?? "")\(number.map { " index \($0)" } ?? "") type dummy"
        case .set(let name, let settings):
            var text = "link set dev \(name)"
            if case .of(let bridge)? = settings.port { text += " master \(bridge)" }
            if let alias = settings.alias { text += " alias \"\(alias)\"" }
            if let isUp = settings.isUp { text += isUp ? " up" : " down" }
            return text
        case .addAddress(let address):
            return "address add \(address.address) dev \(address.interface)" + (address.address.family == .v6 ? " nodad" : "")
        case .addRoute(let route):
            var text = "route add \(route.destination)"
            if let nextHop = route.nextHop { text += " via \(nextHop)" }
            text += " dev \(route.interface) proto static"
            if let source = route.preferredSource { text += " src \(source)" }
            return text + (route.nextHop == nil ? "" : " onlink")
        case .setNeighbourTimes(let times, let interface):
            return "ntable change name \(times.family == .v4 ? "arp_cache" : "ndisc_cache") dev \(interface)"
                + " base_reachable \(times.reachable.wholeMilliseconds) delay_probe \(times.firstProbeDelay.wholeMilliseconds)"
        default: throw BenchFailure("no command of ip's for \(change)")
        }
    }

    private static func words(_ end: VethPair.End) -> String {
        "name \(end.interface) address \(end.mac) numtxqueues 1 numrxqueues 1" + (end.number.map { " index \($0)" } ?? "")
    }

    static func line(for policy: SecurityPolicy) -> String {
        let direction = policy.direction == .outbound ? "out" : policy.direction == .inbound ? "in" : "fwd"
        var text = "xfrm policy add src \(policy.selector.source) dst \(policy.selector.destination) dir \(direction)"
        text += " priority \(policy.priority)"
        for template in policy.templates {
            text += " tmpl src \(template.source) dst \(template.destination) proto esp reqid \(template.requestID) mode tunnel"
        }
        return text
    }

    /// - Parameter key: with its salt.
    static func line(for association: SecurityAssociation, key: [UInt8]) -> String {
        let digits = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "xfrm state add src \(association.source) dst \(association.destination) proto esp spi \(association.spi.rawValue)"
            + " reqid \(association.requestID) mode tunnel replay-window \(association.replayWindow) flag af-unspec"
            + " aead rfc4106(gcm(aes)) 0x\(digits) 128"
    }
}
