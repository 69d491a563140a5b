/// When an SA or a policy ends. At a soft limit the kernel tells (``XFRMEvent``), at a hard one it removes the object too.
public struct Lifetime: Hashable, Sendable {
    /// nil where there is no limit.
    public struct Limits: Hashable, Sendable {
        /// Since the object was added. The kernel counts whole seconds; a part of one counts as a whole.
        public var age: Duration?
        public var bytes: UInt64?
        public var packets: UInt64?

        public init(age: Duration? = nil, bytes: UInt64? = nil, packets: UInt64? = nil) {
            self.age = age
            self.bytes = bytes
            self.packets = packets
        }
    }

    public var soft: Limits
    public var hard: Limits

    public init(soft: Limits = Limits(), hard: Limits = Limits()) {
        self.soft = soft
        self.hard = hard
    }

    public static let unlimited = Lifetime()
}
