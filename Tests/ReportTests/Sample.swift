import Addressing
import LabPlan
import Measurement
import Preflight
import Report

/// A small rehearsal: one connection, reset at 20 s, whose packets to the gateway meet an instance that does not know their SA.
enum Sample {
    static let second: Int64 = 1_000_000_000
    static let millisecond: Int64 = 1_000_000

    static func plan(_ expectations: [ExpectationPlan]) -> LabPlan {
        var plan = plan(maximumOutage: nil)
        plan.rehearsal.expectations = expectations
        return plan
    }

    static func plan(maximumOutage: Duration? = .seconds(60)) -> LabPlan {
        let names: [(String, Node.Kind)] = [
            ("internet", .internet), ("vnet", .virtualNetwork), ("gateway-0", .gatewayInstance(0)), ("gateway-1", .gatewayInstance(1)),
            ("hq", .site),
        ]
        return LabPlan(
            name: "demo", topology: "demo.yaml", seed: 42, usesIPv6: false,
            nodes: names.map { Node(name: $0.0, kind: $0.1, namespace: "demo-\($0.0)") }, bridges: [], links: [], dummies: [],
            addresses: [], routes: [],
            gateway: GatewayPlan(name: "VNet5GW", instances: [], virtualAddresses: [], insideNextHops: [], prefixes: []), connections: [hq],
            timing: TimingPlan(
                profile: "planned-2025", reset: .init(detection: .milliseconds(1500), takeover: .seconds(10)),
                maintenance: .init(detection: .zero, takeover: .seconds(10)),
                failure: .init(detection: .seconds(30), takeover: .seconds(10)), boot: .seconds(240),
                announcements: .init(count: 5, interval: .milliseconds(1100)),
                keyExchange: .init(timeout: .milliseconds(500), base: 1.8, tries: 5)),
            rehearsal: RehearsalPlan(
                duration: .seconds(90), steps: [.init(.at(.seconds(20)), .perform(.resetGateway(address: nil)))], probeRate: 10,
                probePayload: 64,
                expectations: maximumOutage.map {
                    [ExpectationPlan(text: "outage <= 60s", quantity: .outage(.init()), comparison: .atMost, value: .duration($0))]
                } ?? []))
    }

    private static let hq: ConnectionPlan = {
        let (site, gateway) = (IPAddress(family: .v4, value: 0xc633_640a), IPAddress(family: .v4, value: 0xcb00_710a))
        let side = ConnectionPlan.Side(preSharedKey: PreSharedKey(secret: [1]), policy: .routeBasedDefault, selectors: [])
        return ConnectionPlan(
            name: "hq", site: 4, siteInterface: "wan", siteAddress: site, siteSide: side, gatewaySide: side,
            tunnels: [.init(gatewayAddress: gateway, gatewayAddressAtSite: gateway, siteAddressAtGateway: site)], requestID: 1,
            probes: .init(site: site, gateway: gateway))
    }()

    /// A message stream that TCP repairs long after the network, and requests of which some were given up.
    static let applications = [
        ApplicationResult(
            connection: "hq",
            messages: [
                .init(
                    direction: .toGateway, due: 890, delivered: 890, lost: 0, unsent: 0, retransmissions: 8,
                    stalls: [Stall(start: 19_920 * millisecond, end: 45_530_250_000)],
                    delay: Distribution([20, 21, 25_600].map { $0 * millisecond })),
                .init(
                    direction: .toSite, due: 890, delivered: 700, lost: 150, unsent: 40, retransmissions: 9,
                    stalls: [Stall(start: 20_020 * millisecond, end: 45_531 * millisecond), Stall(start: 80 * second, end: nil)], delay: nil
                ),
            ],
            breaks: [
                .init(at: 40_100 * millisecond, reason: "ETIMEDOUT"),
                .init(at: 41_100 * millisecond, times: 4, reason: "connecting: ENETUNREACH"),
            ],
            requests: .init(
                answered: 390, failed: 60, open: 0, retransmissions: 11, breaks: [.init(at: 25 * second, reason: "given up")],
                stalls: [Stall(start: 19_840 * millisecond, end: 36_100 * millisecond)],
                before: Distribution([41, 42, 43].map { $0 * millisecond }), after: Distribution([41, 44, 4_990].map { $0 * millisecond })))
    ]

    /// What the kernel told: of the internet's table, and of the SAs at both ends.
    static let notices = [
        TimelineEvent(at: 31_500_030_000, kind: "neighbour-updated", subject: "internet", detail: "203.0.113.10 is at 02:03:00:00:00:03"),
        TimelineEvent(at: 31_650 * millisecond, kind: "site-association-added", subject: "hq", detail: "hq"),
        TimelineEvent(at: 31_700 * millisecond, kind: "gateway-association-added", subject: "hq", detail: "gateway-1"),
    ]

    static let noStates = CounterKey(node: 3, name: "XfrmInNoStates")
    static let noStatesOut = CounterKey(node: 4, name: "XfrmOutNoStates")
    static let drops = CounterKey(node: 0, interface: "s0001", name: "qdisc_drops")

    /// Loses `lost` probes in a row from the reset on.
    static func trace(lost: Int, background: Set<Int> = [], probes: Int = 900, unsent: Set<Int> = []) -> FlowTrace {
        var trace = FlowTrace(rate: 10, expectedProbes: probes)
        for sequence in 0..<probes {
            let time = Int64(sequence) * 100 * millisecond
            guard !unsent.contains(sequence) else {
                trace.recordUnsent(sequence: sequence)
                continue
            }
            trace.recordSend(sequence: sequence, at: time)
            guard !(200..<200 + lost).contains(sequence), !background.contains(sequence) else { continue }
            trace.recordArrival(sequence: sequence, at: time + 20 * millisecond + Int64(sequence % 7) * 1_001)
        }
        return trace
    }

    static func flow(
        _ connection: String, _ direction: FlowDirection, _ trace: FlowTrace, causes: [[LossCause]] = [], minimumRun: Int = 1
    ) -> FlowResult {
        FlowResult(
            connection: connection, direction: direction, trace: trace, rule: OutageRule(reset: 20 * second, minimumRun: minimumRun),
            causes: causes)
    }

    static let events = [
        TimelineEvent(at: 20 * second, kind: "reset-requested", subject: "VNet5GW"),
        TimelineEvent(at: 20 * second, kind: "active-down", subject: "gateway-0"),
        TimelineEvent(at: 21_500 * millisecond, kind: "failure-detected", subject: "gateway-1"),
        TimelineEvent(at: 31_500 * millisecond, kind: "standby-took-addresses", subject: "gateway-1"),
        TimelineEvent(at: 31_500_012_345, kind: "announced", subject: "gateway-1", detail: "1 of 5"),
        TimelineEvent(at: 31_700_000_004, kind: "key-exchange-completed", subject: "hq"),
        TimelineEvent(at: 32_600 * millisecond, kind: "announced", subject: "gateway-1", detail: "2 of 5"),
        TimelineEvent(at: 33_700 * millisecond, kind: "announced", subject: "gateway-1", detail: "3 of 5"),
        TimelineEvent(at: 34_800 * millisecond, kind: "announced", subject: "gateway-1", detail: "4 of 5"),
    ]

    /// - Parameter applications: with them, each flow's SAs have carried a thousand packets more.
    static func result(flows: [FlowResult], applications: [ApplicationResult]? = nil, clearText: UInt64 = 0) -> RehearsalResult {
        let lost = LossCause.sum(flows.flatMap { $0.lossPeriods.map(\.causes) })
        let more: UInt64 = applications == nil ? 0 : 1_000
        let segments = FlowDirection.allCases.map { direction in
            let all = more * UInt64(flows.count { $0.direction == direction })
            return EncryptionAudit.SegmentCount(direction: direction, sent: all + 30, arrived: all - min(all, 20))
        }
        return RehearsalResult(
            startUptime: 30 * second, kernelRelease: "6.12.48-cloud-amd64", events: events, flows: flows,
            encryption: EncryptionAudit(
                flows: flows.map {
                    .init(
                        connection: $0.connection, direction: $0.direction, sent: UInt64($0.sent), sealed: UInt64($0.sent) + more,
                        opened: UInt64($0.received) + more, arrived: UInt64($0.received))
                }, segments: applications == nil ? nil : segments, clearText: clearText),
            ledger: lost.compactMap { cause in
                cause.counter.map { LedgerTotal(counter: $0, delta: UInt64(cause.packets + 1), allocated: cause.packets) }
            }, notices: notices, applications: applications)
    }

    static var flows: [FlowResult] {
        [
            flow(
                "hq", .toGateway, trace(lost: 118, background: [100], unsent: [5]),
                causes: [
                    [LossCause(counter: drops, packets: 1)],
                    [LossCause(counter: noStates, packets: 115), LossCause(counter: nil, packets: 3)],
                ], minimumRun: 3),
            flow("hq", .toSite, trace(lost: 0)),
        ]
    }

    static func report(
        flows: [FlowResult] = flows, maximumOutage: Duration? = .seconds(60), clearText: UInt64 = 0
    ) -> RehearsalReport {
        report(flows: flows, plan: plan(maximumOutage: maximumOutage), clearText: clearText)
    }

    static func report(
        flows: [FlowResult] = flows, plan: LabPlan, clearText: UInt64 = 0, events: [TimelineEvent] = events,
        checks: [ConnectionCheck] = []
    ) -> RehearsalReport {
        let applications = plan.rehearsal.applications == nil ? nil : applications
        var result = result(flows: flows, applications: applications, clearText: clearText)
        result.events = events
        return RehearsalReport(
            result: result, plan: plan, version: "1.0.0", backend: .guest, clock: .virtual,
            timingSources: ["Highly available connectivity, 2025-03.", "boot: The document gives none."], checks: checks)
    }

    /// With everything that a report can have: the documented example.
    static func example() -> RehearsalReport {
        var plan = plan()
        plan.rehearsal.applications = ApplicationPlan(userTimeout: .seconds(20))
        return RehearsalReport(
            result: result(flows: flows, applications: applications), plan: plan, version: "1.0.0", backend: .guest, clock: .virtual,
            timingSources: ["Highly available connectivity, 2025-03.", "boot: The document gives none."])
    }
}
