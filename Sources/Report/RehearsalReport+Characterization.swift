import Measurement

extension RehearsalReport {
    /// One item of what RFC 6201 asks a report for.
    public struct ReportingItem: Sendable, Equatable {
        public var name: String
        public var value: String
    }

    /// The flow whose outage is the longest: one that is not over before all others. nil without any outage.
    public var worstFlow: Flow? {
        flows.filter { $0.outage.lost > 0 }.max { left, right in
            (left.outage.state == .notRecovered ? 1 : 0, left.outage.frameLoss) < (
                right.outage.state == .notRecovered ? 1 : 0, right.outage.frameLoss
            )
        }
    }

    /// Every item of RFC 6201 §1.4, and the factors of its §3 that an emulation has.
    public var characterization: [ReportingItem] {
        let families = Set(lab.sites.map { $0.address.contains(":") }).map { $0 ? "IPv6" : "IPv4" }.sorted()
        let headers = families.contains("IPv6") ? 40 : 20
        let frame = rehearsal.probePayload + 8 + headers + 14
        let rate = rehearsal.probeRate * Double(flows.count)
        let bits = rate * Double(frame) * 8
        let hit = flows.filter { $0.outage.lost > 0 }
        let lost = hit.reduce(0) { $0 + $1.outage.lost }
        let mean = hit.isEmpty ? 0 : hit.reduce(0) { $0 + $1.outage.frameLoss.nanoseconds } / Int64(hit.count)
        let suites = Set(lab.sites.map(\.suite)).sorted()
        let triggers = timing.failovers.map(\.trigger.rawValue)
        return [
            ReportingItem(
                name: "Throughput offered", value: "\(Self.plain(rate)) frames/s, \(Self.plain(bits)) bit/s in \(flows.count) flows"),
            ReportingItem(
                name: "Average frame loss",
                value: hit.isEmpty ? "no loss" : "\(lost / hit.count) frames a flow with an outage, of \(hit.count)"),
            ReportingItem(
                name: "Average reset time",
                value: hit.isEmpty
                    ? "no loss" : "\(Milliseconds(nanoseconds: mean).text(decimals: 1)) ms by frame loss, over flows with an outage"),
            ReportingItem(name: "Trials", value: "\(trials?.seeds.count ?? 1)"),
            ReportingItem(name: "Protocol", value: families.joined(separator: " and ") + " outside, UDP probes"),
            ReportingItem(name: "Frame size", value: "\(frame) bytes with Ethernet header, before ESP"),
            ReportingItem(name: "Media", value: "virtual Ethernet (veth)"),
            ReportingItem(name: "Port speed", value: portSpeed),
            ReportingItem(name: "Encapsulation", value: "ESP in tunnel mode, " + suites.joined(separator: "; ")),
            ReportingItem(
                name: "Reset type",
                value: rehearsal.steps.map(\.action).prefix(4).joined(separator: "; ")
                    + (triggers.isEmpty ? "" : " (\(triggers.joined(separator: ", ")), scheduled, remote)")),
            ReportingItem(
                name: "Scale",
                value: "\(lab.sites.count) site\(lab.sites.count == 1 ? "" : "s"), "
                    + "\(lab.sites.count * (lab.isActiveActive ? 2 : 1)) tunnels, two SAs each"),
            ReportingItem(
                name: "Redundancy",
                value: (lab.isActiveActive ? "two active instances" : "one active instance, one standby")
                    + "; tunnels: \(lab.recovery.rawValue)"),
        ]
    }

    private var portSpeed: String {
        let limits = Set(lab.sites.flatMap { [$0.toSite, $0.fromSite] }.map { $0 ?? "no limit" }).sorted()
        return limits.count <= 3 ? limits.joined(separator: "; ") : "\(limits.count) different lines"
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
