/// Reads integers in network order from bytes, within bounds.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var remaining: Int { rest.count }
    var isAtEnd: Bool { rest.isEmpty }

    mutating func bytes(_ count: Int, of element: IKEElement) throws(IKEDecodingError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw .truncated(element, needed: count, available: rest.count) }
        let bytes = rest.prefix(count)
        rest = rest.dropFirst(count)
        return bytes
    }

    mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type, of element: IKEElement
    ) throws(IKEDecodingError) -> Integer {
        var value: Integer = 0
        for byte in try bytes(MemoryLayout<Integer>.size, of: element) { value = value << 8 | Integer(byte) }
        return value
    }

    /// What is left, as bytes.
    mutating func takeRest() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    /// A structure that states its own length after its first `lengthOffset` bytes, in 16 bits, header included (generic payload header,
    /// proposal, transform, traffic selector).
    ///
    /// - Returns: a reader over the whole structure.
    mutating func structure(lengthOffset: Int, headerSize: Int, of element: IKEElement) throws(IKEDecodingError) -> ByteReader {
        var header = ByteReader(rest)
        _ = try header.bytes(lengthOffset, of: element)
        let length = Int(try header.integer(UInt16.self, of: element))
        guard length >= headerSize else { throw .badLength(element, length) }
        return ByteReader(try bytes(length, of: element))
    }

    func end(of element: IKEElement) throws(IKEDecodingError) {
        guard isAtEnd else { throw .trailingBytes(element, remaining) }
    }
}

extension FixedWidthInteger {
    /// In network order.
    var bigEndianBytes: [UInt8] {
        withUnsafeBytes(of: bigEndian) { Array($0) }
    }
}
