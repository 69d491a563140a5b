import Addressing

/// A prefix behind the gateway or a site.
struct ProtectedPrefix: Sendable {
    var prefix: IPPrefix
    var path: String
    /// For messages: "the gateway", "site tokyo".
    var owner: String
    var suffix: String
    /// Its place in the file.
    var order: Int
}

/// All protected prefixes in the order of their addresses. Prefixes either nest or are apart, so one pass finds every overlap.
struct ProtectedSpace: Sendable {
    /// Those that lie in no other.
    private var outermost: [ProtectedPrefix] = []

    /// - Parameter onOverlap: Is given a prefix and one that overlaps it, in the order of the file.
    init(_ prefixes: [ProtectedPrefix], onOverlap: (_ earlier: ProtectedPrefix, _ later: ProtectedPrefix) -> Void) {
        let sorted = prefixes.sorted {
            ($0.prefix.address, $0.prefix.length, $0.order) < ($1.prefix.address, $1.prefix.length, $1.order)
        }
        for prefix in sorted {
            if let around = outermost.last, around.prefix.contains(prefix.prefix) {
                if around.order < prefix.order { onOverlap(around, prefix) } else { onOverlap(prefix, around) }
            } else {
                outermost.append(prefix)
            }
        }
    }

    /// The outermost prefix that an address lies in.
    func prefix(with address: IPAddress) -> ProtectedPrefix? {
        var (low, high) = (0, outermost.count)
        while low < high {
            let middle = (low + high) / 2
            if outermost[middle].prefix.address <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, outermost[low - 1].prefix.contains(address) else { return nil }
        return outermost[low - 1]
    }
}
