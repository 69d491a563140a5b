extension BadTopology {
    /// What is wrong before anything is known of the format.
    static let documents = [
        BadTopology("an empty file", text: "", .init("1:1 ", "an empty file", "resetlab: 1")),
        BadTopology("comments only", text: "# nothing\n\n", .init("1:1 ", "an empty file")),
        BadTopology("a list", text: "- resetlab: 1\n", .init("1:1 ", "a list", "a mapping with resetlab, name")),
        BadTopology("a single value", text: "resetlab\n", .init("1:1 ", "a single value", "a mapping")),
        BadTopology("a document without content", text: "---\n...\n", .init("2:1 ", "nothing", "a mapping")),
        BadTopology("two documents", text: GoodTopology.text + "---\na: 1\n", .init("21:1 ", "a second document", "one document")),
        BadTopology("a tab", [5: "\taddresses: [203.0.113.10]"], .init("5:1 ", "a tab", "spaces")),
        BadTopology("a control character", [2: "name: l\u{7}b"], .init("2:8 ", "U+7", "printable")),
        BadTopology("a null character", [2: "name: l\0b"], .init("2:8 ", "U+0")),
        BadTopology("an open bracket", [5: "  addresses: [203.0.113.10"], .init("6:11 ", "no valid YAML")),
        BadTopology("wrong indentation", [9: "      address: 198.51.100.10"], .init("9:14 ", "mapping values are not allowed")),
        BadTopology("an unclosed quote", [13: "      preSharedKey: \"s3cret-A"], .init("21:1 ", "no valid YAML")),
        BadTopology("deep lists", text: String(repeating: "[", count: 100_000), .init("1:1 ", "nested too deep")),
        BadTopology("deep blocks", text: String(repeating: "- ", count: 100_000), .init("1:1999 ", "nested too deep")),
        BadTopology(
            "a huge file", text: "# " + String(repeating: "x", count: 5 << 20), .init("1:1 ", "a file of 5242882 bytes", "at most 4194304")),
        BadTopology(
            "an anchor", [11: "    link: &slow {delay: 20ms}", 17: "    prefixes: [10.30.0.0/16]\n    link: *slow"],
            .init("11:11 sites[0].link", "an anchor", "written out"), .init("11:11 sites[1].link", "alias")),
        BadTopology("aliases that multiply", text: bomb, .init("2:8 ", "60 aliases", "written out")),
        BadTopology("an unknown alias", [11: "    link: *slow"], .init("11:11 ", "alias", "written out")),
        BadTopology("a tag", [2: "name: !!str lab"], .init("2:7 name", "a tag")),
        BadTopology("a merge key", [11: "    <<: {delay: 20ms}"], .init("11:5 sites[0]", "the unknown key \"<<\"")),
        BadTopology("a key that is a list", [11: "    ? [a]\n    : b"], .init("11:7 sites[0]", "a key that is not a single word")),
    ]

    /// Written out these are 10^6 values, in a key that a parser must compare.
    private static let bomb =
        "a: &a [x]\n"
        + zip("bcdefg", "abcdef").map {
            "\($0): &\($0) [" + Array(repeating: "*\($1)", count: $0 == "g" ? 9 : 10).joined(separator: ", ") + "]\n"
        }.joined()
        + "? *g\n: 1\n"

    /// Unknown, missing and repeated keys; values of a wrong kind.
    static let keys = [
        BadTopology(
            "an unknown key", [11: "    link: {dealy: 20ms}"],
            .init("11:12 sites[0].link.dealy", "did you mean \"delay\"?", "delay, jitter")),
        BadTopology(
            "a key unlike any other", [11: "    color: red"], .init("11:5 sites[0].color", "the unknown key \"color\"", "name, count")),
        BadTopology(
            "a key in capitals", [9: "    Address: 198.51.100.10"],
            .init("8:5 sites[0].address", "no such key", "IPv4"), .init("9:5 sites[0].Address", "did you mean \"address\"?")),
        BadTopology("no version", [1: ""], .init("1:1 resetlab", "no such key", "1")),
        BadTopology("another version", [1: "resetlab: 2"], .init("1:11 resetlab", "\"2\"", "1")),
        BadTopology("no name", [2: ""], .init("1:1 name", "no such key")),
        BadTopology("a key without a value", [2: "name:"], .init("2:6 name", "nothing", "lower-case")),
        BadTopology("no gateway", [3: "", 4: "", 5: "", 6: ""], .init("1:1 gateway", "no such key")),
        BadTopology(
            "a gateway that is a value", [3: "gateway: GW", 4: "", 5: "", 6: ""], .init("3:10 gateway", "a single value", "a mapping")),
        BadTopology("no gateway's prefixes", [6: ""], .init("4:3 gateway.prefixes", "no such key")),
        BadTopology(
            "a list that is a value", [5: "  addresses: 203.0.113.10"],
            .init("5:14 gateway.addresses", "a single value", "a list of 1 to 4")),
        BadTopology("a value that is a list", [9: "    address: [198.51.100.10]"], .init("9:14 sites[0].address", "a list", "IPv4")),
        BadTopology("a site that is a value", [15: "  - osaka", 16: "", 17: ""], .init("15:5 sites[1]", "a single value", "a mapping")),
        BadTopology(
            "a repeated key", [10: "    prefixes: [10.20.0.0/16]\n    address: 198.51.100.11"],
            .init("11:5 sites[0].address", "already in line 9", "once")),
        BadTopology(
            "repeated keys, three times and in two places",
            [11: "    link: {delay: 1ms, delay: 2ms, 'delay': 3ms}", 20: "  resetAt: 20s\n  duration: 50s"],
            .init("11:24 sites[0].link.delay", "already in line 11"), .init("11:36 sites[0].link.delay", "already in line 11"),
            .init("21:3 rehearsal.duration", "already in line 19")),
        BadTopology(
            "a mixture of whole links and directions", [11: "    link: {delay: 1ms, toSite: {delay: 2ms}}"],
            .init("11:12 sites[0].link.delay", "unknown key", "toSite or fromSite")),
    ]

    /// Scalars that are not what they look like in YAML.
    static let scalars = [
        BadTopology(
            "an octal number", [15: "  - name: osaka\n    count: 010"],
            .init("16:12 sites[1].count", "\"010\", a number not in decimal digits")),
        BadTopology(
            "a hexadecimal number", [15: "  - name: osaka\n    count: 0x10"], .init("16:12 sites[1].count", "\"0x10\"", "decimal digits")),
        BadTopology(
            "a number with separators", [15: "  - name: osaka\n    count: 1_000"], .init("16:12 sites[1].count", "\"1_000\"", "1 to 1000")),
        BadTopology("a number with a fraction", [15: "  - name: osaka\n    count: 1.0"], .init("16:12 sites[1].count", "\"1.0\"")),
        BadTopology("a negative number", [15: "  - name: osaka\n    count: -5"], .init("16:12 sites[1].count", "a negative number")),
        BadTopology("a sexagesimal number", [19: "  duration: 1:30"], .init("19:13 rehearsal.duration", "\"1:30\", an unknown unit")),
        BadTopology("a truth value", [11: "    link: {delay: yes}"], .init("11:19 sites[0].link.delay", "\"yes\"", "a duration")),
        BadTopology("null", [9: "    address: null"], .init("9:14 sites[0].address", "\"null\"")),
        BadTopology(
            "a huge number", [15: "  - name: osaka\n    count: 99999999999999999999"], .init("16:12 sites[1].count", "99999999999999999999")
        ),
    ]
}
