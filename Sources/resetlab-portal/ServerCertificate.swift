import Crypto
import Foundation
import Glibc
import SwiftASN1
import X509

/// The certificate that the server shows, made on its first start and kept: clients are told to trust this one file.
struct ServerCertificate {
    /// PEM files.
    let certificatePath: String
    let keyPath: String

    private static let lifetime: TimeInterval = 825 * 86_400
    /// One that ends sooner is made anew.
    private static let leastRemaining: TimeInterval = 7 * 86_400

    /// Takes the folder's certificate, or makes one.
    ///
    /// - Parameters:
    ///   - folder: made with mode 0700 where it is not there; the key's file has mode 0600.
    ///   - addresses: the names and IP addresses that clients may use, besides the loopback ones.
    init(folder: String, addresses: [String]) throws {
        certificatePath = "\(folder)/certificate.pem"
        keyPath = "\(folder)/key.pem"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let names = Self.names(addresses)
        if Self.isUsable(certificatePath, keyPath, names) { return }
        let key = P256.Signing.PrivateKey()
        try OwnFile.write(key.pemRepresentation + "\n", to: keyPath, mode: 0o600)
        try OwnFile.write(try Self.make(key, names).serializeAsPEM().pemString + "\n", to: certificatePath, mode: 0o644)
    }

    /// What real clients demand of a self-signed one: the names, a CA's basic constraints and key usage, and the purpose.
    private static func make(_ key: P256.Signing.PrivateKey, _ names: [GeneralName]) throws -> Certificate {
        let subject = try DistinguishedName { CommonName("Resetlab") }
        let now = Date()
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: now.addingTimeInterval(-3_600), notValidAfter: now.addingTimeInterval(lifetime), issuer: subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names)
            }, issuerPrivateKey: .init(key))
    }

    private static func names(_ addresses: [String]) -> [GeneralName] {
        (["localhost", "127.0.0.1", "::1"] + addresses).reduce(into: []) { names, text in
            let name: GeneralName = packed(text).map { .ipAddress(ASN1OctetString(contentBytes: ArraySlice($0))) } ?? .dnsName(text)
            if !names.contains(name) { names.append(name) }
        }
    }

    /// An IP address's bytes in network order; nil for a name.
    private static func packed(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    private static func isUsable(_ certificatePath: String, _ keyPath: String, _ names: [GeneralName]) -> Bool {
        guard let pem = try? String(contentsOfFile: certificatePath, encoding: .utf8), let certificate = try? Certificate(pemEncoded: pem),
            let keyText = try? String(contentsOfFile: keyPath, encoding: .utf8),
            let key = try? P256.Signing.PrivateKey(pemRepresentation: keyText),
            certificate.publicKey == Certificate.PublicKey(key.publicKey),
            certificate.notValidAfter > Date().addingTimeInterval(leastRemaining),
            let known = try? certificate.extensions.subjectAlternativeNames
        else { return false }
        return names.allSatisfy(known.contains)
    }
}
