import AgentProtocol
import Testing

@testable import Capture

@Suite struct ESPKeyFileTests {
    private func association(
        _ source: String = "198.51.100.10", _ destination: String = "203.0.113.10", spi: String = "0xc0ffee01",
        encryption: String = "rfc4106(gcm(aes))", key: String? = "000102030405060708090a0b0c0d0e0f10111213", integrity: String? = nil,
        truncation: UInt32 = 128, integrityKey: String? = nil
    ) -> AssociationRecord {
        AssociationRecord(
            node: "tokyo", source: source, destination: destination, spi: spi, requestID: 1, encryption: encryption, integrity: integrity,
            truncation: truncation, packets: 0, bytes: 0, age: 0, sequenceSent: 0, sequenceReceived: 0, encryptionKey: key,
            integrityKey: integrityKey)
    }

    private func line(_ association: AssociationRecord) -> Substring? {
        var file = ESPKeyFile()
        file.add([association])
        return file.text.split(separator: "\n").last
    }

    @Test func gcm() {
        #expect(
            line(association())
                == #""IPv4","198.51.100.10","203.0.113.10","0xc0ffee01","AES-GCM with 16 octet ICV [RFC4106]","0x000102030405060708090a0b0c0d0e0f10111213","NULL","""#
        )
    }

    @Test(
        arguments: [
            ("hmac(sha1)", 96, "HMAC-SHA-1-96 [RFC2404]"), ("hmac(sha256)", 128, "HMAC-SHA-256-128 [RFC4868]"),
            ("hmac(sha384)", 192, "HMAC-SHA-384-192 [RFC4868]"), ("hmac(sha512)", 256, "HMAC-SHA-512-256 [RFC4868]"),
        ] as [(String, UInt32, String)]) func cbc(integrity: String, truncation: UInt32, name: String)
    {
        let line = line(
            association(
                "2001:db8::1", "2001:db8::2", encryption: "cbc(aes)", key: "0f", integrity: integrity, truncation: truncation,
                integrityKey: "aa"))
        #expect(line == "\"IPv6\",\"2001:db8::1\",\"2001:db8::2\",\"0xc0ffee01\",\"AES-CBC [RFC3602]\",\"0x0f\",\"\(name)\",\"0xaa\"")
    }

    @Test(
        arguments: [
            ("cbc(des3_ede)", "0f", "hmac(sha1)", 96), ("cbc(aes)", "0f", "hmac(sha256)", 96), ("cbc(aes)", nil, "hmac(sha1)", 96),
            ("rfc4106(gcm(aes))", "0f", nil, 32),
        ] as [(String, String?, String?, UInt32)])
    func whatWiresharkCannotDecryptIsAComment(encryption: String, key: String?, integrity: String?, truncation: UInt32) {
        let line = line(association(encryption: encryption, key: key, integrity: integrity, truncation: truncation, integrityKey: "aa"))
        #expect(line == "# 198.51.100.10 to 203.0.113.10, SPI 0xc0ffee01: Wireshark cannot decrypt it")
    }

    /// Both ends know an SA, and one that is gone stays in the file.
    @Test func everyAssociationOnceAndForGood() {
        var file = ESPKeyFile()
        #expect(file.isEmpty)
        var news: [Bool] = []
        for associations in [[association(), association()], [association()], [association(spi: "0x2")], []] {
            news.append(file.add(associations))
            #expect(!file.isEmpty)
        }
        #expect(news == [true, false, true, false])
        #expect(file.text.split(separator: "\n").count == 3)
        #expect(file.text.hasSuffix("\n"))
    }
}
