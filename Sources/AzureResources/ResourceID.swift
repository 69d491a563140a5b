/// The name of a resource in the service: `/subscriptions/S/resourceGroups/RG/providers/Microsoft.Network/TYPE/NAME/…`.
struct ResourceID {
    private let parts: [String]

    init(_ text: String) { parts = text.split(separator: "/").map(String.init) }

    var group: String? { segment(after: "resourceGroups") }
    private var subscription: String? { segment(after: "subscriptions") }

    /// nil when the id is of something else.
    func name(of kind: ExportedResource.Kind) -> String? { segment(after: kind.rawValue) }

    /// The last segment.
    var last: String? { parts.last }

    /// Whether both can be of one resource of the same name and kind: what one of them leaves out is not compared.
    func isCompatible(with other: ResourceID) -> Bool {
        [(group, other.group), (subscription, other.subscription)].allSatisfy { one, other in
            guard let one, let other else { return true }
            return one.lowercased() == other.lowercased()
        }
    }

    private func segment(after word: String) -> String? {
        guard let index = parts.lastIndex(where: { $0.lowercased() == word.lowercased() }), parts.indices.contains(index + 1) else {
            return nil
        }
        return parts[index + 1]
    }
}
