import CMnl

/// An attribute's number in its message or nest (`IFLA_IFNAME`, `XFRMA_ALG_AEAD`), without the flags in its two highest bits.
public struct AttributeType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue & Self.mask }

    /// From a kernel header's constant, whichever integer type it was imported as.
    public init(_ constant: some BinaryInteger) { self.init(rawValue: UInt16(truncatingIfNeeded: constant)) }

    /// From a constant of a named C enumeration.
    public init<Constant: RawRepresentable>(_ constant: Constant) where Constant.RawValue: BinaryInteger { self.init(constant.rawValue) }

    /// `NLA_TYPE_MASK`.
    private static let mask = ~UInt16(truncatingIfNeeded: NLA_F_NESTED | NLA_F_NET_BYTEORDER)
}
