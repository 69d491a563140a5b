/// How far an SA has counted: what must move with it when another machine takes it over (RFC 4303 §3.4.3).
///
/// Without, the sender would start again at 1 and its peer drop everything as replayed until the old window is passed.
public struct ReplayState: Hashable, Sendable {
    public enum Window: Hashable, Sendable {
        /// Of 32 packets; bit 0 stands for the newest.
        case plain(bitmap: UInt32)
        /// Of up to 4,096 packets: a ring of 32-bit words, in the kernel's order.
        case large(packets: UInt32, bitmap: [UInt32])
    }

    /// The last sequence number sent; the high half counts only with extended sequence numbers.
    public var sent: UInt64
    /// The newest sequence number received.
    public var received: UInt64
    public var window: Window

    public init(sent: UInt64, received: UInt64, window: Window) {
        self.sent = sent
        self.received = received
        self.window = window
    }
}
