import Addressing
import LabPlan
import Measurement
import Report
import Testing

@Suite struct ExpectationTests {
    /// Two connections: `hq` loses 11.8 s to the gateway, `lab` nothing.
    private static func flows(lost: Int = 118) -> [FlowResult] {
        [
            Sample.flow("hq", .toGateway, Sample.trace(lost: lost, background: [100]), minimumRun: 3),
            Sample.flow("hq", .toSite, Sample.trace(lost: lost / 2)), Sample.flow("lab", .toGateway, Sample.trace(lost: 0)),
            Sample.flow("lab", .toSite, Sample.trace(lost: 0)),
        ]
    }

    private static func lab(_ expectation: ExpectationPlan) throws -> LabPlan {
        var plan = Sample.plan([expectation])
        plan.rehearsal.applications = expectation.quantity.needsApplications ? ApplicationPlan() : nil
        let address = try #require(IPAddress("198.51.100.10"))
        let side = ConnectionPlan.Side(preSharedKey: PreSharedKey(secret: [1]), policy: .routeBasedDefault, selectors: [])
        plan.connections = ["hq", "lab"].map {
            ConnectionPlan(
                name: $0, site: 4, siteInterface: "wan", siteAddress: address, siteSide: side, gatewaySide: side, tunnels: [], requestID: 1,
                probes: .init(site: address, gateway: address))
        }
        return plan
    }

    private static func evaluate(
        _ quantity: ExpectationPlan.Quantity, _ comparison: ExpectationPlan.Comparison, _ value: ExpectationPlan.Value, lost: Int = 118,
        events: [TimelineEvent] = Sample.events
    ) throws -> Found {
        let plan = ExpectationPlan(text: "as written", quantity: quantity, comparison: comparison, value: value)
        let report = Sample.report(flows: flows(lost: lost), plan: try lab(plan), events: events)
        let found = try #require(report.expectations.first)
        #expect(found.text == "as written")
        #expect(report.verdict == (found.holds ? .passed : .failed))
        return Found(holds: found.holds, found: found.found)
    }

    @Test("A step that was not carried out fails the rehearsal, whatever else was expected")
    func steps() throws {
        func report(_ failures: [TimelineEvent]) -> RehearsalReport {
            Sample.report(flows: Self.flows(), plan: Sample.plan([]), events: Sample.events + failures)
        }
        #expect(report([]).expectations.map(\.text) == ["all probes were encrypted on their way"])
        for kind in ["step-timed-out", "step-refused", "step-not-begun"] {
            let failure = TimelineEvent(at: 40 * Sample.second, kind: kind, subject: "VNet5GW", detail: "step 2: in vain")
            let failed = report([failure, failure])
            #expect(failed.verdict == .failed)
            #expect(failed.expectations.first?.text == "every step was carried out")
            #expect(failed.expectations.first?.found == "step 2: in vain (and 1 more findings)")
        }
    }

    @Test("What applications are expected to get through")
    func applications() throws {
        let toGateway = ExpectationPlan.Scope(direction: "site-to-gateway")
        let stall = try Self.evaluate(.stall(toGateway), .atMost, .duration(.milliseconds(25_611)))
        #expect(stall == Found(holds: true, found: "the longest is 25.610 s (hq, site-to-gateway)"))
        #expect(try !Self.evaluate(.stall(toGateway), .atMost, .duration(.milliseconds(25_610))).holds)
        // A stall that did not end has no length.
        let open = try Self.evaluate(.stall(.init()), .atMost, .duration(.seconds(3_600)))
        #expect(open == Found(holds: false, found: "hq, gateway-to-site: no message came any more at the end"))
        #expect(try Self.evaluate(.failedRequests(.init()), .equal, .count(60)) == Found(holds: true, found: "60 of 450 requests"))
        #expect(try !Self.evaluate(.failedRequests(.init(connection: 0)), .less, .count(60)).holds)
        #expect(try !Self.evaluate(.failedRequests(.init(connection: 1)), .equal, .count(0)).holds)
    }

    static let toSite = ExpectationPlan.Scope(direction: "gateway-to-site")

    @Test(
        "Quantities and their scopes",
        arguments: [
            (ExpectationPlan.Quantity.outage(.init()), Int64(11_800), "the longest is 11.8 s (hq, site-to-gateway)"),
            (.outage(.init(connection: 0)), 11_800, "the longest is 11.8 s (hq, site-to-gateway)"),
            (.outage(.init(connection: 0, direction: "gateway-to-site")), 5_900, "5.9 s (hq, gateway-to-site)"),
            (.outage(toSite), 5_900, "the longest is 5.9 s (hq, gateway-to-site)"), (.outage(.init(connection: 1)), 0, "no outage"),
            // From the request at 20 s to the arrival of the probe sent at 31.8 s.
            (.recovery(.init()), 11_820, "the longest is 11.820 s (hq, site-to-gateway)"),
            (.recovery(.init(connection: 1)), 0, "no outage"),
        ])
    func durations(quantity: ExpectationPlan.Quantity, milliseconds: Int64, found: String) throws {
        let above = ExpectationPlan.Value.duration(.milliseconds(milliseconds + 1))
        #expect(try Self.evaluate(quantity, .atMost, above) == Found(holds: true, found: found))
        #expect(try Self.evaluate(quantity, .less, .duration(.milliseconds(milliseconds))) == Found(holds: false, found: found))
    }

    @Test(
        "Counts",
        arguments: [
            (ExpectationPlan.Quantity.lost(.init()), 177, "177 probes, and 1 outside of outages"),
            (.lost(.init(connection: 0, direction: "gateway-to-site")), 59, "59 probes"), (.lost(.init(connection: 1)), 0, "0 probes"),
            (.unexplained, 178, "178 of 178 lost probes"),
        ])
    func counts(quantity: ExpectationPlan.Quantity, count: Int, found: String) throws {
        #expect(try Self.evaluate(quantity, .equal, .count(count)) == Found(holds: true, found: found))
        #expect(try Self.evaluate(quantity, .more, .count(count)) == Found(holds: false, found: found))
        #expect(try Self.evaluate(quantity, .atLeast, .count(count)).holds)
        #expect(try !Self.evaluate(quantity, .equal, .count(count + 1)).holds)
    }

    @Test(
        "An outage that was not seen to end meets no bound, neither an upper nor a lower one",
        arguments: [
            (700, "hq, site-to-gateway had not recovered at the end"),
            (690, "hq, site-to-gateway: the measurement ended before its recovery was seen to hold"),
        ])
    func openOutages(lost: Int, found: String) throws {
        for quantity in [ExpectationPlan.Quantity.outage(.init()), .recovery(.init(connection: 0))] {
            for comparison in ExpectationPlan.Comparison.allCases {
                #expect(
                    try Self.evaluate(quantity, comparison, .duration(.seconds(20)), lost: lost) == Found(holds: false, found: found))
            }
        }
        #expect(try !Self.evaluate(.lost(.init()), .atMost, .count(100_000), lost: lost).holds)
        // Another connection's does not matter.
        #expect(try Self.evaluate(.outage(.init(connection: 1)), .equal, .duration(.zero), lost: lost).holds)
    }

    @Test("Recovery counts from the first disruption, whatever it was")
    func disruption() throws {
        let cut = [
            TimelineEvent(at: 1, kind: "key-exchange-completed", subject: "hq"),
            TimelineEvent(at: 25 * Sample.second, kind: "link-cut", subject: "hq"),
            TimelineEvent(at: 30 * Sample.second, kind: "reset-requested", subject: "VNet5GW"),
        ]
        let found = try Self.evaluate(.recovery(.init()), .atMost, .duration(.seconds(7)), events: cut)
        #expect(found == Found(holds: true, found: "the longest is 6.820 s (hq, site-to-gateway)"))
        let none = try Self.evaluate(.recovery(.init()), .atMost, .duration(.seconds(7)), events: [])
        #expect(none == Found(holds: false, found: "an outage, but no step disrupted anything"))
    }
}

/// What became of the expectation.
private struct Found: Equatable {
    var holds: Bool
    var found: String
}
