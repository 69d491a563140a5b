import CMnl
import LinuxKernel

/// Reads what the kernel says about a request: `NLMSG_ERROR`, and `NLMSG_DONE` of a dump, with the attributes that explain it.
enum ExtendedAcknowledgement {
    /// - Returns: nil when the request was carried out.
    /// - Throws: `malformed` when the answer is shorter than its format, or its attributes do not fit.
    static func refusal(in message: IncomingMessage) throws(NetlinkError) -> NetlinkError.Refusal? {
        // A dump's end has the error number only, and older kernels not even that.
        if message.type == .done, message.payload.count < MemoryLayout<Int32>.size { return nil }
        let code = try message.header(as: Int32.self)
        guard code != 0 else { return nil }
        var attributes: NetlinkAttributes?
        if message.flags.contains(.hasExtendedAcknowledgement) {
            attributes = try message.attributes(afterBytes: attributesOffset(in: message))
        }
        return NetlinkError.Refusal(
            // The kernel's numbers are negative. Int32.min has no positive counterpart, nor a meaning.
            errno: Errno(code: code == .min ? .max : abs(code)),
            message: attributes?[AttributeType(NLMSGERR_ATTR_MSG)]?.string,
            offendingAttribute: nil,
            offset: try attributes?.load(AttributeType(NLMSGERR_ATTR_OFFS), as: UInt32.self).map(Int.init),
            missingAttribute: try attributes?.load(AttributeType(NLMSGERR_ATTR_MISS_TYPE), as: UInt32.self)
                .map { AttributeType(UInt16(truncatingIfNeeded: $0)) })
    }

    private static func attributesOffset(in message: IncomingMessage) throws(NetlinkError) -> Int {
        if message.type == .done { return MemoryLayout<Int32>.size }
        let answer = try message.header(as: nlmsgerr.self)
        let header = MemoryLayout<nlmsgerr>.size
        // Without the cap the request follows its header.
        guard !message.flags.contains(.capped) else { return header }
        return header + max(Int(answer.msg.nlmsg_len) - MessageEncoder.headerLength, 0)
    }
}

extension NetlinkError {
    /// Looks up which attribute lies where the kernel found fault.
    func locating(in request: ArraySlice<UInt8>) -> NetlinkError {
        guard case .refused(let refusal) = reason, let offset = refusal.offset else { return self }
        guard offset > MessageEncoder.headerLength, offset % 4 == 0, offset + MemoryLayout<nlattr>.size <= request.count else {
            return self
        }
        let attribute = request.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: nlattr.self) }
        let located = Refusal(
            errno: refusal.errno, message: refusal.message, offendingAttribute: AttributeType(rawValue: attribute.nla_type), offset: offset,
            missingAttribute: refusal.missingAttribute)
        return NetlinkError(.refused(located), operation: operation, object: object)
    }
}
