/// Reading of little-endian numbers with a check of the bounds.
extension [UInt8] {
    /// The number at an offset in bytes, or nil when it is not wholly there.
    func littleEndian<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type, at offset: Int) -> Number? {
        let size = MemoryLayout<Number>.size
        guard offset >= 0, offset <= count - size else { return nil }
        return withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }

    /// Bytes from an offset on, or nil when they are not wholly there.
    func slice(at offset: UInt64, count length: UInt64) -> ArraySlice<UInt8>? {
        guard offset <= UInt64(count), length <= UInt64(count) - offset else { return nil }
        return self[Int(offset)..<Int(offset + length)]
    }
}
