import Addressing

/// The addresses that the lab gives its own nodes. No topology may use them.
///
///     [site] wan ── [internet]       gw ── out [gateway i] in ── inside [vnet]
///                   100.64.0.1           100.64.1.1+i   100.64.2.2+i   100.64.2.1
///                   fe80::1                                            fe80::1
///
/// The next hop of the virtual network towards the sites, 100.64.2.10 and fe80::a, moves with the active instance. Active-active it is the first
/// instance's own, and 100.64.2.11 and fe80::b are the second's; either moves to the other while its own is away.
enum InternalAddresses {
    /// In the shared address space of RFC 6598, which neither sites nor virtual networks should use.
    static let range = prefix(100, 64, 0, 0, length: 16)

    /// The internet's, on every interface of its own; the same one everywhere, as for unnumbered links.
    static let router = v4(0, 1)
    static let virtualNetwork = v4(2, 1)
    /// The internet's on every interface of its own, and the virtual network's on its bridge.
    static let linkLocalRouter = linkLocal(1)

    static func outside(ofInstance index: Int) -> IPAddress { v4(1, 1 + UInt8(index)) }
    static func inside(ofInstance index: Int) -> IPAddress { v4(2, 2 + UInt8(index)) }

    /// The router's address of a family, as a next hop.
    static func router(_ family: IPAddress.Family) -> IPAddress { family == .v4 ? router : linkLocalRouter }
    static func virtualNetwork(_ family: IPAddress.Family) -> IPAddress { family == .v4 ? virtualNetwork : linkLocalRouter }
    /// - Parameter instance: 0 but for an active-active gateway.
    static func insideNextHop(_ family: IPAddress.Family, ofInstance instance: Int = 0) -> IPAddress {
        family == .v4 ? v4(2, 10 + UInt8(instance)) : linkLocal(0xa + UInt128(instance))
    }

    private static func v4(_ third: UInt8, _ fourth: UInt8) -> IPAddress {
        IPAddress(family: .v4, value: range.address.value | UInt128(third) << 8 | UInt128(fourth))
    }

    private static func linkLocal(_ identifier: UInt128) -> IPAddress {
        IPAddress(family: .v6, value: UInt128(0xfe80) << 112 | identifier)
    }

    private static func prefix(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, length: Int) -> IPPrefix {
        let address = IPAddress(family: .v4, value: [a, b, c, d].reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
        guard let prefix = IPPrefix(address, length: length) else { preconditionFailure("/\(length) is no IPv4 prefix length") }
        return prefix
    }
}
