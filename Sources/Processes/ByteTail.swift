/// The end of a stream: keeps at most the last bytes of all that was appended.
public struct ByteTail: Sendable {
    /// In bytes.
    public let capacity: Int
    private var kept: [UInt8] = []

    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    public mutating func append(_ bytes: some Collection<UInt8>) {
        kept += bytes
        // Cut in large steps, so that appending stays cheap.
        if kept.count > 2 * capacity { kept.removeFirst(kept.count - capacity) }
    }

    public var bytes: ArraySlice<UInt8> { kept.suffix(capacity) }

    /// Broken UTF-8, as at a cut, becomes replacement characters.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
