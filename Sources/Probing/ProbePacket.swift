/// What a probe carries in its UDP payload, all in network order:
///
///     0        4        8                16                24      payload
///     | "RLPB" | flow   | sequence       | sent at (ns)    | zeros |
///
/// The send time is repeated here only for whoever reads a capture; the measurement uses the sender's own record.
public struct ProbePacket: Equatable, Sendable {
    public static let magic: UInt32 = 0x524c_5042
    /// The shortest payload, in bytes.
    public static let headerLength = 24

    public var flow: UInt32
    public var sequence: UInt64
    public var sentAt: Int64

    public init(flow: UInt32, sequence: UInt64, sentAt: Int64) {
        self.flow = flow
        self.sequence = sequence
        self.sentAt = sentAt
    }

    /// nil when the bytes are not a probe.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerLength, UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)) == Self.magic else { return nil }
        flow = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        sequence = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        sentAt = Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: Int64.self))
    }

    /// Writes the header; the bytes behind it are left as they are.
    func write(to bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: Self.magic.bigEndian, toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: flow.bigEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: sequence.bigEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: sentAt.bigEndian, toByteOffset: 16, as: Int64.self)
    }
}
