extension Rehearsal {
    /// A rehearsal that comes with the program.
    public struct BuiltIn: Sendable {
        public let name: String
        /// A rehearsal file. Its first line says what the rehearsal is for.
        public let text: String

        /// What it is for, in a line.
        public var summary: String { text.prefix { $0 != "\n" }.drop { $0 == "#" || $0 == " " }.description }

        public func load() throws(TopologyErrors) -> Rehearsal { try Rehearsal.load(text: text, file: "\(name) (built in)") }
    }

    /// A built-in by its name; nil for none.
    public static func builtIn(named name: String) -> BuiltIn? { builtIns.first { $0.name == name } }

    public static let builtIns = [
        BuiltIn(
            name: "gateway-reset",
            text: """
                # The gateway is reset: the active instance restarts, the standby takes over.
                #
                # "Usually less than one minute", says the service's own article; the tunnels of sites that only notice by dead peer
                # detection need longer.

                rehearsal: 1
                name: gateway-reset
                duration: 2min
                probes: {rate: 50}

                steps:
                  - {at: 20s, do: reset gateway}

                expect:
                  - recovered within 90 s

                """),
        BuiltIn(
            name: "double-gateway-reset",
            text: """
                # The gateway is reset twice in a row: the second time it hits the newly active instance, and nobody is left to forward.
                #
                # The outage lasts until the instance that restarted first is back: with azure-2021-02 after 37.5 minutes, which the duration
                # allows for with a little more.

                rehearsal: 1
                name: double-gateway-reset
                duration: 38.5min
                # Probes cost the time that such a rehearsal takes, idle seconds hardly any.
                probes: {rate: 10}

                steps:
                  - {at: 20s, do: reset gateway}
                  # As someone does who sees no connection come back.
                  - {after: standby-took-addresses, by: 10s, do: reset gateway}

                expect:
                  - recovered within 45 min

                """),
        BuiltIn(
            name: "connection-reset",
            text: """
                # The first connection is reset: its SAs are agreed on anew, no instance restarts, no other connection notices.

                rehearsal: 1
                name: connection-reset
                duration: 50s

                steps:
                  - {at: 20s, do: reset connection, connection: first}

                expect:
                  - recovered within 20 s

                """),
        BuiltIn(
            name: "planned-maintenance",
            text: """
                # The active instance is taken away for planned maintenance: 10 to 15 s, says the service's own article.

                rehearsal: 1
                name: planned-maintenance
                duration: 80s
                probes: {rate: 50}

                steps:
                  - {at: 20s, do: maintain instance, instance: active}

                expect:
                  - recovered within 60 s

                """),
        BuiltIn(
            name: "instance-failure",
            text: """
                # The active instance ends without warning: 60 to 90 s, or 1 to 3 minutes at worst, say the service's own articles.

                rehearsal: 1
                name: instance-failure
                duration: 220s
                probes: {rate: 20}

                steps:
                  - {at: 20s, do: fail instance, instance: active}

                expect:
                  - recovered within 3 min

                """),
        BuiltIn(
            name: "link-cut",
            text: """
                # The first site's line is cut for 10 s: shorter than any dead peer detection, so the tunnel stays up.

                rehearsal: 1
                name: link-cut
                duration: 60s

                steps:
                  - {at: 20s, do: cut link, link: first, for: 10s}

                expect:
                  - recovered within 20 s

                """),
    ]
}
