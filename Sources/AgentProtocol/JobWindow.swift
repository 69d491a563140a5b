/// The memory through which a guest in virtual time gets its job: a PCI device with nothing but memory (QEMU's `ivshmem-plain`).
///
/// It begins with a header of three little-endian words of 64 bits: `magic`, the run's seed, and how many bytes of requests follow. It is
/// there in every guest whose time is virtual, also when it has no request in it.
public enum JobWindow {
    /// The device as sysfs tells of it, and which of its memories it is.
    public static let vendor: UInt16 = 0x1AF4
    public static let device: UInt16 = 0x1110
    public static let resource = 2

    /// In bytes, a power of two as every PCI memory. Only what is written takes memory; a plan of a thousand sites takes some 5 MB.
    public static let size = 64 << 20
    public static let headerSize = 24
    /// The most that requests may take, in bytes.
    public static let capacity = size - headerSize

    /// "RLJOB" and the header's version.
    private static let magic: UInt64 = 0x0000_0142_4F4A_4C52

    /// What the header says.
    public struct Header: Sendable, Equatable {
        public var seed: UInt64
        /// Of the requests, in bytes.
        public var count: Int

        public init(seed: UInt64, count: Int) {
            self.seed = seed
            self.count = count
        }

        public var bytes: [UInt8] {
            [JobWindow.magic, seed, UInt64(count)].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        }

        /// nil when the bytes are no header, or one of more than a window holds.
        public init?(_ bytes: some Collection<UInt8>) {
            let bytes = Array(bytes.prefix(JobWindow.headerSize))
            guard bytes.count == JobWindow.headerSize else { return nil }
            let words = (0..<3).map { word in (0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[word * 8 + $1]) } }
            guard words[0] == JobWindow.magic, words[2] <= UInt64(JobWindow.capacity) else { return nil }
            self.init(seed: words[1], count: Int(words[2]))
        }
    }
}
