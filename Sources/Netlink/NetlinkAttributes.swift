import CMnl

/// A message's or a nest's attributes, checked as a whole before the first is seen.
public struct NetlinkAttributes: Sendable {
    public struct Attribute: Hashable, Sendable {
        public let type: AttributeType
        public let payload: ArraySlice<UInt8>

        /// The payload as a number in host order or a C struct. A longer payload is fine: newer kernels append fields.
        ///
        /// - Throws: `malformed` when the payload is shorter.
        public func load<Value: BitwiseCopyable>(as type: Value.Type) throws(NetlinkError) -> Value {
            guard payload.count >= MemoryLayout<Value>.size else {
                throw NetlinkError(
                    .malformed("attribute \(self.type.rawValue) has \(payload.count) bytes, too few for \(Value.self)"))
            }
            return payload.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
        }

        /// The payload as text up to its first NUL; invalid UTF-8 is repaired.
        public var string: String { String(decoding: payload.prefix { $0 != 0 }, as: UTF8.self) }

        /// - Throws: `malformed` when an attribute within does not fit.
        public func nested() throws(NetlinkError) -> NetlinkAttributes { try NetlinkAttributes(parsing: payload) }
    }

    private let attributes: [Attribute]

    /// - Throws: `malformed` for an attribute shorter than its own header (a zero length would never end) or longer than what is left.
    public init(parsing bytes: ArraySlice<UInt8>) throws(NetlinkError) {
        let headerLength = MemoryLayout<nlattr>.size
        var attributes: [Attribute] = []
        var rest = bytes
        while !rest.isEmpty {
            guard rest.count >= headerLength else { throw NetlinkError(.malformed("\(rest.count) bytes are no attribute")) }
            let header = rest.withUnsafeBytes { $0.loadUnaligned(as: nlattr.self) }
            let length = Int(header.nla_len)
            guard length >= headerLength, length <= rest.count else {
                throw NetlinkError(.malformed("attribute \(header.nla_type) has length \(length) with \(rest.count) bytes left"))
            }
            attributes.append(
                Attribute(
                    type: AttributeType(rawValue: header.nla_type), payload: rest.dropFirst(headerLength).prefix(length - headerLength)))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        self.attributes = attributes
    }

    /// The attribute of that type; the last one when there are several, as the kernel's own parser has it.
    public subscript(type: AttributeType) -> Attribute? { attributes.last { $0.type == type } }

    /// A number or struct, nil when there is no such attribute.
    ///
    /// - Throws: `malformed` when the attribute is too short for it.
    public func load<Value: BitwiseCopyable>(_ attribute: AttributeType, as type: Value.Type) throws(NetlinkError) -> Value? {
        guard let attribute = self[attribute] else { return nil }
        return try attribute.load(as: type)
    }
}

extension NetlinkAttributes: Sequence {
    public func makeIterator() -> IndexingIterator<[Attribute]> { attributes.makeIterator() }
}
