import CMnl
import Glibc

/// Writes messages into one growing buffer, by libmnl.
///
/// Codecs get it from ``NetlinkMessage/init(_:flags:_:)`` or ``NetlinkBatch/append(_:flags:_:)``, so that the same codec serves both and a
/// batch is written in place. Bytes between and after the parts written are zero.
public struct MessageEncoder: Sendable {
    /// The buffer; zero from `end` on.
    private(set) var storage: [UInt8]
    /// Where the message in progress begins.
    private var start = 0
    /// Where the next message will begin, aligned to 4 as netlink wants it.
    private(set) var end = 0

    init(capacity: Int) { storage = [UInt8](repeating: 0, count: max(capacity, Self.headerLength)) }

    static let headerLength = MemoryLayout<nlmsghdr>.size
    private static let attributeHeaderLength = MemoryLayout<nlattr>.size
    /// What an attribute's 16-bit length field leaves for its payload.
    static let maximumPayload = Int(UInt16.max) - attributeHeaderLength

    private static func align(_ length: Int) -> Int { (length + 3) & ~3 }

    // MARK: - Messages

    mutating func begin(_ type: MessageType, flags: MessageFlags) {
        start = end
        reserve(Self.headerLength)
        withHeader { header, _ in
            header.pointee.nlmsg_type = type.rawValue
            header.pointee.nlmsg_flags = flags.rawValue
        }
        end += Self.headerLength
    }

    /// Takes a finished message over as it is. The bytes must hold one whole message.
    mutating func append(copying message: UnsafeRawBufferPointer) {
        start = end
        let length = Self.align(message.count)
        reserve(length)
        storage.withUnsafeMutableBytes { $0[end..<(end + message.count)].copyBytes(from: message) }
        end += length
    }

    /// Forgets the message in progress.
    mutating func abandon() {
        erase(from: start)
        end = start
    }

    /// Forgets all messages, keeps the buffer. Overwrites them, since there may be keys in them.
    mutating func removeAll() {
        erase(from: 0)
        start = 0
        end = 0
    }

    private mutating func erase(from offset: Int) {
        storage.withUnsafeMutableBytes { _ = memset($0.baseAddress! + offset, 0, end - offset) }
    }

    /// The messages written so far, for patching headers and sending.
    mutating func withBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeMutableBytes { body(UnsafeMutableRawBufferPointer(rebasing: $0[..<end])) }
    }

    var bytes: ArraySlice<UInt8> { storage[..<end] }

    // MARK: - Parts of a message

    /// Appends the fixed header of the request's family (`ifinfomsg`, `xfrm_usersa_info`).
    @inlinable public mutating func append<Header: BitwiseCopyable>(header: Header) {
        withUnsafeBytes(of: header) { append(headerBytes: $0) }
    }

    public mutating func append(headerBytes: UnsafeRawBufferPointer) {
        guard let source = headerBytes.baseAddress else { return }
        let length = Self.align(headerBytes.count)
        reserve(length)
        withHeader { header, _ in _ = memcpy(mnl_nlmsg_put_extra_header(header, headerBytes.count), source, headerBytes.count) }
        end += length
    }

    public mutating func put(_ attribute: AttributeType, _ value: UInt8) throws(NetlinkError) { try put(attribute, structure: value) }
    public mutating func put(_ attribute: AttributeType, _ value: UInt16) throws(NetlinkError) { try put(attribute, structure: value) }
    public mutating func put(_ attribute: AttributeType, _ value: UInt32) throws(NetlinkError) { try put(attribute, structure: value) }
    public mutating func put(_ attribute: AttributeType, _ value: UInt64) throws(NetlinkError) { try put(attribute, structure: value) }

    /// Puts text with the NUL that ends it.
    public mutating func put(_ attribute: AttributeType, string: String) throws(NetlinkError) {
        let text = string.utf8CString
        let failure = text.withUnsafeBytes { raw in putIfFits(attribute, raw) }
        if let failure { throw failure }
    }

    public mutating func put(_ attribute: AttributeType, bytes: [UInt8]) throws(NetlinkError) {
        let failure = bytes.withUnsafeBytes { raw in putIfFits(attribute, raw) }
        if let failure { throw failure }
    }

    /// Puts a C struct or a C array as it lies in memory.
    @inlinable public mutating func put<Value: BitwiseCopyable>(_ attribute: AttributeType, structure: Value) throws(NetlinkError) {
        try withUnsafeBytes(of: structure) { raw throws(NetlinkError) in try put(attribute, raw) }
    }

    /// Puts an attribute that says by its presence all it has to say.
    public mutating func put(flag attribute: AttributeType) throws(NetlinkError) {
        try put(attribute, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// - Throws: `tooLong` when the payload does not fit an attribute (65,531 bytes).
    public mutating func put(_ attribute: AttributeType, _ payload: UnsafeRawBufferPointer) throws(NetlinkError) {
        if let failure = putIfFits(attribute, payload) { throw failure }
    }

    /// Puts an attribute made of attributes.
    ///
    /// - Throws: `tooLong` when they do not fit together; what `body` throws.
    public mutating func nest(_ attribute: AttributeType, _ body: (inout MessageEncoder) throws(NetlinkError) -> Void) throws(NetlinkError)
    {
        reserve(Self.attributeHeaderLength)
        let nestStart = end
        withHeader { header, capacity in _ = mnl_attr_nest_start_check(header, capacity, attribute.rawValue) }
        end += Self.attributeHeaderLength
        try body(&self)
        guard end - nestStart <= Int(UInt16.max) else {
            throw NetlinkError(.tooLong("nested attribute \(attribute.rawValue) of \(end - nestStart) bytes"))
        }
        // The buffer may have moved meanwhile: the nest is found again by its offset.
        let offset = nestStart - start
        withHeader { header, _ in
            let nest = (UnsafeMutableRawPointer(header) + offset).assumingMemoryBound(to: nlattr.self)
            mnl_attr_nest_end(header, nest)
        }
    }

    private mutating func putIfFits(_ attribute: AttributeType, _ payload: UnsafeRawBufferPointer) -> NetlinkError? {
        guard payload.count <= Self.maximumPayload else {
            return NetlinkError(.tooLong("attribute \(attribute.rawValue) of \(payload.count) bytes"))
        }
        let length = Self.attributeHeaderLength + Self.align(payload.count)
        reserve(length)
        let fits = withHeader { header, capacity in
            mnl_attr_put_check(header, capacity, attribute.rawValue, payload.count, payload.baseAddress)
        }
        guard fits else { return NetlinkError(.tooLong("message with attribute \(attribute.rawValue)")) }
        end += length
        return nil
    }

    // MARK: - The buffer

    private mutating func reserve(_ count: Int) {
        guard end + count > storage.count else { return }
        let capacity = max(storage.count * 2, end + count)
        var larger = [UInt8](repeating: 0, count: capacity)
        larger.withUnsafeMutableBytes { $0.copyBytes(from: storage[..<end]) }
        storage = larger
    }

    /// Calls libmnl on the message in progress; a message that just begins has a header put first.
    @discardableResult
    private mutating func withHeader<Result>(_ body: (UnsafeMutablePointer<nlmsghdr>, _ capacity: Int) -> Result) -> Result {
        let (start, isNew) = (start, start == end)
        return storage.withUnsafeMutableBytes { buffer in
            let base = buffer.baseAddress! + start
            let header = isNew ? mnl_nlmsg_put_header(base)! : base.assumingMemoryBound(to: nlmsghdr.self)
            return body(header, buffer.count - start)
        }
    }
}
