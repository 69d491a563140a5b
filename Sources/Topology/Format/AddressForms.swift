import Addressing

extension Form where Value == IPAddress {
    /// An address on the lab's internet.
    static var address: Form {
        .scalar(
            allowed: "an IPv4 or IPv6 address without a prefix length, such as 198.51.100.10 or 2001:db8::10", schema: ["type": "string"]
        ) { text in
            guard let address = IPAddress(text) else {
                return .problem(IPPrefix(text) == nil ? nil : "an address with a prefix length")
            }
            return SpecialRange.of(IPPrefix(host: address)).map { .problem("in \($0.name)") } ?? .value(address)
        }
    }
}

extension Form where Value == IPPrefix {
    /// A prefix that is protected: a network behind the gateway or a site.
    static var prefix: Form {
        .scalar(
            allowed: "an IPv4 or IPv6 prefix without host bits, such as 10.1.0.0/16 or 2001:db8:1::/48",
            schema: ["type": "string", "pattern": "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"]
        ) { text in
            guard let prefix = IPPrefix(text) else {
                return .problem(IPAddress(text) == nil ? nil : "an address without a prefix length")
            }
            guard prefix.isNetwork else { return .problem("with host bits set (did you mean \"\(prefix.network)\"?)") }
            return SpecialRange.of(prefix).map { .problem("which overlaps \($0.name)") } ?? .value(prefix)
        }
    }
}

/// Addresses that no topology can use.
struct SpecialRange: Sendable {
    var prefix: IPPrefix
    /// For messages: "127.0.0.0/8, loopback".
    var name: String

    /// The lab's own addresses first, then those with a meaning of their own (RFC 6890, RFC 4291).
    static let all: [SpecialRange] = [
        (InternalAddresses.range.description, "which the lab itself uses between its nodes"),
        ("0.0.0.0/8", "this network"), ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local"), ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"), ("::/127", "unspecified and loopback"), ("::ffff:0:0/96", "IPv4-mapped"), ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    ].compactMap { text, meaning in
        IPPrefix(text).map { SpecialRange(prefix: $0, name: "\(text), \(meaning)") }
    }

    static func of(_ prefix: IPPrefix) -> SpecialRange? { all.first { $0.prefix.overlaps(prefix) } }
}
