import LabPlan
import Testing
import Topology

struct RedactedTopologyTests {
    struct Writing: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The lines of the site's connection.
        let lines: [String]
        /// What they become.
        let redacted: [String]
        let secrets: [String]

        init(_ description: String, _ lines: [String], _ redacted: [String], _ secrets: String...) {
            (testDescription, self.lines, self.redacted, self.secrets) = (description, lines, redacted, secrets)
        }
    }

    static let writings = [
        Writing("double quotes", ["preSharedKey: \"hunter two\"  # note"], ["preSharedKey: \"redacted-1\"  # note"], "hunter two"),
        Writing("double quotes with escapes", [#"preSharedKey: "a\"b\\""#], [#"preSharedKey: "redacted-1""#], #"a"b\"#, #"a\"b"#),
        Writing("double quotes with a code", [#"preSharedKey: "\x68unter""#], [#"preSharedKey: "redacted-1""#], "hunter", "unter"),
        Writing(
            "double quotes over two lines", ["preSharedKey: \"hunter", "  two\""], ["preSharedKey: \"redacted-1\""], "hunter", "two\""),
        Writing("single quotes", ["preSharedKey: 'it''s one'"], ["preSharedKey: \"redacted-1\""], "it's one", "s one"),
        Writing("plain", ["preSharedKey: hunter2 # note"], ["preSharedKey: \"redacted-1\" # note"], "hunter2"),
        Writing("plain with a hash", ["preSharedKey: hunter#2"], ["preSharedKey: \"redacted-1\""], "hunter", "#2"),
        Writing(
            "plain over two lines", ["preSharedKey: hunter", "  two", "# note"], ["preSharedKey: \"redacted-1\"", "# note"], "hunter", "two"
        ),
        Writing("literal block", ["preSharedKey: |-", "  hunter2", "# note"], ["preSharedKey: \"redacted-1\"", "# note"], "hunter2"),
        Writing(
            "folded block", ["preSharedKey: >-", "    hunter", "    two", "", "name: c"], ["preSharedKey: \"redacted-1\"", "", "name: c"],
            "hunter", "two"),
        Writing("number", ["preSharedKey: 0123456789"], ["preSharedKey: \"redacted-1\""], "0123456789"),
        Writing(
            "each side", ["preSharedKey:", "  site: hunter2", "  gateway: \"other one\""],
            ["preSharedKey:", "  site: \"redacted-1\"", "  gateway: \"redacted-2\""], "hunter2", "other one"),
        Writing(
            "each side in a line, alike", ["preSharedKey: {site: hunter2, gateway: 'hunter2'}"],
            ["preSharedKey: {site: \"redacted-1\", gateway: \"redacted-1\"}"], "hunter2"),
        Writing("quoted keyword", ["\"preSharedKey\": hunter2"], ["\"preSharedKey\": \"redacted-1\""], "hunter2"),
        Writing(
            "in a comment", ["# was hunter2 (and hunter22)", "preSharedKey: hunter2"],
            ["# was redacted-1 (and redacted-12)", "preSharedKey: \"redacted-1\""], "hunter2"),
        Writing(
            "commented out", ["# preSharedKey: older key", "preSharedKey: hunter2  # preSharedKey: \"oldest\""],
            ["# preSharedKey: redacted", "preSharedKey: \"redacted-1\"  # preSharedKey: redacted"], "hunter2", "older key", "oldest"),
        Writing(
            "a word that begins a comment's word", ["# above", "preSharedKey: above"], ["# redacted-1", "preSharedKey: \"redacted-1\""],
            "above"),
        Writing("one letter", ["# a bar", "preSharedKey: a"], ["# redacted-1 bar", "preSharedKey: \"redacted-1\""]),
        Writing(
            "keys that look like substitutes", ["preSharedKey: {site: redacted-1, gateway: redacted-2}"],
            ["preSharedKey: {site: \"redacted-3\", gateway: \"redacted-4\"}"], "redacted-1", "redacted-2"),
    ]

    private static func topology(_ lines: [String]) -> String {
        """
        resetlab: 1
        name: small  # the word preSharedKey alone
        gateway: {name: VNet1GW, addresses: [203.0.113.10], prefixes: [10.1.0.0/16]}
        sites:
          - name: office
            address: 198.51.100.10
            prefixes: [10.20.0.0/16]
            connection:

        """ + lines.map { $0.isEmpty ? "\n" : "      \($0)\n" }.joined()
    }

    @Test(arguments: writings) func keysAreReplacedAndNothingElse(writing: Writing) throws {
        let redacted = try RedactedTopology(text: Self.topology(writing.lines), file: "t.yaml").text
        #expect(redacted == Self.topology(writing.redacted))
        for secret in writing.secrets { #expect(!redacted.contains(secret)) }
    }

    @Test(arguments: writings) func theResultIsTheSameLabWithOtherKeys(writing: Writing) throws {
        let text = Self.topology(writing.lines)
        let redacted = try RedactedTopology(text: text, file: "t.yaml").text
        var (plan, other) = (
            try Topology.load(text: text, file: "t").plan(seed: 1), try Topology.load(text: redacted, file: "t").plan(seed: 1)
        )
        let equal = { (plan: LabPlan) in plan.connections.map { $0.siteSide.preSharedKey == $0.gatewaySide.preSharedKey } }
        #expect(equal(plan) == equal(other))
        for index in plan.connections.indices {
            for side in [\ConnectionPlan.siteSide, \ConnectionPlan.gatewaySide] {
                plan.connections[index][keyPath: side].preSharedKey = PreSharedKey(secret: [])
                other.connections[index][keyPath: side].preSharedKey = PreSharedKey(secret: [])
            }
        }
        #expect(plan == other)
    }

    /// A quoted text that looks like a comment with the key in it: the text around the key cannot stay, and the parser says so.
    @Test func whatCannotBeRewrittenIsWrittenAnew() throws {
        let text = Self.topology(["name: c", "preSharedKey: office"]).replacing(
            "name: small", with: "name: small\nrehearsal: {probes: {rate: 10}}"
        )
        .replacing("- name: office", with: "- \"name\": office")
        .replacing("gateway: {name: VNet1GW", with: "# office\ngateway: {\"name\"  :\n   'VNet1GW'")
        let redacted = try RedactedTopology(text: text, file: "t.yaml").text
        // The site's own name is no secret.
        #expect(redacted.contains("office"))
        #expect(redacted.contains("# redacted-1"))
        #expect(try Topology.load(text: redacted, file: "t").sites.map(\.name) == ["office"])
    }

    @Test(arguments: ShippedTopologies.files) func shippedOnes(name: String) throws {
        let text = try Repository.text(name)
        let redacted = try RedactedTopology(text: text, file: name).text
        let topology = try Topology.load(text: text, file: name)
        let other = try Topology.load(text: redacted, file: name)
        #expect(other.sites.map(\.name) == topology.sites.map(\.name))
        for key in topology.sites.compactMap(\.connection.preSharedKeys).flatMap({ [$0.site, $0.gateway] }) {
            #expect(!redacted.contains(String(decoding: key.secret, as: UTF8.self)))
        }
        // Line for line, comments and all.
        #expect(
            redacted.split(separator: "\n", omittingEmptySubsequences: false).count
                == text.split(separator: "\n", omittingEmptySubsequences: false).count)
    }
}
