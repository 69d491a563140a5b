import AgentProtocol
import Glibc
import LinuxKernel
import Processes
import TestRequirements
import Testing

@testable import Capture

private let wireshark = Requirement.program("tshark", package: "tshark")

/// Wireshark itself reads both files, where it is installed.
@Suite(.enabled(if: wireshark.letTestsRun, "\(wireshark.reason)")) struct WiresharkTests {
    /// An ICMP echo request with the data "resetlab" from 10.20.0.1 to 10.1.0.4, in ESP from 198.51.100.10 to 203.0.113.10: once by AES-GCM with the
    /// key 00…0f and the salt 10…13, once by AES-CBC with the key 00…0f and HMAC-SHA-256 with the key 00…1f. Made with Python's cryptography.
    private static let frames = [
        """
        02000000000b02000000000a08004500005c0000000040321428c633640acb00710ac0ffee010000000100000000000000011b46fab5bb142e167f86cb8d1090f2e7db\
        91537913e65a899b4d2538309dca3e83065ea257867dd03c45531a96cf96bcf78afbee9d6e8d47
        """,
        """
        02000000000b02000000000a08004500006c0000000040321418c633640acb00710ac0ffee0200000001101112131415161718191a1b1c1d1e1f4bf66ee77b07d98f39\
        e3d7e6682e52ce2c573979ee9e1efc7100eb5a5b916203669df5af823a8c41dd671b0541580c2b476084653d0fe02eb12a5831fefda58f
        """,
    ]

    private static func bytes(_ digits: String) -> [UInt8] {
        let digits = Array(digits.utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static func association(
        spi: String, encryption: String, key: String, integrity: String?, integrityKey: String?
    ) -> AssociationRecord {
        AssociationRecord(
            node: "tokyo", source: "198.51.100.10", destination: "203.0.113.10", spi: spi, requestID: 1, encryption: encryption,
            integrity: integrity, truncation: 128, packets: 0, bytes: 0, age: 0, sequenceSent: 0, sequenceReceived: 0, encryptionKey: key,
            integrityKey: integrityKey)
    }

    @Test func decryptsWithTheKeyFile() throws {
        let folder = try TemporaryFolder()
        var keys = ESPKeyFile()
        let key = "000102030405060708090a0b0c0d0e0f"
        keys.add([
            Self.association(
                spi: "0xc0ffee01", encryption: "rfc4106(gcm(aes))", key: key + "10111213", integrity: nil, integrityKey: nil),
            Self.association(
                spi: "0xc0ffee02", encryption: "cbc(aes)", key: key, integrity: "hmac(sha256)",
                integrityKey: key + "101112131415161718191a1b1c1d1e1f"),
        ])
        // Wireshark looks for its files in this one, whoever runs the tests.
        try folder.file("wireshark/esp_sa", keys.text)

        var writer = PcapngWriter(node: "tokyo", snapLength: 2_000, application: "resetlab")
        let packets = Self.frames.map { frame in
            CapturedPackets.Packet(
                interface: 7, at: 1_700_000_000_123_456_789, length: Self.bytes(frame).count, isOutgoing: true,
                bytes: Base64Bytes(Self.bytes(frame)))
        }
        let file =
            writer.begin()
            + writer.blocks(
                CapturedPackets(interfaces: [.init(index: 7, name: "wan", hardwareType: 1)], packets: packets, dropped: 0))
            + writer.end(at: 1_700_000_001_000_000_000)
        try folder.file("capture.pcapng", file)

        let fields = [
            "frame.time_epoch", "frame.interface_name", "frame.packet_flags_direction", "esp.spi", "esp.icv_good", "icmp.type", "data.data",
        ]
        let arguments =
            [
                "-n", "-r", "\(folder.path)/capture.pcapng", "-o", "esp.enable_encryption_decode:TRUE", "-o",
                "esp.enable_authentication_check:TRUE",
            ]
            + ["-T", "fields", "-E", "separator=|"] + fields.flatMap { ["-e", $0] }
        let run = try Command("tshark", arguments, environment: ["XDG_CONFIG_HOME": folder.path]).runToEnd().checked()
        #expect(
            run.text == """
                1700000000.123456789|wan|0x00000002|0xc0ffee01|1|8|72657365746c6162
                1700000000.123456789|wan|0x00000002|0xc0ffee02|1|8|72657365746c6162

                """, "\(run.errorOutput)")
    }
}
