import Addressing
import CMnl
import Netlink
import Testing

@testable import XFRM

@Suite struct XFRMCodecTests {
    private static let v4: (IPAddress, IPAddress) = (IPAddress("192.0.2.1")!, IPAddress("198.51.100.2")!)
    private static let v6: (IPAddress, IPAddress) = (IPAddress("2001:db8::1")!, IPAddress("2001:db8::2")!)

    private func message(_ change: XFRMChange) throws -> NetlinkMessage {
        try NetlinkMessage(change.messageType, flags: change.messageFlags) { encoder throws(NetlinkError) in
            try change.encode(into: &encoder)
        }
    }

    private static func zeroes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
    private static let noLimit = [UInt8](repeating: 0xff, count: 8)
    private static func name(_ text: String) -> [UInt8] { Array(text.utf8) + zeroes(64 - text.utf8.count) }

    /// `xfrm_usersa_info` from its selector to its end, as all SAs here have it.
    private static func header(
        destination: [UInt8], source: [UInt8], family: UInt8, window: UInt8, flags: UInt8 = 32, lifetime: [UInt8]? = nil
    ) -> [UInt8] {
        var bytes = zeroes(56)  // sel: any packet
        bytes += destination + zeroes(16 - destination.count)  // id.daddr
        bytes += [0x00, 0x00, 0xc0, 0x01]  // id.spi, in network order
        bytes += [50, 0, 0, 0]  // id.proto: ESP, padded
        bytes += source + zeroes(16 - source.count)  // saddr
        bytes += lifetime ?? (noLimit + noLimit + noLimit + noLimit + zeroes(32))  // lft: bytes, packets; ages
        bytes += zeroes(32)  // curlft
        bytes += zeroes(12)  // stats
        bytes += zeroes(4)  // seq
        bytes += [7, 0, 0, 0]  // reqid
        bytes += [family, 0]  // family
        bytes += [1]  // mode: tunnel
        bytes += [window, flags]  // replay_window, flags
        bytes += zeroes(7)  // padding to 8
        return bytes
    }

    /// A netlink header with sequence and port to be filled in on sending.
    private static func netlinkHeader(length: Int, type: UInt8, flags: [UInt8]) -> [UInt8] {
        [UInt8(length & 0xff), UInt8(length >> 8), 0, 0, type, 0] + flags + zeroes(8)
    }

    @Test func structsHaveTheKernelsSizes() {
        #expect(MemoryLayout<xfrm_address_t>.size == 16)
        #expect(MemoryLayout<xfrm_selector>.size == 56)
        #expect(MemoryLayout<xfrm_usersa_info>.size == 224)
        #expect(MemoryLayout<xfrm_usersa_id>.size == 24)
        #expect(MemoryLayout<xfrm_userpolicy_info>.size == 168)
        #expect(MemoryLayout<xfrm_userpolicy_id>.size == 64)
        #expect(MemoryLayout<xfrm_user_tmpl>.size == 64)
        #expect(MemoryLayout<xfrm_aevent_id>.size == 48)
        #expect(MemoryLayout<xfrm_algo>.size == 68)
        #expect(MemoryLayout<xfrm_algo_auth>.size == 72)
        #expect(MemoryLayout<xfrm_algo_aead>.size == 72)
        #expect(MemoryLayout<xfrm_replay_state>.size == 12)
        #expect(MemoryLayout<xfrm_replay_state_esn>.size == 24)
        #expect(MemoryLayout<xfrm_user_expire>.size == 232)
        #expect(MemoryLayout<xfrm_user_acquire>.size == 280)
    }

    @Test func goldenBytesOfAnAEADAssociation() throws {
        let key = (0..<20).map { UInt8($0) }
        let association = SecurityAssociation(
            source: Self.v4.0, destination: Self.v4.1, spi: SPI(rawValue: 0xc001), requestID: 7,
            transform: .aead(.gcm, key: KeyMaterial(key), icvBits: 128))
        var expected = Self.netlinkHeader(length: 16 + 224 + 96, type: 0x10, flags: [0x00, 0x06])  // NEWSA, create and exclusive
        expected += Self.header(destination: [198, 51, 100, 2], source: [192, 0, 2, 1], family: 2, window: 32)
        expected += [96, 0, 18, 0]  // XFRMA_ALG_AEAD
        expected += Self.name("rfc4106(gcm(aes))")
        expected += [160, 0, 0, 0]  // alg_key_len in bits, salt included
        expected += [128, 0, 0, 0]  // alg_icv_len in bits
        expected += key
        #expect(Array(try message(.add(association)).bytes) == expected)
    }

    @Test func goldenBytesOfAnAEADAssociationOverIPv6WithALargeWindow() throws {
        let key = (0..<36).map { UInt8($0) }
        var association = SecurityAssociation(
            source: Self.v6.0, destination: Self.v6.1, spi: SPI(rawValue: 0xc001), requestID: 7,
            transform: .aead(.gcm, key: KeyMaterial(key), icvBits: 128), replayWindow: 65, usesExtendedSequenceNumbers: true,
            options: .noPathMTUDiscovery)
        association.lifetime = Lifetime(soft: .init(age: .seconds(90), bytes: 5), hard: .init(age: .milliseconds(100), packets: 6))
        let prefix: [UInt8] = [0x20, 0x01, 0x0d, 0xb8] + Self.zeroes(11)
        var lifetime: [UInt8] = [5, 0, 0, 0, 0, 0, 0, 0]  // soft bytes
        lifetime += Self.noLimit + Self.noLimit  // hard bytes, soft packets
        lifetime += [6, 0, 0, 0, 0, 0, 0, 0]  // hard packets
        lifetime += [90, 0, 0, 0, 0, 0, 0, 0]  // soft age
        lifetime += [1, 0, 0, 0, 0, 0, 0, 0]  // hard age, a whole second at least
        lifetime += Self.zeroes(16)  // ages since first use: no limit
        var expected = Self.netlinkHeader(length: 16 + 224 + 112 + 28, type: 0x1a, flags: [0x00, 0x01])  // UPDSA, replace
        expected += Self.header(
            destination: prefix + [2], source: prefix + [1], family: 10, window: 0, flags: 32 | 128 | 4, lifetime: lifetime)
        expected += [112, 0, 18, 0]  // XFRMA_ALG_AEAD
        expected += Self.name("rfc4106(gcm(aes))") + [32, 1, 0, 0] + [128, 0, 0, 0] + key
        expected += [28, 0, 23, 0]  // XFRMA_REPLAY_ESN_VAL
        expected += [3, 0, 0, 0]  // bmp_len: 65 bits take 3 words
        expected += Self.zeroes(16)  // sequence numbers
        expected += [65, 0, 0, 0]  // replay_window
        #expect(Array(try message(.update(association)).bytes) == expected)
    }

    @Test func goldenBytesOfAnAssociationWithSeparateKeys() throws {
        let material = (0..<48).map { UInt8($0) }
        let transform = try #require(ESPSuite.cbc(.bits128, .sha256).transform(keyMaterial: KeyMaterial(material)))
        let association = SecurityAssociation(
            source: Self.v4.0, destination: Self.v4.1, spi: SPI(rawValue: 0xc001), requestID: 7, transform: transform, replayWindow: 0)
        var expected = Self.netlinkHeader(length: 16 + 224 + 108 + 88, type: 0x10, flags: [0x00, 0x06])
        expected += Self.header(destination: [198, 51, 100, 2], source: [192, 0, 2, 1], family: 2, window: 0)
        expected += [108, 0, 20, 0]  // XFRMA_ALG_AUTH_TRUNC
        expected += Self.name("hmac(sha256)") + [0, 1, 0, 0] + [128, 0, 0, 0] + material[16...]  // 256-bit key, cut to 128
        expected += [88, 0, 2, 0]  // XFRMA_ALG_CRYPT
        expected += Self.name("cbc(aes)") + [128, 0, 0, 0] + material[..<16]
        #expect(Array(try message(.add(association)).bytes) == expected)
    }

    @Test func goldenBytesOfAPreferenceForAGenerator() throws {
        #expect(MemoryLayout<crypto_user_alg>.size == 208)
        var expected = Self.netlinkHeader(length: 16 + 208 + 8, type: 0x12, flags: [0, 0])  // CRYPTO_MSG_UPDATEALG
        expected += Self.name("stdrng")
        expected += Self.name("drbg_nopr_ctr_aes256")
        expected += Self.zeroes(64 + 16)  // cru_module_name, type, mask, reference count, flags
        expected += [8, 0, 1, 0, 0xe8, 0x03, 0, 0]  // CRYPTOCFGA_PRIORITY_VAL: 1000
        #expect(Array(try SaltGenerator.request().bytes) == expected)
    }

    @Test func goldenBytesOfAPolicy() throws {
        var selector = try #require(TrafficSelector(source: IPPrefix("10.1.2.3/16")!, destination: IPPrefix("10.2.0.0/24")!))
        selector.transportProtocol = 17
        selector.destinationPort = 500
        let policy = SecurityPolicy(
            direction: .forwarded, selector: selector, priority: 0x0102, action: .block,
            templates: [.init(source: Self.v4.0, destination: Self.v4.1, requestID: 7)])
        var expected = Self.netlinkHeader(length: 16 + 168 + 68, type: 0x13, flags: [0x00, 0x06])  // NEWPOLICY, create and exclusive
        expected += [10, 2, 0, 0] + Self.zeroes(12)  // sel.daddr
        expected += [10, 1, 0, 0] + Self.zeroes(12)  // sel.saddr, host bits cleared
        expected += [0x01, 0xf4, 0xff, 0xff]  // dport and mask, in network order
        expected += [0, 0, 0, 0]  // sport and mask
        expected += [2, 0, 24, 16, 17]  // family, prefixlen_d, prefixlen_s, proto
        expected += Self.zeroes(11)  // padding, ifindex, user
        expected += Self.noLimit + Self.noLimit + Self.noLimit + Self.noLimit + Self.zeroes(32)  // lft
        expected += Self.zeroes(32)  // curlft
        expected += [2, 1, 0, 0]  // priority
        expected += Self.zeroes(4)  // index
        expected += [2, 1, 0, 0]  // dir: forward, action: block, flags, share
        expected += Self.zeroes(4)  // padding to 8
        expected += [68, 0, 5, 0]  // XFRMA_TMPL
        expected += [198, 51, 100, 2] + Self.zeroes(12)  // id.daddr
        expected += [0, 0, 0, 0, 50, 0, 0, 0]  // id.spi: any, id.proto: ESP, padding
        expected += [2, 0, 0, 0]  // family, padding
        expected += [192, 0, 2, 1] + Self.zeroes(12)  // saddr
        expected += [7, 0, 0, 0]  // reqid
        expected += [1, 0, 0, 0]  // mode: tunnel, share, optional, padding
        expected += [UInt8](repeating: 0xff, count: 12)  // any algorithms
        #expect(Array(try message(.addPolicy(policy)).bytes) == expected)
    }

    /// `add` is a shorter way to the same bytes.
    @Test func additionsToABatchAreTheSameEitherWay() throws {
        let association = SecurityAssociation(
            source: Self.v4.0, destination: Self.v4.1, spi: SPI(rawValue: 0xc001), requestID: 7,
            transform: .aead(.gcm, key: KeyMaterial((0..<20).map { UInt8($0) }), icvBits: 128))
        let policy = SecurityPolicy(
            direction: .outbound,
            selector: try #require(TrafficSelector(source: IPPrefix("10.1.0.0/16")!, destination: IPPrefix("10.20.0.0/16")!)), priority: 5,
            templates: [.init(source: Self.v4.0, destination: Self.v4.1, requestID: 7)])
        var (short, long) = (XFRMBatch(), XFRMBatch())
        try short.add(association)
        try short.add(policy)
        try long.append(.add(association))
        try long.append(.addPolicy(policy))
        #expect(Array(short.bytes) == Array(long.bytes))
        #expect(short.count == 2)
    }

    @Test func goldenBytesOfAReplayState() throws {
        let id = SecurityAssociation.ID(destination: Self.v4.1, spi: SPI(rawValue: 0xc001))
        let state = ReplayState(sent: 9, received: 10, window: .plain(bitmap: 0x0403_0201))
        var expected = Self.netlinkHeader(length: 16 + 48 + 16, type: 0x1e, flags: [0x00, 0x01])  // NEWAE, replace
        expected += [198, 51, 100, 2] + Self.zeroes(12)  // sa_id.daddr
        expected += [0, 0, 0xc0, 0x01, 2, 0, 50, 0]  // spi, family, proto, padding
        expected += Self.zeroes(24)  // saddr, flags, reqid
        expected += [16, 0, 10, 0]  // XFRMA_REPLAY_VAL
        expected += [9, 0, 0, 0, 10, 0, 0, 0, 1, 2, 3, 4]  // oseq, seq, bitmap
        #expect(Array(try message(.setReplayState(id, state)).bytes) == expected)
    }

    // MARK: - Reading back

    /// The kernel's own form of an SA is the one that adds it, so a decoded request is the SA again.
    @Test(arguments: [
        (ESPSuite.gcm(.bits128), 32, false), (.gcm(.bits256), 0, false), (.cbc(.bits256, .sha1), 64, false),
        (.cbc(.bits192, .sha384), 96, true),
    ])
    func anAssociationSurvivesItsEncoding(suite: ESPSuite, window: UInt32, isExtended: Bool) throws {
        let transform = try #require(suite.transform(keyMaterial: KeyMaterial((0..<suite.keyMaterialLength).map { UInt8($0) })))
        let association = SecurityAssociation(
            source: Self.v6.0, destination: Self.v6.1, spi: SPI(rawValue: .max), requestID: .max, transform: transform,
            replayWindow: window,
            usesExtendedSequenceNumbers: isExtended, lifetime: Lifetime(soft: .init(age: .seconds(1)), hard: .init(bytes: 2, packets: 3)),
            options: [.noECN])
        var batch = NetlinkBatch()
        batch.append(try message(.add(association)))
        let incoming = try #require(batch.request(at: 0))
        // The encoder sends the window without its bitmap; the kernel makes that.
        if window > 32 || isExtended {
            #expect(throws: NetlinkError.self) { try incoming.decodeInstalledAssociation() }
        } else {
            #expect(try incoming.decodeInstalledAssociation()?.association == association)
        }
        #expect(try XFRMChange.describe(incoming)?.object == association.description)
    }

    @Test func anAssociationWithoutAlgorithmsIsOnlyReserved() throws {
        var info = xfrm_usersa_info()
        info.family = UInt16(AF_INET)
        let bytes = withUnsafeBytes(of: info) { Array($0) }
        #expect(try InstalledAssociation(info, NetlinkAttributes(parsing: [])) == nil)
        #expect(bytes.count == 224)
    }

    @Test func whatTheKernelWouldNeverSendIsRefused() throws {
        var info = xfrm_usersa_info()
        info.family = 77
        let algorithm = [UInt8]([76, 0, 18, 0]) + Self.name("x") + [0, 0, 0, 0, 0, 0, 0, 0]
        #expect(throws: NetlinkError.self) { try InstalledAssociation(info, NetlinkAttributes(parsing: algorithm[...])) }
        info.family = UInt16(AF_INET)
        info.mode = 99
        #expect(throws: NetlinkError.self) { try InstalledAssociation(info, NetlinkAttributes(parsing: algorithm[...])) }
        // A key that is longer than its attribute.
        let short = [UInt8]([76, 0, 18, 0]) + Self.name("x") + [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]
        info.mode = 1
        #expect(throws: NetlinkError.self) { try InstalledAssociation(info, NetlinkAttributes(parsing: short[...])) }
        var selector = xfrm_selector()
        selector.family = UInt16(AF_INET)
        selector.prefixlen_d = 33
        #expect(throws: NetlinkError.self) { try TrafficSelector(selector) }
    }

    @Test func aReplayBitmapMustFitItsAttribute() throws {
        func attribute(words: UInt8, _ rest: [UInt8]) -> ArraySlice<UInt8> {
            [UInt8(28 + rest.count), 0, 23, 0, words, 0, 0, 0] + Self.zeroes(16) + [32, 0, 0, 0] + rest
        }
        let state = try ReplayState(in: NetlinkAttributes(parsing: attribute(words: 1, [1, 0, 0, 0])))
        #expect(state == ReplayState(sent: 0, received: 0, window: .large(packets: 32, bitmap: [1])))
        #expect(throws: NetlinkError.self) { try ReplayState(in: NetlinkAttributes(parsing: attribute(words: 2, [1, 0, 0, 0]))) }
        #expect(try ReplayState(in: NetlinkAttributes(parsing: [])) == nil)
    }

    @Test func randomEventsNeverTrap() throws {
        var random = Xorshift(state: 0xe5e5)
        for _ in 0..<20_000 {
            let type = MessageType(UInt16(0x10 + random.next() % 0x18))
            var batch = NetlinkBatch(capacity: 512)
            try batch.append(type) { encoder throws(NetlinkError) in
                let bytes = (0..<Int(random.next() % 400)).map { _ in random.next() % 4 == 0 ? UInt8(truncatingIfNeeded: random.next()) : 2
                }
                bytes.withUnsafeBytes { encoder.append(headerBytes: $0) }
                if random.next() % 2 == 0 { try encoder.put(AttributeType(random.next() % 34), bytes: Array(bytes.prefix(120))) }
            }
            if let message = batch.request(at: 0) { _ = try? XFRMEvent(message) }
        }
    }
}

@Suite struct XFRMValueTests {
    @Test func anSPIIsWrittenLikeIPXfrmDoes() {
        #expect("\(SPI(rawValue: 0xc001))" == "0x0000c001")
        #expect(!SPI.usable.contains(SPI(rawValue: 255)))
        #expect(SPI.usable.contains(SPI(rawValue: 256)))
    }

    @Test func keysCannotBeSeen() {
        let key = KeyMaterial([0x41, 0x42, 0x43])
        let association = SecurityAssociation(
            source: IPAddress("192.0.2.1")!, destination: IPAddress("192.0.2.2")!, spi: SPI(rawValue: 1),
            transform: .aead(.gcm, key: key, icvBits: 128))
        var dumped = ""
        dump(association, to: &dumped)
        for text in [
            "\(key)", String(reflecting: key), dumped, "\(XFRMChange.add(association))", String(reflecting: association.transform),
        ] {
            #expect(!text.contains("ABC") && !text.contains("65") && !text.contains("0x41"), "\(text)")
        }
        #expect(Mirror(reflecting: key).children.isEmpty)
        #expect("\(key)" == "(24-bit key)")
    }

    @Test func keysCompareByTheirBytes() {
        #expect(KeyMaterial([1, 2]) == KeyMaterial([1, 2]))
        #expect(KeyMaterial([1, 2]) != KeyMaterial([1, 3]))
        #expect(KeyMaterial([1, 2]) != KeyMaterial([1, 2, 3]))
        #expect(KeyMaterial([]) == KeyMaterial([]))
    }

    @Test(arguments: [
        (ESPSuite.gcm(.bits128), 20), (.gcm(.bits192), 28), (.gcm(.bits256), 36), (.cbc(.bits128, .sha1), 36),
        (.cbc(.bits256, .sha256), 64),
        (.cbc(.bits256, .sha384), 80),
    ])
    func suitesKnowTheirKeyLengths(suite: ESPSuite, length: Int) {
        #expect(suite.keyMaterialLength == length)
        #expect(suite.transform(keyMaterial: KeyMaterial([UInt8](repeating: 1, count: length))) != nil)
        #expect(suite.transform(keyMaterial: KeyMaterial([UInt8](repeating: 1, count: length - 1))) == nil)
    }

    @Test func aSelectorIsOfOneFamily() {
        #expect(TrafficSelector(source: IPPrefix("10.0.0.0/8")!, destination: IPPrefix("fd00::/8")!) == nil)
    }
}
