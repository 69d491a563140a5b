import LabPlan

extension PreSharedKey {
    /// The key of a connection that has none written: 32 characters that depend on the lab's seed and the connection's name alone.
    ///
    /// It is as secret as the seed. That is enough between nodes of one emulated lab, and nowhere else.
    static func generated(seed: UInt64, connection name: String) -> PreSharedKey {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        // FNV-1a over the name, started from the seed; SplitMix64 from there.
        var state = name.utf8.reduce(seed ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return PreSharedKey(
            secret: (0..<32).map { _ in
                state &+= 0x9e37_79b9_7f4a_7c15
                var bits = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
                bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
                return alphabet[Int(bits >> 58)]
            })
    }
}
