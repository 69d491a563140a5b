import Measurement

extension RehearsalReport {
    /// One item of what RFC 6201 asks a report for.
    public struct ReportingItem: Codable, Sendable, Equatable {
        public var item: String
        public var value: String

        init(_ item: String, _ value: String) {
            self.item = item
            self.value = value
        }
    }

    /// Every item of RFC 6201 §1.4, and the factors of its §3 that an emulation has.
    func characterize() -> [ReportingItem] {
        let frames = lab.sites.map { FrameSize(site: $0, payload: rehearsal.probePayload) }
        let bits = frames.reduce(0) { $0 + Double($1.clear) * 8 * rehearsal.probeRate * 2 }
        let hit = flows.filter { $0.outage.lost > 0 }
        let lost = Double(hit.reduce(0) { $0 + $1.outage.lost }) / Double(max(hit.count, 1))
        let mean = hit.reduce(0) { $0 + $1.outage.frameLoss.nanoseconds } / Int64(max(hit.count, 1))
        func list(_ values: [String]) -> String { Set(values).sorted().joined(separator: "; ") }
        return [
            ReportingItem(
                "Throughput offered",
                "\(Self.plain(rehearsal.probeRate * Double(flows.count))) frames/s, \(Self.plain(bits)) bit/s in \(flows.count) flows"),
            ReportingItem(
                "Average frame loss",
                hit.isEmpty ? "no loss" : "\(Self.plain((lost * 10).rounded() / 10)) frames a flow, over the \(hit.count) with an outage"),
            ReportingItem(
                "Average reset time",
                hit.isEmpty
                    ? "no loss"
                    : "\(Milliseconds(nanoseconds: mean).text(decimals: 1)) ms by frame loss, over the \(hit.count) with an outage"),
            ReportingItem("Trials", "\(trials?.seeds.count ?? 1)"),
            ReportingItem("Protocol", "UDP probes; " + list(frames.map(\.protocols))),
            ReportingItem("Frame size", list(frames.map(\.words))),
            ReportingItem("Media", "virtual Ethernet (veth)"), ReportingItem("Port speed", portSpeed),
            ReportingItem("Encapsulation", "ESP in tunnel mode: " + list(lab.sites.map(\.suite))),
            ReportingItem("Reset type", resetType),
            ReportingItem(
                "Scale",
                "\(lab.sites.count) site\(lab.sites.count == 1 ? "" : "s"), \(lab.sites.count * (lab.isActiveActive ? 2 : 1)) "
                    + "tunnel\(lab.sites.count == 1 && !lab.isActiveActive ? "" : "s")"),
            ReportingItem(
                "Redundancy",
                (lab.isActiveActive ? "two active instances" : "one active instance, one standby") + "; tunnels: \(lab.recovery.rawValue)"),
        ]
    }

    private var resetType: String {
        let actions = rehearsal.steps.map(\.action)
        let kinds = timing.failovers.map { failover in
            switch failover.trigger {
            case .reset, .maintenance: "\(failover.trigger.rawValue): scheduled"
            case .failure: "failure: not scheduled"
            }
        }
        return actions.prefix(4).joined(separator: "; ") + (actions.count > 4 ? " and \(actions.count - 4) more" : "")
            + (kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")); asked for from outside)")
    }

    private var portSpeed: String {
        let limits = Set(lab.sites.flatMap { [$0.toSite, $0.fromSite] }.map { $0 ?? "no limit" }).sorted()
        return limits.count <= 3 ? limits.joined(separator: "; ") : "\(limits.count) different lines"
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}

/// How large a connection's probes are, in bytes.
private struct FrameSize {
    /// With its Ethernet header, before it is sealed; and sealed, on the internet.
    let clear: Int
    let sealed: Int
    let protocols: String

    private static let ethernet = 14

    init(site: RehearsalReport.Lab.Site, payload: Int) {
        let isInnerIPv6 = site.prefixes.first?.contains(":") ?? false
        let isOuterIPv6 = site.address.contains(":")
        let packet = payload + 8 + (isInnerIPv6 ? 40 : 20)
        clear = Self.ethernet + packet
        sealed = Self.ethernet + (isOuterIPv6 ? 40 : 20) + Self.esp(packet, suite: site.suite)
        protocols = "\(isInnerIPv6 ? "IPv6" : "IPv4") in \(isOuterIPv6 ? "IPv6" : "IPv4")"
    }

    /// RFC 4303 §2: SPI and sequence number, initialisation vector, the packet with padding and trailer, integrity check value. GCM's sizes are
    /// RFC 4106's, CBC's RFC 3602's, the truncated HMACs' RFC 2404's and RFC 4868's.
    private static func esp(_ packet: Int, suite: String) -> Int {
        let isGCM = suite.hasPrefix("GCM")
        let (vector, block) = isGCM ? (8, 4) : (16, 16)
        let check = isGCM || suite.hasSuffix("SHA256") ? 16 : 12
        return 8 + vector + (packet + 2 + block - 1) / block * block + check
    }

    var words: String { "\(clear) bytes with Ethernet header, \(sealed) sealed" }
}
