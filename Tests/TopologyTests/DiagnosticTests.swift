import Testing

@testable import Topology

/// A change to the good topology, and all that is to be said of it.
struct BadTopology: Sendable, CustomTestStringConvertible {
    struct Expected: Sendable {
        var place: String
        var found: String
        var allowed: String

        /// - Parameter place: `LINE:COLUMN KEY`.
        init(_ place: String, _ found: String, _ allowed: String = "") {
            self.place = place
            self.found = found
            self.allowed = allowed
        }
    }

    var title: String
    var text: String
    var expected: [Expected]

    init(_ title: String, _ replacements: [Int: String], _ expected: Expected...) {
        self.title = title
        text = GoodTopology.with(replacements)
        self.expected = expected
    }

    init(_ title: String, text: String, _ expected: Expected...) {
        self.title = title
        self.text = text
        self.expected = expected
    }

    var testDescription: String { title }
}

@Suite struct DiagnosticTests {
    @Test func theGoodTopologyHasNothingToReport() throws {
        let topology = try Topology.load(text: GoodTopology.text, file: "lab.yaml")
        #expect(topology.sites.count == 2)
    }

    @Test(arguments: BadTopology.documents + BadTopology.keys + BadTopology.scalars)
    func whatIsWrongByItself(_ bad: BadTopology) { check(bad) }

    @Test(arguments: BadTopology.names + BadTopology.addresses + BadTopology.counts)
    func namesAndAddresses(_ bad: BadTopology) { check(bad) }

    @Test(arguments: BadTopology.links + BadTopology.policies + BadTopology.secrets + BadTopology.times)
    func linksPoliciesSecretsAndTimes(_ bad: BadTopology) { check(bad) }

    @Test(arguments: BadTopology.instances + BadTopology.liveness + BadTopology.misconfigurations)
    func instancesAndConnections(_ bad: BadTopology) { check(bad) }

    private func check(_ bad: BadTopology) {
        do {
            _ = try Topology.load(text: bad.text, file: "lab.yaml")
            Issue.record("loaded")
        } catch {
            let places = error.diagnostics.map { "\($0.line):\($0.column) \($0.key)" }
            #expect(places == bad.expected.map(\.place), "\(error)")
            for (diagnostic, expected) in zip(error.diagnostics, bad.expected) {
                #expect(expected.found.isEmpty || diagnostic.found.contains(expected.found), "\(diagnostic)")
                #expect(expected.allowed.isEmpty || diagnostic.allowed.contains(expected.allowed), "\(diagnostic)")
                #expect(!diagnostic.allowed.isEmpty)
            }
            #expect(!error.description.contains(GoodTopology.secret))
        }
    }

    @Test func aDiagnosticIsOneLineThatEditorsRead() throws {
        do {
            _ = try Topology.load(text: GoodTopology.with([11: "    link: {delay: 20}", 2: "name: Lab"]), file: "a/lab.yaml")
            Issue.record("loaded")
        } catch {
            #expect(
                error.description == """
                    a/lab.yaml:2:7: name: found "Lab", with "L"; allowed: lower-case letters, digits and hyphens, a letter first, at most 20 characters
                    a/lab.yaml:11:19: sites[0].link.delay: found "20", a number without a unit (did you mean "20ms" or "20s"?); allowed: a duration such as 45ms, 1.5s, 30s or 45min, from 0s to 1min
                    """)
        }
    }

    @Test func everyErrorOfAFileIsListedInItsOrder() {
        let bad = BadTopology(
            "everything at once",
            [
                1: "resetlab: 2", 4: "  nmae: GW", 9: "    address: 198.51.100.10/24", 10: "    prefixes: [10.20.0.1/16, 10.30.0.0/24]",
                16: "    address: 203.0.113.10", 20: "  resetAt: 70s",
            ],
            .init("1:11 resetlab", "\"2\"", "1"), .init("4:3 gateway.name", "no such key"),
            .init("4:3 gateway.nmae", "did you mean \"name\"?"), .init("9:14 sites[0].address", "with a prefix length"),
            .init("10:16 sites[0].prefixes[0]", "host bits set (did you mean \"10.20.0.0/16\"?)"),
            .init("16:14 sites[1].address", "203.0.113.10, the address of the gateway"),
            .init("17:16 sites[1].prefixes[0]", "10.30.0.0/16, which overlaps 10.30.0.0/24 of site tokyo"),
            .init("20:12 rehearsal.resetAt", "a reset at 70s in 1min"))
        check(bad)
    }
}
