/// The number by which a receiver knows an SA (RFC 4303 §2.1). 1 to 255 are reserved; 0 is never on the wire.
public struct SPI: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    /// In host order.
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The SPIs that two peers may agree on.
    public static let usable: ClosedRange<SPI> = SPI(rawValue: 256)...SPI(rawValue: .max)

    public static func < (lhs: SPI, rhs: SPI) -> Bool { lhs.rawValue < rhs.rawValue }
}

extension SPI: CustomStringConvertible {
    /// `0x0000c001`, as `ip xfrm` prints it.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
