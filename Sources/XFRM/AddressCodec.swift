import Addressing
import CMnl
import Netlink

// Addresses, prefixes and SA identities in the kernel's form.

extension IPAddress.Family {
    /// AF_INET or AF_INET6.
    var number: UInt16 { UInt16(self == .v4 ? AF_INET : AF_INET6) }

    /// - Throws: `malformed` for any other family.
    init(number: UInt16) throws(NetlinkError) {
        switch Int32(number) {
        case AF_INET: self = .v4
        case AF_INET6: self = .v6
        default: throw NetlinkError(.malformed("address family \(number)"))
        }
    }
}

extension xfrm_address_t {
    init(_ address: IPAddress) {
        self.init()
        switch address.family {
        case .v4: a4 = UInt32(truncatingIfNeeded: address.value).bigEndian
        case .v6: withUnsafeMutableBytes(of: &self) { $0.storeBytes(of: address.value.bigEndian, as: UInt128.self) }
        }
    }

    func address(_ family: IPAddress.Family) -> IPAddress {
        switch family {
        case .v4: IPAddress(family: .v4, value: UInt128(UInt32(bigEndian: a4)))
        case .v6: IPAddress(family: .v6, value: withUnsafeBytes(of: self) { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) })
        }
    }
}

extension xfrm_usersa_id {
    init(_ id: SecurityAssociation.ID) {
        self.init()
        daddr = xfrm_address_t(id.destination)
        spi = id.spi.rawValue.bigEndian
        family = id.destination.family.number
        proto = UInt8(IPPROTO_ESP)
    }
}

extension SecurityAssociation.ID {
    init(_ id: xfrm_usersa_id) throws(NetlinkError) {
        let family = try IPAddress.Family(number: id.family)
        self.init(destination: id.daddr.address(family), spi: SPI(rawValue: UInt32(bigEndian: id.spi)))
    }

    init(_ info: xfrm_usersa_info) throws(NetlinkError) {
        let family = try IPAddress.Family(number: info.family)
        self.init(destination: info.id.daddr.address(family), spi: SPI(rawValue: UInt32(bigEndian: info.id.spi)))
    }
}

extension xfrm_selector {
    init(_ selector: TrafficSelector) {
        self.init()
        family = selector.family.number
        saddr = xfrm_address_t(selector.source.network.address)
        prefixlen_s = UInt8(selector.source.length)
        daddr = xfrm_address_t(selector.destination.network.address)
        prefixlen_d = UInt8(selector.destination.length)
        proto = selector.transportProtocol ?? 0
        if let port = selector.sourcePort { (sport, sport_mask) = (port.bigEndian, .max) }
        if let port = selector.destinationPort { (dport, dport_mask) = (port.bigEndian, .max) }
    }
}

extension TrafficSelector {
    /// - Throws: `malformed` for a family or a length that is none.
    init(_ selector: xfrm_selector) throws(NetlinkError) {
        let family = try IPAddress.Family(number: selector.family)
        guard let source = IPPrefix(selector.saddr.address(family), length: Int(selector.prefixlen_s)),
            let destination = IPPrefix(selector.daddr.address(family), length: Int(selector.prefixlen_d)),
            var value = TrafficSelector(source: source, destination: destination)
        else { throw NetlinkError(.malformed("prefix lengths \(selector.prefixlen_s) and \(selector.prefixlen_d)")) }
        if selector.proto != 0 { value.transportProtocol = selector.proto }
        if selector.sport_mask != 0 { value.sourcePort = UInt16(bigEndian: selector.sport) }
        if selector.dport_mask != 0 { value.destinationPort = UInt16(bigEndian: selector.dport) }
        self = value
    }
}
