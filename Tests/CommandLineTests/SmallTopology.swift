/// One site whose line loses packets: what is random in it shows.
enum SmallTopology {
    static let lines = [
        "resetlab: 1",
        "name: small",
        "gateway:",
        "  name: VNet1GW",
        "  addresses: [203.0.113.10]",
        "  prefixes: [10.1.0.0/16]",
        "sites:",
        "  - name: office",
        "    address: 198.51.100.10",
        "    prefixes: [10.20.0.0/16]",
        "    link: {delay: 10ms, jitter: 2ms, loss: 5%}",
    ]

    static let text = lines.joined(separator: "\n") + "\n"

    /// With lines replaced, counted from 1.
    static func with(_ replacements: [Int: String]) -> String {
        lines.enumerated().map { replacements[$0.offset + 1] ?? $0.element }.joined(separator: "\n") + "\n"
    }
}
