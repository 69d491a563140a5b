import CMnl

/// What a message asks for or tells, in the numbering of its protocol (`RTM_NEWLINK`, `XFRM_MSG_NEWSA`).
public struct MessageType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// From a kernel header's constant, whichever integer type it was imported as.
    public init(_ constant: some BinaryInteger) { rawValue = UInt16(truncatingIfNeeded: constant) }

    /// `NLMSG_NOOP`: to be skipped.
    public static let noOperation = MessageType(NLMSG_NOOP)
    /// `NLMSG_ERROR`: an acknowledgement, or the reason of a refusal.
    public static let error = MessageType(NLMSG_ERROR)
    /// `NLMSG_DONE`: a dump's end.
    public static let done = MessageType(NLMSG_DONE)
    /// `NLMSG_OVERRUN`: messages were lost.
    public static let overrun = MessageType(NLMSG_OVERRUN)
}
