import Addressing
import AgentProtocol

/// Keys of SAs in the format of Wireshark's file `esp_sa`, by which it decrypts ESP packets.
///
/// One line an SA: IP version, source, destination, SPI, cipher, its key, integrity algorithm, its key. The names of algorithms are those of
/// Wireshark's epan/dissectors/packet-ipsec.c, to the letter. Keeps what it was told once: packets of an SA that is gone are in the capture still.
public struct ESPKeyFile {
    private struct Identity: Hashable {
        let source: String
        let destination: String
        let spi: String
    }

    private var lines: [String] = []
    private var known: Set<Identity> = []

    public init() {}

    /// Whether there is nothing in it.
    public var isEmpty: Bool { known.isEmpty }

    /// Takes the SAs that are new; both ends of one are one.
    ///
    /// - Returns: whether there were any.
    @discardableResult
    public mutating func add(_ associations: [AssociationRecord]) -> Bool {
        let before = known.count
        for association in associations {
            let identity = Identity(source: association.source, destination: association.destination, spi: association.spi)
            if known.insert(identity).inserted { lines.append(Self.line(association)) }
        }
        return known.count > before
    }

    /// The file's contents. Keys: for a file that its owner alone can read.
    public var text: String {
        (["# Keys of a rehearsal's tunnels, for Wireshark: Preferences, Protocols, ESP, or the file esp_sa in a profile's folder."] + lines)
            .map { $0 + "\n" }.joined()
    }

    private static func line(_ association: AssociationRecord) -> String {
        let version = IPAddress(association.source)?.family == .v6 ? "IPv6" : "IPv4"
        guard let encryptionKey = association.encryptionKey, let encryption = encryption(association),
            let integrity = integrity(association)
        else {
            // A line that cannot be used would make Wireshark refuse the whole file.
            return "# \(association.source) to \(association.destination), SPI \(association.spi): Wireshark cannot decrypt it"
        }
        let integrityKey = association.integrityKey.map { $0.isEmpty ? "" : "0x\($0)" } ?? ""
        return [
            version, association.source, association.destination, association.spi, encryption, "0x\(encryptionKey)", integrity,
            integrityKey,
        ]
        .map { "\"\($0)\"" }.joined(separator: ",")
    }

    private static func encryption(_ association: AssociationRecord) -> String? {
        switch association.encryption {
        // The key with its salt behind it, as the kernel has it too (RFC 4106 §8.1).
        case "rfc4106(gcm(aes))":
            switch association.truncation {
            case 64: "AES-GCM with 8 octet ICV [RFC4106]"
            case 96: "AES-GCM with 12 octet ICV [RFC4106]"
            case 128: "AES-GCM with 16 octet ICV [RFC4106]"
            default: nil
            }
        case "cbc(aes)": "AES-CBC [RFC3602]"
        default: nil
        }
    }

    private static func integrity(_ association: AssociationRecord) -> String? {
        switch (association.integrity, association.truncation) {
        case (nil, _): "NULL"
        case ("hmac(sha1)", 96): "HMAC-SHA-1-96 [RFC2404]"
        case ("hmac(sha256)", 128): "HMAC-SHA-256-128 [RFC4868]"
        case ("hmac(sha384)", 192): "HMAC-SHA-384-192 [RFC4868]"
        case ("hmac(sha512)", 256): "HMAC-SHA-512-256 [RFC4868]"
        default: nil
        }
    }
}
