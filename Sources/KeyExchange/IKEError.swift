/// A part of an IKE message, for errors.
public enum IKEElement: Sendable, Hashable {
    case header
    case payload(PayloadType)
    case proposal
    case transform
    case trafficSelector
}

/// Why bytes are no IKE message that the lab understands.
public enum IKEDecodingError: Error, Sendable, Hashable {
    /// The element ends before its time. Counts in bytes.
    case truncated(IKEElement, needed: Int, available: Int)
    /// The element's stated length is less than its own header, or does not fit its content.
    case badLength(IKEElement, Int)
    /// The header's length is not the datagram's. In bytes.
    case datagramLength(stated: Int, actual: Int)
    /// Bytes are left after the last element inside this one.
    case trailingBytes(IKEElement, Int)
    /// Not version 2.0; the byte holds both halves.
    case unsupportedVersion(UInt8)
    /// RFC 7296 §2.5: such a message is rejected as a whole.
    case unknownCriticalPayload(PayloadType)
    /// The lab's messages are not encrypted, and it cannot read any that are.
    case encryptedPayload
    /// A field has a value that the standard does not allow.
    case invalidField(IKEElement, String)
}

/// Why a message cannot be written. Counts are of what did not fit its length field.
public enum IKEEncodingError: Error, Sendable, Hashable {
    case tooManyBytes(IKEElement, Int)
    case tooManyItems(IKEElement, Int)
}

extension IKEElement: CustomStringConvertible {
    public var description: String {
        switch self {
        case .header: "header"
        case .payload(let type): "payload \(type.rawValue)"
        case .proposal: "proposal"
        case .transform: "transform"
        case .trafficSelector: "traffic selector"
        }
    }
}

extension IKEDecodingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let element, let needed, let available): "IKE \(element): \(needed) bytes needed, \(available) there"
        case .badLength(let element, let length): "IKE \(element): length \(length) cannot be"
        case .datagramLength(let stated, let actual): "IKE header: length \(stated) in a datagram of \(actual) bytes"
        case .trailingBytes(let element, let count): "IKE \(element): \(count) bytes after its end"
        case .unsupportedVersion(let version): "IKE header: version \(version >> 4).\(version & 0xf), not 2.0"
        case .unknownCriticalPayload(let type): "IKE payload \(type.rawValue): critical and unknown"
        case .encryptedPayload: "IKE payload \(PayloadType.encrypted.rawValue): encrypted messages are not understood"
        case .invalidField(let element, let field): "IKE \(element): invalid \(field)"
        }
    }
}

extension IKEEncodingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooManyBytes(let element, let count): "IKE \(element): \(count) bytes do not fit"
        case .tooManyItems(let element, let count): "IKE \(element): \(count) items do not fit"
        }
    }
}
