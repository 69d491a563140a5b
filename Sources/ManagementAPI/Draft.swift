/// A resource that is part of no lab: a network, a public address, a local gateway, or a gateway that has no connection yet.
struct Draft: Sendable {
    var group: String
    /// One of `ManagedLab.types`.
    var type: String
    var resource: JSONValue

    var name: String { resource["name"]?.string ?? "" }

    func isIn(_ other: String) -> Bool { group.lowercased() == other.lowercased() }

    func isNamed(_ type: String, _ name: String, in group: String) -> Bool {
        self.type.lowercased() == type.lowercased() && self.name.lowercased() == name.lowercased() && isIn(group)
    }
}
