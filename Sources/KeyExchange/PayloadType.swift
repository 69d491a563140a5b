/// RFC 7296 §3.2, "next payload".
public struct PayloadType: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let none = PayloadType(rawValue: 0)
    public static let securityAssociation = PayloadType(rawValue: 33)
    public static let keyExchange = PayloadType(rawValue: 34)
    public static let initiatorIdentity = PayloadType(rawValue: 35)
    public static let responderIdentity = PayloadType(rawValue: 36)
    public static let authentication = PayloadType(rawValue: 39)
    public static let nonce = PayloadType(rawValue: 40)
    public static let notify = PayloadType(rawValue: 41)
    public static let delete = PayloadType(rawValue: 42)
    public static let initiatorTrafficSelectors = PayloadType(rawValue: 44)
    public static let responderTrafficSelectors = PayloadType(rawValue: 45)
    public static let encrypted = PayloadType(rawValue: 46)

    /// The types of RFC 7296 itself. Their critical flag has no meaning (§3.2), whether or not a receiver makes use of them.
    var isOfTheBaseStandard: Bool { (33...48).contains(rawValue) }
}
