import Addressing
import Testing

@testable import KeyExchange

@Suite struct MessageCodecTests {
    static let initHeader = IKEHeader(
        initiatorSPI: IKESPI(rawValue: 0x0102_0304_0506_0708), responderSPI: .none, exchange: .saInit, isFromInitiator: true,
        isResponse: false, messageID: 0)

    static let initMessage = IKEMessage(
        header: initHeader,
        payloads: [
            .securityAssociation([
                Proposal(
                    number: 1, securityProtocol: .ike,
                    transforms: [
                        Transform(.encryption, 12, keyLength: 256), Transform(.pseudoRandomFunction, 5), Transform(.integrity, 12),
                        Transform(.diffieHellmanGroup, 2),
                    ])
            ]),
            .keyExchange(group: 2, publicValue: [0xde, 0xad, 0xbe, 0xef]),
            .nonce(Array(1...16)),
        ])

    static let initBytes = bytes(
        """
        0102030405060708 0000000000000000
        21 20 22 08 00000000 0000006c         SA next, version 2.0, IKE_SA_INIT, from the initiator, ID 0, 108 bytes
        22 00 0030                            KE next, SA of 48 bytes
        00 00 002c 01 01 00 04                last proposal, 44 bytes, number 1, IKE, no SPI, 4 transforms
        03 00 000c 01 00 000c 800e 0100       ENCR_AES_CBC, key length 256
        03 00 0008 02 00 0005                 PRF_HMAC_SHA2_256
        03 00 0008 03 00 000c                 AUTH_HMAC_SHA2_256_128
        00 00 0008 04 00 0002                 last transform, group 2
        28 00 000c 0002 0000 deadbeef         nonce next, KE of 12 bytes, group 2
        00 00 0014 0102030405060708090a0b0c0d0e0f10
        """.withoutComments)

    static let authMessage = IKEMessage(
        header: IKEHeader(
            initiatorSPI: IKESPI(rawValue: 0x0102_0304_0506_0708), responderSPI: IKESPI(rawValue: 0x1112_1314_1516_1718),
            exchange: .auth, isFromInitiator: false, isResponse: true, messageID: 1),
        payloads: [
            .initiatorIdentity(IKEIdentity(IPAddress("203.0.113.1")!)),
            .authentication(.sharedKey, proof: [1, 2, 3, 4]),
            .securityAssociation([
                Proposal(
                    number: 1, securityProtocol: .esp, spi: [0xc0, 0xde, 0, 1],
                    transforms: [Transform(.encryption, 20, keyLength: 256), Transform(.extendedSequenceNumbers, 0)])
            ]),
            .initiatorTrafficSelectors([TrafficSelector(IPPrefix("10.1.0.0/16")!)]),
            .responderTrafficSelectors([TrafficSelector(IPPrefix("fd00::/64")!)]),
            .notify(IKENotification(.pfsGroup, data: [0, 14])),
            .delete(Deletion([ChildSPI(rawValue: 0xc0de_0002)])),
        ])

    static let authBytes = bytes(
        """
        0102030405060708 1112131415161718
        23 20 23 20 00000001 000000b6         IDi next, version 2.0, IKE_AUTH, response, ID 1, 182 bytes
        27 00 000c 01 000000 cb007101         AUTH next, ID_IPV4_ADDR
        21 00 000c 02 000000 01020304         SA next, shared key
        2c 00 0024                            TSi next
        00 00 0020 01 03 04 02 c0de0001       last proposal, 32 bytes, number 1, ESP, SPI of 4, 2 transforms
        03 00 000c 01 00 0014 800e 0100       ENCR_AES_GCM_16, key length 256
        00 00 0008 05 00 0000                 no extended sequence numbers
        2d 00 0018 01 000000                  TSr next, one selector
        07 00 0010 0000 ffff 0a010000 0a01ffff
        29 00 0030 01 000000                  N next, one selector
        08 00 0028 0000 ffff fd000000000000000000000000000000 fd00000000000000ffffffffffffffff
        2a 00 000a 00 00 a000 000e            D next, no protocol, no SPI, private use 40960, group 14
        00 00 000c 03 04 0001 c0de0002        last, ESP, SPIs of 4 bytes, one
        """.withoutComments)

    @Test(arguments: [(initMessage, initBytes), (authMessage, authBytes)])
    func goldenBytes(message: IKEMessage, bytes: [UInt8]) throws {
        #expect(try message.encoded() == bytes)
        #expect(try IKEMessage(decoding: bytes) == message)
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var error: IKEDecodingError

        init(_ description: String, _ bytes: [UInt8], _ error: IKEDecodingError) {
            testDescription = description
            self.bytes = bytes
            self.error = error
        }
    }

    /// A well-formed header, then this payload alone.
    private static func message(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
        initHeader.encoded(firstPayload: PayloadType(rawValue: type), length: UInt32(IKEHeader.size + payload.count)) + payload
    }

    @Test(arguments: [
        Malformed("empty", [], .truncated(.header, needed: 8, available: 0)),
        Malformed("half a header", Array(initBytes.prefix(27)), .truncated(.header, needed: 4, available: 3)),
        Malformed("shorter than stated", initBytes.dropLast(), .datagramLength(stated: 108, actual: 107)),
        Malformed("longer than stated", initBytes + [0], .datagramLength(stated: 108, actual: 109)),
        Malformed("bytes after the last payload", (initBytes + [0]).with(0x6d, at: 27), .trailingBytes(.header, 1)),
        Malformed("IKEv1", initBytes.with(0x10, at: 17), .unsupportedVersion(0x10)),
        Malformed("unknown exchange", initBytes.with(99, at: 18), .invalidField(.header, "exchange type")),
        Malformed("no initiator SPI", [UInt8](repeating: 0, count: 8) + initBytes.dropFirst(8), .invalidField(.header, "initiator's SPI")),
        Malformed("no payload where one is named", message(33, []), .truncated(.payload(.securityAssociation), needed: 2, available: 0)),
        Malformed("payload length 0", initBytes.with(0, at: 31), .badLength(.payload(.securityAssociation), 0)),
        Malformed("payload length 3", initBytes.with(3, at: 31), .badLength(.payload(.securityAssociation), 3)),
        Malformed(
            "payload beyond the end", initBytes.with(0xff, at: 30),
            .truncated(.payload(.securityAssociation), needed: 0xff30, available: 80)),
        Malformed("payload within its body", initBytes.with(0x2f, at: 31), .truncated(.proposal, needed: 44, available: 43)),
        Malformed("empty SA", message(33, [0, 0, 0, 4]), .truncated(.proposal, needed: 2, available: 0)),
        Malformed("empty nonce", message(40, [0, 0, 0, 4]), .badLength(.payload(.nonce), 0)),
        Malformed("nonce of 15 bytes", message(40, [0, 0, 0, 19] + Array(1...15)), .badLength(.payload(.nonce), 15)),
        Malformed("empty KE", message(34, [0, 0, 0, 4]), .truncated(.payload(.keyExchange), needed: 2, available: 0)),
        Malformed("KE without a value", message(34, [0, 0, 0, 8, 0, 2, 0, 0]), .badLength(.payload(.keyExchange), 0)),
        Malformed("empty AUTH", message(39, [0, 0, 0, 8, 2, 0, 0, 0]), .badLength(.payload(.authentication), 0)),
        Malformed("empty IDi", message(35, [0, 0, 0, 8, 1, 0, 0, 0]), .badLength(.payload(.initiatorIdentity), 0)),
        Malformed("proposal length 0", initBytes.with(0, at: 35), .badLength(.proposal, 0)),
        Malformed("unknown protocol", initBytes.with(9, at: 37), .invalidField(.proposal, "protocol")),
        Malformed("SPI beyond the proposal", initBytes.with(200, at: 38), .truncated(.proposal, needed: 200, available: 36)),
        Malformed("one transform too few", initBytes.with(3, at: 39), .invalidField(.transform, "last-substructure flag")),
        Malformed("one transform too many", initBytes.with(5, at: 39), .invalidField(.transform, "last-substructure flag")),
        Malformed("more proposals than there are", initBytes.with(2, at: 32), .truncated(.proposal, needed: 2, available: 0)),
        Malformed("transform length 0", initBytes.with(0, at: 43), .badLength(.transform, 0)),
        Malformed("unknown attribute", initBytes.with(0x0f, at: 49), .invalidField(.transform, "attribute")),
        Malformed(
            "no selectors", message(44, [0, 0, 0, 8, 0, 0, 0, 0]),
            .invalidField(.payload(.initiatorTrafficSelectors), "number of traffic selectors")),
        Malformed(
            "fewer selectors than stated", message(44, [0, 0, 0, 8, 1, 0, 0, 0]), .truncated(.trafficSelector, needed: 2, available: 0)),
        Malformed(
            "selectors in the wrong order",
            message(44, [0, 0, 0, 24, 1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 0xff, 0xff, 10, 0, 0, 2, 10, 0, 0, 1]),
            .invalidField(.trafficSelector, "range")),
        Malformed(
            "SPIs beyond the delete payload", message(42, [0, 0, 0, 12, 3, 4, 0, 2, 0, 0, 1, 0]),
            .truncated(.payload(.delete), needed: 4, available: 0)),
        Malformed(
            "delete with SPIs of no size", message(42, [0, 0, 0, 8, 3, 0, 0xff, 0xff]), .invalidField(.payload(.delete), "SPI size")),
        Malformed("unknown critical payload", message(200, [0, 0x80, 0, 4]), .unknownCriticalPayload(PayloadType(rawValue: 200))),
        Malformed("encrypted", message(46, [0, 0, 0, 4]), .encryptedPayload),
    ])
    func malformedMessages(_ example: Malformed) {
        #expect(throws: example.error) { try IKEMessage(decoding: example.bytes) }
    }

    @Test func unknownPayloadsThatAreNotCriticalArePassedOver() throws {
        let message = try IKEMessage(decoding: Self.message(200, [40, 0, 0, 5, 9, 0, 0, 0, 20] + Array(1...16)))
        #expect(message.payloads == [.unrecognized(PayloadType(rawValue: 200), body: [9]), .nonce(Array(1...16))])
    }

    /// The bit has no meaning on payloads that every implementation knows (RFC 7296 §3.2).
    @Test func theCriticalBitOfAKnownPayloadIsIgnored() throws {
        let message = try IKEMessage(decoding: Self.message(43, [0, 0x80, 0, 5, 9]))
        #expect(message.payloads == [.unrecognized(PayloadType(rawValue: 43), body: [9])])
    }

    @Test func minorVersionsAreUnderstood() throws {
        #expect(try IKEMessage(decoding: Self.initBytes.with(0x21, at: 17)) == Self.initMessage)
    }

    @Test func whatDoesNotFitIsAnError() {
        let selectors = IKEPayload.initiatorTrafficSelectors(Array(repeating: TrafficSelector(IPPrefix("10.0.0.0/8")!), count: 256))
        #expect(throws: IKEEncodingError.tooManyItems(.payload(.initiatorTrafficSelectors), 256)) {
            try IKEMessage(header: Self.initHeader, payloads: [selectors]).encoded()
        }
        let value = IKEPayload.keyExchange(group: 2, publicValue: Array(repeating: 0, count: 65_528))
        #expect(throws: IKEEncodingError.tooManyBytes(.payload(.keyExchange), 65_532)) {
            try IKEMessage(header: Self.initHeader, payloads: [value]).encoded()
        }
    }

    /// Damaged messages: never a trap, and what is understood is understood the same way again.
    @Test(arguments: UInt64(1)...8) func fuzz(seed: UInt64) throws {
        var random = SeededRandom(seed: seed, label: "codec fuzz")
        var understood = 0
        for _ in 0..<2_000 {
            let bytes = random.damaged(random.bytes(1)[0] & 1 == 0 ? Self.initBytes : Self.authBytes)
            guard let message = try? IKEMessage(decoding: bytes) else { continue }
            understood += 1
            let again = try message.encoded()
            #expect(try IKEMessage(decoding: again) == message)
        }
        #expect(understood > 0)
    }
}

extension SeededRandom {
    /// A message with up to four changes: bytes replaced, cut off or added. The header's length is put right half of the time, so that
    /// damage reaches the payloads.
    mutating func damaged(_ message: [UInt8]) -> [UInt8] {
        var message = message
        for _ in 0..<(bytes(1)[0] % 5) {
            let draw = bytes(3)
            let position = message.isEmpty ? 0 : (Int(draw[1]) << 8 | Int(draw[2])) % message.count
            switch draw[0] % 4 {
            case 0: message = Array(message.prefix(position))
            case 1: message.insert(contentsOf: bytes(1 + Int(draw[2] % 8)), at: position)
            default: if !message.isEmpty { message[position] = draw[0] & 4 == 0 ? bytes(1)[0] : 0 }
            }
        }
        if bytes(1)[0] & 1 == 0, message.count >= 28 { message.replaceSubrange(24..<28, with: UInt32(message.count).bigEndianBytes) }
        return message
    }
}

extension [UInt8] {
    func with(_ byte: UInt8, at index: Int) -> [UInt8] {
        var copy = self
        copy[index] = byte
        return copy
    }
}

extension String {
    /// The part of each line before two or more blanks.
    fileprivate var withoutComments: String {
        split(separator: "\n").map { line in line.firstRange(of: "   ").map { line[..<$0.lowerBound] } ?? line }.joined()
    }
}
