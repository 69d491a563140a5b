/// A path of the management API, taken apart. Segments are compared whatever their case, and empty ones are left out: clients differ in both
/// (`/resourcegroups/`, `Microsoft.Network//connections`).
struct ResourcePath: Equatable {
    var segments: [String]

    init(_ path: String) { segments = path.split(separator: "/").map(String.init) }

    init(segments: [String]) { self.segments = segments }

    var isEmpty: Bool { segments.isEmpty }
    var first: String? { segments.first }

    /// The value behind a name, `/subscriptions/S`, with what follows; nil when the path begins with something else.
    func value(behind name: String) -> (value: String, rest: ResourcePath)? {
        guard segments.count >= 2, segments[0].lowercased() == name.lowercased() else { return nil }
        return (segments[1], ResourcePath(segments: Array(segments.dropFirst(2))))
    }

    /// What follows these words; nil when the path does not begin with them.
    func rest(behind words: String...) -> ResourcePath? {
        guard segments.count >= words.count, zip(segments, words).allSatisfy({ $0.lowercased() == $1.lowercased() }) else { return nil }
        return ResourcePath(segments: Array(segments.dropFirst(words.count)))
    }
}
