import LabPlan
import Testing

@testable import Topology

@Suite struct RehearsalTests {
    private static func expectations(_ text: String) throws -> ExpectationPlan {
        try #require(try GoodRehearsal.plan([11: "  - \(text)"]).rehearsal.expectations.first)
    }

    @Test func theGoodRehearsalBecomesItsPlan() throws {
        let plan = try GoodRehearsal.plan()
        #expect(plan.timing == TimingProfile.instant.plan)
        let outage = ExpectationPlan(
            text: "outage(tokyo) <= 60 s", quantity: .outage(.init(connection: 0)), comparison: .atMost, value: .duration(.seconds(60)))
        let recovered = ExpectationPlan(
            text: "recovered within 90s", quantity: .recovery(.init()), comparison: .atMost, value: .duration(.seconds(90)))
        #expect(
            plan.rehearsal
                == RehearsalPlan(
                    name: "storm", duration: .seconds(300),
                    steps: [
                        .init(.at(.seconds(20)), .perform(.resetGateway(address: nil))),
                        .init(.after(event: "standby-took-addresses", by: .seconds(10)), .perform(.resetConnection(1))),
                        .init(.next(after: .zero), .waitUntilRecovered(limit: .seconds(120))),
                    ], probeRate: 10, probePayload: 100, expectations: [outage, recovered]))
    }

    @Test func whatIsNotWrittenIsTheUsual() throws {
        let plan = try GoodRehearsal.plan([3: "", 4: "", 5: "", 10: "", 11: "", 12: ""])
        #expect((plan.rehearsal.duration, plan.rehearsal.probeRate, plan.rehearsal.probePayload) == (.seconds(60), 100, 64))
        #expect(plan.rehearsal.expectations.isEmpty)
        #expect(plan.timing == TimingProfile.azure2021.plan)
    }

    static let steps: [(String, LabAction)] = [
        ("reset gateway", .resetGateway(address: nil)),
        ("reset connection, connection: OSAKA", .resetConnection(1)), ("reset connection, connection: first", .resetConnection(0)),
        ("fail instance, instance: active", .failInstance(.active)), ("fail instance, instance: standby", .failInstance(.standby)),
        ("maintain instance, instance: gateway-1", .maintainInstance(.index(1))),
        ("cut link, link: osaka, for: 10s", .cutLink(5, for: .seconds(10))), ("cut link, link: 'gateway-1:inside'", .cutLink(3, for: nil)),
        ("restore link, link: first", .restoreLink(4)), ("restore link, link: gateway-0", .restoreLink(0)),
        ("flap link, link: tokyo, down: 2s, up: 3s, times: 5", .flapLink(4, down: .seconds(2), up: .seconds(3), times: 5)),
        (
            "impair link, link: tokyo, direction: to, delay: 200ms, jitter: 10ms, loss: 30%, rate: 1Mbit, for: 30s",
            .impairLink(
                4, Impairment(delay: .milliseconds(200), jitter: .milliseconds(10), loss: 0.3, rate: 1_000_000), .toNode, for: .seconds(30))
        ),
        ("impair link, link: tokyo, loss: 100%", .impairLink(4, Impairment(loss: 1), .both, for: nil)),
        ("drop announcements, count: 3", .dropAnnouncements(3)),
    ]

    @Test(arguments: steps) func everyStepBecomesItsAction(text: String, action: LabAction) throws {
        let plan = try GoodRehearsal.plan([8: "  - {do: \(text)}"])
        #expect(plan.rehearsal.steps[1] == .init(.next(after: .zero), .perform(action)))
    }

    @Test func anActiveActiveGatewaysInstancesHaveAddresses() throws {
        let topology = [5: "  addresses: [203.0.113.10, 203.0.113.11]\n  activeActive: true"]
        let plan = try GoodRehearsal.plan([8: "  - {do: reset gateway, address: 203.0.113.11}"], topology: topology)
        guard case .perform(.resetGateway(let address?)) = plan.rehearsal.steps[1].action else {
            Issue.record("no address")
            return
        }
        #expect(address.description == "203.0.113.11")
        let error = #expect(throws: TopologyErrors.self) {
            try GoodRehearsal.plan([8: "  - {do: fail instance, instance: standby}"], topology: topology)
        }
        #expect(error?.description.contains("storm.yaml:8:35: steps[1].instance: found standby, of an active-active gateway") == true)
    }

    static let expectations: [(String, ExpectationPlan.Quantity, ExpectationPlan.Comparison, ExpectationPlan.Value)] = [
        ("outage < 5s", .outage(.init()), .less, .duration(.seconds(5))),
        ("outage(all)   >=1.5min", .outage(.init()), .atLeast, .duration(.seconds(90))),
        (
            "outage( osaka , to-site )>200 ms", .outage(.init(connection: 1, direction: "gateway-to-site")), .more,
            .duration(.milliseconds(200))
        ),
        ("lost(Tokyo) == 0", .lost(.init(connection: 0)), .equal, .count(0)),
        ("lost(all, to-gateway) <= 12", .lost(.init(direction: "site-to-gateway")), .atMost, .count(12)),
        ("recovery(tokyo) <= 90 s", .recovery(.init(connection: 0)), .atMost, .duration(.seconds(90))),
        ("recovered within 2  min", .recovery(.init()), .atMost, .duration(.seconds(120))),
        ("unexplained == 0", .unexplained, .equal, .count(0)), ("'outage <= 0s'", .outage(.init()), .atMost, .duration(.zero)),
    ]

    @Test(arguments: expectations)
    func everyExpectationIsRead(
        text: String, quantity: ExpectationPlan.Quantity, comparison: ExpectationPlan.Comparison, value: ExpectationPlan.Value
    ) throws {
        let plan = try Self.expectations(text)
        #expect(plan.quantity == quantity)
        #expect(plan.comparison == comparison)
        #expect(plan.value == value)
        #expect(plan.text == text.replacing("'", with: ""))
    }

    // MARK: - Applications

    @Test func applicationsAreTheUsualOnesOrAsWritten() throws {
        #expect(try GoodRehearsal.plan().rehearsal.applications == nil)
        #expect(try GoodRehearsal.plan([5: "applications: standard"]).rehearsal.applications == ApplicationPlan())
        let written = try GoodRehearsal.plan([
            5:
                "applications: {messages: {rate: 2.5, size: 9000}, requests: {rate: 1, size: 10, answer: 20, timeout: 300ms}, userTimeout: 30s}"
        ])
        #expect(
            written.rehearsal.applications
                == ApplicationPlan(
                    messageRate: 2.5, messageSize: 9_000, requestRate: 1, requestSize: 10, answerSize: 20,
                    requestTimeout: .milliseconds(300), userTimeout: .seconds(30)))
        let topology = [19: "  applications: {messages: {rate: 3}}"]
        let own = try Topology.load(text: GoodTopology.with(topology), file: "lab.yaml").plan(seed: 1)
        #expect(own.rehearsal.applications == ApplicationPlan(messageRate: 3))
    }

    @Test func applicationsCanBeAskedForWhereARehearsalHasNone() throws {
        let topology = try Topology.load(text: GoodTopology.text, file: "lab.yaml")
        let asked = RehearsalOverrides(wantsApplications: true)
        #expect(try topology.plan(seed: 1, overrides: asked).rehearsal.applications == ApplicationPlan())
        let rehearsal = try GoodRehearsal.load([5: "applications: {messages: {rate: 3}}"])
        let plan = try topology.plan(seed: 1, rehearsal: rehearsal, overrides: asked)
        #expect(plan.rehearsal.applications == ApplicationPlan(messageRate: 3))
    }

    @Test func whatIsExpectedOfApplicationsNeedsThem() throws {
        let texts = [11: "  - stall(tokyo, to-site) <= 30 s", 12: "  - failed-requests(osaka) < 60"]
        let topology = try Topology.load(text: GoodTopology.text, file: "lab.yaml")
        let rehearsal = try GoodRehearsal.load(texts)
        let error = #expect(throws: PlanError.self) { try topology.plan(seed: 1, rehearsal: rehearsal) }
        #expect(
            error?.description
                == "expect: found \"stall(tokyo, to-site) <= 30 s\", of a rehearsal without applications; allowed: \"applications: standard\" in it, "
                + "or --applications")
        let plan = try topology.plan(seed: 1, rehearsal: rehearsal, overrides: .init(wantsApplications: true))
        #expect(
            plan.rehearsal.expectations.map(\.quantity) == [
                .stall(.init(connection: 0, direction: "gateway-to-site")), .failedRequests(.init(connection: 1)),
            ])
        #expect(plan.rehearsal.expectations.map(\.value) == [.duration(.seconds(30)), .count(60)])
    }

    // MARK: - Errors

    @Test(arguments: BadRehearsal.documents + BadRehearsal.applications + BadRehearsal.steps + BadRehearsal.expectations)
    func whatIsWrongIsTold(_ bad: BadRehearsal) {
        check(bad) { _ = try Rehearsal.load(text: bad.text, file: "storm.yaml") }
    }

    @Test(arguments: BadRehearsal.names)
    func whatTheTopologyDoesNotHaveIsTold(_ bad: BadRehearsal) throws {
        let rehearsal = try Rehearsal.load(text: bad.text, file: "storm.yaml")
        let topology = try Topology.load(text: GoodTopology.text, file: "lab.yaml")
        check(bad) { _ = try topology.plan(seed: 1, rehearsal: rehearsal) }
    }

    private func check(_ bad: BadRehearsal, _ body: () throws -> Void) {
        guard let error = #expect(throws: TopologyErrors.self, performing: body) else { return }
        let places = error.diagnostics.map { "\($0.line):\($0.column) \($0.key)" }
        #expect(places == bad.expected.map(\.place), "\(error)")
        #expect(error.diagnostics.allSatisfy { $0.file == "storm.yaml" })
        for (diagnostic, expected) in zip(error.diagnostics, bad.expected) {
            #expect(expected.found.isEmpty || diagnostic.found.contains(expected.found), "\(diagnostic)")
            #expect(expected.allowed.isEmpty || diagnostic.allowed.contains(expected.allowed), "\(diagnostic)")
        }
    }

    @Test func aLongListOfNamesIsCut() throws {
        let topology = [15: "  - name: osaka\n    count: 300", 16: "    address: 198.18.0.1", 17: "    prefixes: [10.64.0.0/24]"]
        let error = #expect(throws: TopologyErrors.self) {
            try GoodRehearsal.plan([8: "  - {do: reset connection, connection: x}"], topology: topology)
        }
        #expect(error?.diagnostics.first?.allowed.contains("osaka-0007 and 293 more") == true)
    }

    // MARK: - Overrides and the topology's own section

    @Test func overridesMoveTheFirstStep() throws {
        let topology = try Topology.load(text: GoodTopology.text, file: "lab.yaml")
        let rehearsal = try GoodRehearsal.load([8: "  - {at: 50s, do: reset gateway}"])
        let plan = try topology.plan(
            seed: 1, rehearsal: rehearsal, overrides: .init(duration: .seconds(70), resetAt: .seconds(40), probeRate: 3))
        #expect(plan.rehearsal.steps.prefix(2).map(\.start) == [.at(.seconds(40)), .at(.seconds(50))])
        #expect((plan.rehearsal.duration, plan.rehearsal.probeRate) == (.seconds(70), 3))
        for (overrides, found) in [
            (RehearsalOverrides(resetAt: .seconds(51)), "51s"), (RehearsalOverrides(duration: .seconds(50)), "a step at 50s"),
        ] {
            let error = #expect(throws: PlanError.self) { try topology.plan(seed: 1, rehearsal: rehearsal, overrides: overrides) }
            #expect(error?.key == "resetAt")
            #expect(error?.found == found)
        }
    }

    @Test func aPlanWithoutTimesCannotBeMoved() {
        let plan = RehearsalPlan(
            name: "now", duration: .seconds(60), steps: [.init(.next(after: .zero), .perform(.resetGateway(address: nil)))], probeRate: 1,
            probePayload: 64)
        let error = #expect(throws: PlanError.self) { try RehearsalOverrides(resetAt: .seconds(20)).applied(to: plan) }
        #expect(error?.description == "resetAt: found 20s; allowed: nothing: no step of now begins at a time of its own")
    }

    @Test func aTopologyMayNameItsRehearsal() throws {
        let topology = try Topology.load(
            text: GoodTopology.with([20: "  run: link-cut\n  expect: {maximumOutage: 3s}"]), file: "lab.yaml")
        let run = try #require(topology.run)
        #expect(run.rehearsal == "link-cut")
        #expect(run.overrides.duration == .seconds(60))
        #expect(run.overrides.resetAt == nil)
        let builtIn = try #require(Rehearsal.builtIn(named: run.rehearsal))
        let own = RehearsalOverrides(duration: .seconds(45)).over(run.overrides)
        let plan = try topology.plan(seed: 1, rehearsal: builtIn.load(), overrides: own)
        #expect(plan.rehearsal.name == "link-cut")
        #expect(plan.rehearsal.duration == .seconds(45))
        #expect(plan.rehearsal.expectations.map(\.text) == ["recovered within 20 s", "outage <= 3s"])
        // What is written for the other rehearsal is not held against the usual one.
        let late = try Topology.load(
            text: GoodTopology.with([19: "  resetAt: 10min", 20: "  run: double-gateway-reset"]), file: "lab.yaml")
        #expect(try late.plan(seed: 1).rehearsal == RehearsalRule.reset())
        let file = try Topology.load(text: GoodTopology.with([20: "  run: ../rehearsals/storm.yaml"]), file: "lab.yaml")
        #expect(file.run?.rehearsal == "../rehearsals/storm.yaml")
        #expect(try Topology.load(text: GoodTopology.text, file: "lab.yaml").run == nil)
    }

    // MARK: - Built-ins

    @Test func everyBuiltInIsWhatItsNameSays() throws {
        #expect(
            Rehearsal.builtIns.map(\.name) == [
                "gateway-reset", "double-gateway-reset", "connection-reset", "planned-maintenance", "instance-failure", "link-cut",
            ])
        for builtIn in Rehearsal.builtIns {
            let rehearsal = try builtIn.load()
            #expect(rehearsal.name == builtIn.name)
            #expect(builtIn.summary.hasSuffix(".") && builtIn.summary.count > 40)
            for file in ShippedTopologies.files {
                let plan = try ShippedTopologies.load(file).plan(seed: 1, rehearsal: rehearsal)
                #expect(!plan.rehearsal.steps.isEmpty && !plan.rehearsal.expectations.isEmpty)
            }
        }
    }

    /// What the seed article says of two resets in a row, with room to see that recovery holds.
    @Test func theDoubleResetEndsSoonAfterTheFirstInstanceIsBack() throws {
        let builtIn = try #require(Rehearsal.builtIn(named: "double-gateway-reset"))
        let plan = try ShippedTopologies.load("topologies/two-sites.yaml").plan(seed: 1, rehearsal: builtIn.load())
        let back = Duration.seconds(20) + plan.timing.boot
        #expect(plan.timing.profile == "azure-2021-02")
        #expect((Duration.seconds(30) ... .seconds(120)).contains(plan.rehearsal.duration - back))
        #expect(plan.rehearsal.probeRate == 10)
        #expect(plan.rehearsal.triggers == [.reset])
    }
}
