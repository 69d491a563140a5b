import Addressing
import LabPlan
import Testing

@testable import KeyExchange

/// Expected values computed apart from this code, with another HMAC.
@Suite struct KeyDerivationTests {
    @Test func prfPlus() {
        let stream = PseudoRandomFunction.stream(key: Array(0..<32), seed: Array("seed".utf8), count: 70)
        #expect(
            stream
                == bytes(
                    """
                    4fae78f37a588390e442a412cb463634d9dce644473eb1ea3b773f8b675f7a94
                    06dc2d03dec3ba780e2a7dd6e0a052dd964a23269299ac540144a0d72e865d8e
                    d03d2fdecaaa
                    """))
    }

    static let secrets = ExchangeSecrets(
        preSharedKey: PreSharedKey(secret: "secret".utf8), initiatorNonce: Array(repeating: 1, count: 32),
        responderNonce: Array(repeating: 2, count: 32), initiatorSPI: IKESPI(rawValue: 0x1122_3344_5566_7788),
        responderSPI: IKESPI(rawValue: 0x99aa_bbcc_ddee_ff00))

    @Test(arguments: [
        (ExchangeSecrets.Role.initiator, "b826e4475177b7dcdac4eddfd5fd9bd9c3378240b6e11a54514fffb6e2cb4c43"),
        (.responder, "23616ed3cf279e16bb2e59beb9df8bcba4d2c17cf74de2442f158b49454466f0"),
    ])
    func proofs(role: ExchangeSecrets.Role, expected: String) {
        let identity = IKEIdentity(IPAddress("203.0.113.1")!)
        #expect(Self.secrets.proof(of: role, message: Array("message".utf8), identity: identity) == bytes(expected))
    }

    @Test func keysOfACombinedModeCipher() {
        let keys = Self.secrets.childKeys(for: .routeBasedDefault)
        // 32 bytes of key, 4 of salt, for each direction.
        #expect(
            keys.initiatorToResponder.encryption.secretBytes
                == bytes("6361b4397b05df7a975be70c42f2d55a60cb6a4da7f3931558c78f79369bd908 514033d4"))
        #expect(
            keys.responderToInitiator.encryption.secretBytes
                == bytes("b99d506cec1296b1a94b5219fee363134077f731331bb32a274e97c8cd79b993 3c1de0b3"))
        #expect(keys.initiatorToResponder.integrity == nil)
        #expect(keys.responderToInitiator.integrity == nil)
    }

    @Test func keysOfACipherWithIntegrity() {
        var policy = IPsecPolicy.routeBasedDefault
        policy.encryption = .aes128
        policy.integrity = .sha256
        let keys = Self.secrets.childKeys(for: policy)
        #expect(keys.initiatorToResponder.encryption.secretBytes == bytes("6361b4397b05df7a975be70c42f2d55a"))
        #expect(
            keys.initiatorToResponder.integrity?.secretBytes
                == bytes("60cb6a4da7f3931558c78f79369bd908514033d4b99d506cec1296b1a94b5219"))
        #expect(keys.responderToInitiator.encryption.secretBytes == bytes("fee363134077f731331bb32a274e97c8"))
        #expect(
            keys.responderToInitiator.integrity?.secretBytes
                == bytes("cd79b9933c1de0b3ed4d61f6c07c34bebeef50c101132cdbd2cee650bd6b133e"))
    }

    @Test(
        arguments: [
            (IPsecPolicy.Encryption.aes128, IPsecPolicy.Integrity.sha1, 16, 20), (.aes192, .sha256, 24, 32), (.aes256, .sha1, 32, 20),
            (.gcmAES128, .gcmAES128, 20, nil), (.gcmAES192, .gcmAES192, 28, nil), (.gcmAES256, .gcmAES256, 36, nil),
        ] as [(IPsecPolicy.Encryption, IPsecPolicy.Integrity, Int, Int?)])
    func keySizes(encryption: IPsecPolicy.Encryption, integrity: IPsecPolicy.Integrity, encryptionSize: Int, integritySize: Int?) {
        var policy = IPsecPolicy.routeBasedDefault
        policy.encryption = encryption
        policy.integrity = integrity
        let keys = Self.secrets.childKeys(for: policy)
        for direction in [keys.initiatorToResponder, keys.responderToInitiator] {
            #expect(direction.encryption.count == encryptionSize)
            #expect(direction.integrity?.count == integritySize)
        }
    }

    @Test func keysCannotBePrinted() {
        let key = KeyMaterial(secretBytes: [0xab, 0xcd])
        var dumped = ""
        dump(DirectionKeys(encryption: key, integrity: key), to: &dumped)
        for text in ["\(key)", String(reflecting: key), String(reflecting: DirectionKeys(encryption: key, integrity: key)), dumped] {
            #expect(!text.contains("171") && !text.contains("205") && !text.contains("ab, cd"))
        }
    }
}
