import Glibc

/// Secret bytes. They cannot be printed, mirrored or encoded, are compared in constant time, and are overwritten when the last copy of the
/// value is gone. Copies in messages to the kernel are not covered, but for ``XFRMBatch/removeAll()``.
public struct KeyMaterial: Sendable {
    private let storage: Storage

    public init(_ bytes: some Collection<UInt8>) { storage = Storage(bytes) }

    public init(_ bytes: UnsafeRawBufferPointer) { storage = Storage(bytes) }

    /// In bytes.
    public var count: Int { storage.bytes.count }

    /// The one way to the secret. The bytes are valid during the call only.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage.bytes))
    }

    /// Owns the bytes. `@unchecked` because of the pointer: nothing writes between `init` and `deinit`.
    private final class Storage: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer

        init(_ source: some Collection<UInt8>) {
            bytes = .allocate(byteCount: source.count, alignment: 1)
            bytes.copyBytes(from: source)
        }

        deinit {
            if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
            bytes.deallocate()
        }
    }
}

extension KeyMaterial: Equatable {
    /// Takes the same time wherever two keys of one length differ.
    public static func == (lhs: KeyMaterial, rhs: KeyMaterial) -> Bool {
        guard lhs.count == rhs.count else { return false }
        return zip(lhs.storage.bytes, rhs.storage.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension KeyMaterial: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "(\(count * 8)-bit key)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
