import Addressing

/// What an instance says to its neighbours when it takes an address over: "the address is at this Ethernet address now".
///
/// A neighbour that has an entry changes it at once; one that has none does not make one.
public struct AddressAnnouncement: Hashable, Sendable {
    public var address: IPAddress
    public var mac: MACAddress
    /// Whether the sender forwards packets: the R flag of a neighbour advertisement (RFC 4861 §4.4). ARP has nothing like it.
    public var isRouter: Bool

    public init(_ address: IPAddress, at mac: MACAddress, isRouter: Bool = false) {
        self.address = address
        self.mac = mac
        self.isRouter = isRouter
    }

    /// The whole Ethernet frame, without its padding to 60 bytes.
    public var frame: [UInt8] { address.family == .v4 ? gratuitousARP : unsolicitedAdvertisement }

    /// An ARP announcement (RFC 5227 §3): a request for the sender's own address, to everyone.
    ///
    /// Of the two gratuitous forms the request is the one that all neighbours heed. Linux takes either as gratuitous (`arp_is_garp`), so that
    /// an entry changed less than `locktime` ago is overwritten, too.
    private var gratuitousARP: [UInt8] {
        var frame: [UInt8] = Array(repeating: 0xff, count: 6) + mac.bytes + [0x08, 0x06]
        frame += [0x00, 0x01]  // hardware: Ethernet
        frame += [0x08, 0x00]  // protocol: IPv4
        frame += [6, 4]  // lengths of both addresses
        frame += [0x00, 0x01]  // request
        frame += mac.bytes + address.bytes
        frame += Array(repeating: 0, count: 6) + address.bytes
        return frame
    }

    /// A neighbour advertisement to all nodes (RFC 4861 §7.2.6) with the override flag, so that what the neighbours knew is replaced.
    private var unsolicitedAdvertisement: [UInt8] {
        let destination = IPAddress(family: .v6, value: UInt128(0xff02) << 112 | 1)
        var message: [UInt8] = [136, 0, 0, 0]  // type, code, checksum to come
        message += [isRouter ? 0xa0 : 0x20, 0, 0, 0]  // router, not solicited, override
        message += address.bytes
        message += [2, 1] + mac.bytes  // option: target link-layer address, in units of 8 bytes
        let checksum = InternetChecksum.ofICMPv6(message, from: address, to: destination)
        message[2] = UInt8(checksum >> 8)
        message[3] = UInt8(checksum & 0xff)
        // The multicast address's Ethernet address (RFC 2464 §7).
        var frame: [UInt8] = [0x33, 0x33] + destination.bytes.suffix(4) + mac.bytes + [0x86, 0xdd]
        frame += [0x60, 0, 0, 0]  // version 6, no class, no flow label
        frame += [UInt8(message.count >> 8), UInt8(message.count & 0xff), 58, 255]  // length, ICMPv6, hop limit: 255 or it is ignored
        frame += address.bytes + destination.bytes
        return frame + message
    }
}

/// The checksum of RFC 1071 over IPv6's pseudo header and the message (RFC 8200 §8.1).
enum InternetChecksum {
    static func ofICMPv6(_ message: [UInt8], from source: IPAddress, to destination: IPAddress) -> UInt16 {
        let length = UInt32(message.count)
        let pseudoHeader =
            source.bytes + destination.bytes + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + [0, 0, 0, 58]
        let bytes = pseudoHeader + message
        var sum: UInt32 = 0
        for (index, byte) in bytes.enumerated() { sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte) }
        while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
        return ~UInt16(sum)
    }
}
