import Addressing
import Testing

@testable import Links
@testable import Netlink

/// The bytes of requests, little-endian as on every machine that these tests run on.
@Suite struct LinksCodecTests {
    private func hex(_ message: NetlinkMessage) -> String {
        message.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func joined(_ parts: String...) -> String { parts.joined().filter { $0 != " " } }

    @Test func netemWithEverything() throws {
        let emulation = NetworkEmulation(
            delay: .milliseconds(20), jitter: .microseconds(1_500), loss: 0.25, rate: 80_000_000_000, seed: 0x0102_0304_0506_0708,
            queueLimit: 1_000)
        let message = try QueueDisciplineCodec.replace(emulation, 5)
        #expect(
            hex(message)
                == joined(
                    "90000000 2400 0005 00000000 00000000",  // length, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE
                    "00 000000 05000000 00000100 ffffffff 00000000",  // any family, interface 5, handle 1:, the root
                    "0a00 0100 6e6574656d000000",  // TCA_KIND "netem"
                    "6000 0280",  // TCA_OPTIONS, nested
                    "00000000 e8030000 00000040 00000000 00000000 00000000",  // ticks, limit, loss 2^30, gap, duplicate, jitter
                    "0c00 0a00 002d310100000000",  // TCA_NETEM_LATENCY64: 20,000,000 ns
                    "0c00 0b00 60e3160000000000",  // TCA_NETEM_JITTER64: 1,500,000 ns
                    "1400 0600 ffffffff 00000000 00000000 00000000",  // TCA_NETEM_RATE: the most it can say
                    "0c00 0800 00e40b5402000000",  // TCA_NETEM_RATE64: 10,000,000,000 bytes/s
                    "0c00 0e00 0807060504030201"))  // TCA_NETEM_PRNG_SEED
    }

    @Test func netemWithNothingLeavesAttributesOut() throws {
        let message = try QueueDisciplineCodec.replace(NetworkEmulation(), 1)
        #expect(message.bytes.count == 16 + 20 + 12 + 4 + 24)
    }

    @Test(arguments: [(0, 0), (1, UInt32.max), (0.5, 0x8000_0000), (-1, 0), (7, .max)] as [(Double, UInt32)])
    func lossIsAThresholdOf32Bits(probability: Double, threshold: UInt32) {
        #expect(QueueDisciplineCodec.lossThreshold(probability) == threshold)
    }

    @Test func linksAreSetByNameAndOnlyTheMaskedFlag() throws {
        let message = try LinkCodec.set("wan", LinkSettings(isUp: true, port: .of(bridge: "gw"), alias: "a"), ["gw": 7])
        #expect(
            hex(message)
                == joined(
                    "38000000 1300 0000 00000000 00000000",  // RTM_SETLINK
                    "00 00 0000 00000000 01000000 01000000",  // no index; IFF_UP, and the mask
                    "0800 0300 77616e00",  // IFLA_IFNAME "wan"
                    "0800 0a00 07000000",  // IFLA_MASTER
                    "0500 1400 61000000"))  // IFLA_IFALIAS "a"
    }

    @Test func addressesAreAddedWithoutDuplicateDetection() throws {
        let prefix = try #require(IPPrefix("10.1.0.1/24"))
        let message = try AddressCodec.add(prefix, 3)
        #expect(message.type == MessageType(20))
        #expect(message.flags.contains([.create, .exclusive]))
        let decoded = try read(message)
        #expect(Array(decoded.payload.prefix(8)) == [2, 24, 0x02, 0, 3, 0, 0, 0])
        #expect(try AddressCodec.decode(decoded, [3: "lan"]) == AssignedAddress(prefix, on: "lan"))
    }

    /// What libnl writes, the decoders read as the same.
    @Test(
        arguments: [
            ("10.2.0.0/16", "192.0.2.1", nil), ("10.2.0.0/16", nil, "10.2.0.1"), ("0.0.0.0/0", "192.0.2.1", "10.2.0.1"),
            ("2001:db8::/32", "fe80::1", nil), ("::/0", "2001:db8::1", "2001:db8::2"), ("2001:db8:1::/48", nil, nil),
            ("10.2.0.9/32", nil, nil),
        ] as [(String, String?, String?)])
    func routesReadAsWritten(destination: String, nextHop: String?, source: String?) throws {
        let route = RouteEntry(
            to: try #require(IPPrefix(destination)), via: nextHop.flatMap { IPAddress($0) }, on: "wan",
            preferredSource: source.flatMap { IPAddress($0) })
        let message = try RouteCodec.add(route, 4, replaces: true)
        #expect(message.flags.contains([.create, .replace]))
        let written = try read(message)
        #expect(try RouteCodec.decode(written, [4: "wan"]) == route)
        // rtm_flags: RTNH_F_ONLINK with a next hop.
        #expect(Array(written.payload.dropFirst(8).prefix(4)) == [nextHop == nil ? 0 : 4, 0, 0, 0])
        // rtm_scope: link only for what is on the link, and only in IPv4.
        #expect(written.payload.dropFirst(6).first == (nextHop == nil && route.destination.family == .v4 ? 253 : 0))
    }

    @Test(arguments: ["192.0.2.7", "2001:db8::7"], [NeighbourEntry.State.permanent, .stale, .reachable])
    func neighboursReadAsWritten(address: String, state: NeighbourEntry.State) throws {
        let entry = NeighbourEntry(try #require(IPAddress(address)), on: "out", mac: MACAddress(value: 0x0200_0000_0009), state: state)
        #expect(try NeighbourCodec.decode(read(NeighbourCodec.set(entry, 9)), [9: "out"]) == entry)
    }

    @Test func namesThatWouldBeCutAreRefused() {
        #expect(throws: NetlinkError.self) { try LinkCodec.addDummy("sixteen-bytes-xx", mac: nil) }
        #expect(throws: NetlinkError.self) { try LinkCodec.remove("sixteen-bytes-xx") }
        #expect(throws: Never.self) { try LinkCodec.addDummy("fifteen-bytes-x", mac: nil) }
    }

    @Test func shortMessagesAreMalformed() throws {
        let message = try read(RouteCodec.dump())
        let short = IncomingMessage(type: message.type, flags: [], sequence: 0, portID: 0, payload: message.payload.prefix(3))
        #expect(throws: NetlinkError.self) { try RouteCodec.decode(short, [:]) }
        #expect(throws: NetlinkError.self) { try LinkStatus(short) }
    }

    private func read(_ message: NetlinkMessage) throws -> IncomingMessage {
        try #require(try IncomingMessage.parse(Array(message.bytes)).first)
    }
}
