import CMnl

/// A message header's flags. The kernel gives the high bits another meaning for each kind of request.
public struct MessageFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// From a kernel header's constant, whichever integer type it was imported as.
    public init(_ constant: some BinaryInteger) { rawValue = UInt16(truncatingIfNeeded: constant) }

    public static let request = MessageFlags(NLM_F_REQUEST)
    public static let multipart = MessageFlags(NLM_F_MULTI)
    public static let acknowledge = MessageFlags(NLM_F_ACK)
    public static let echo = MessageFlags(NLM_F_ECHO)
    /// In a dump's messages: what is dumped changed meanwhile, so that entries may be missing or doubled.
    public static let dumpInterrupted = MessageFlags(NLM_F_DUMP_INTR)

    // Of requests that read.
    public static let dump = MessageFlags(NLM_F_DUMP)

    // Of requests that make something new.
    public static let replace = MessageFlags(NLM_F_REPLACE)
    public static let exclusive = MessageFlags(NLM_F_EXCL)
    public static let create = MessageFlags(NLM_F_CREATE)
    public static let append = MessageFlags(NLM_F_APPEND)

    // Of acknowledgements.
    /// The acknowledgement repeats only the request's header.
    static let capped = MessageFlags(NLM_F_CAPPED)
    /// Attributes with the kernel's own explanation follow.
    static let hasExtendedAcknowledgement = MessageFlags(NLM_F_ACK_TLVS)
}
