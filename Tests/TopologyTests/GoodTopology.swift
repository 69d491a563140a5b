/// A file without errors, for tests that change a line of it.
enum GoodTopology {
    static let lines = [
        "resetlab: 1",  // 1
        "name: lab",
        "gateway:",
        "  name: GW",
        "  addresses: [203.0.113.10]",  // 5
        "  prefixes: [10.1.0.0/16]",
        "sites:",
        "  - name: tokyo",
        "    address: 198.51.100.10",
        "    prefixes: [10.20.0.0/16]",  // 10
        "    link: {delay: 20ms, jitter: 1ms}",
        "    connection:",
        "      preSharedKey: \"\(secret)\"",
        "      policy: {pfsGroup: PFS2}",
        "  - name: osaka",  // 15
        "    address: 198.51.100.20",
        "    prefixes: [10.30.0.0/16]",
        "rehearsal:",
        "  duration: 60s",
        "  resetAt: 20s",  // 20
    ]

    static let secret = "s3cret-A"
    static let text = lines.joined(separator: "\n") + "\n"

    /// The file with lines replaced, counted from 1; an empty replacement removes the line.
    static func with(_ replacements: [Int: String]) -> String {
        lines.enumerated().compactMap { index, line in
            guard let replacement = replacements[index + 1] else { return line }
            return replacement.isEmpty ? nil : replacement
        }.joined(separator: "\n") + "\n"
    }
}
