/// The first bytes that a client sends, all in network order: which application of which connection it is.
///
///     0        4        8            12        16
///     | "RLAP" | kind   | connection | attempt |
struct ApplicationGreeting: Equatable {
    enum Kind: UInt32 {
        case messages = 1
        case requests
    }

    static let magic: UInt32 = 0x524c_4150
    static let length = 16

    var kind: Kind
    var connection: Int
    /// Counted by the client; a later one replaces the earlier.
    var attempt: Int

    var bytes: [UInt8] {
        [Self.magic, kind.rawValue, UInt32(clamping: connection), UInt32(clamping: attempt)].flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
        }
    }

    init(kind: Kind, connection: Int, attempt: Int) {
        self.kind = kind
        self.connection = connection
        self.attempt = attempt
    }

    /// nil when the bytes are no greeting.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        let all = Array(bytes)
        let words = stride(from: 0, to: Self.length, by: 4).map { start in
            all[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        guard words[0] == Self.magic, let kind = Kind(rawValue: words[1]) else { return nil }
        self.init(kind: kind, connection: Int(words[2]), attempt: Int(words[3]))
    }
}
