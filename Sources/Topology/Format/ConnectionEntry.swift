import LabPlan

/// A site's connection to the gateway, as far as it is written.
struct ConnectionEntry: Sendable {
    var name: Written<String>?
    var preSharedKey: Sides<PreSharedKey>?
    var policy: Sides<PolicyEntry>?
}

extension ConnectionEntry {
    static let name = Key.optional(
        "name", .name(.gateway, isSecret: true),
        "What reports call the connection. Default: the site's name. With \"count\", -0001 and so on is added.")
    static let preSharedKey = Key.optional(
        "preSharedKey",
        Sides.form("preSharedKeys", "A pre-shared key for each side.", of: Form.preSharedKey, areRequired: true, isSecret: true),
        "The pre-shared key, for both sides or for each: different keys are a connection that never comes up. "
            + "Default: one made from the lab's seed, the same on both sides.")
    static let policy = Key.optional(
        "policy", PolicyEntry.sidesForm, "The IPsec/IKE policy, for both sides or for each. Keys left out are taken from \"defaults\".")

    /// The words that keys below a path may be; nil where no secret is near. Anything else there may be a secret with its colon missing:
    /// `preSharedKey: {secret}` is a mapping in YAML.
    static func words(below path: String) -> [String]? {
        if path.hasSuffix(".connection") { return [name.name, preSharedKey.name, policy.name] }
        return path.hasSuffix(".\(preSharedKey.name)") ? SideNames.all.sorted() : nil
    }

    static let form = Form<ConnectionEntry>.mapping(
        "connection", "The site-to-site connection between the site and the gateway.", keys: [name, preSharedKey, policy], isSecret: true
    ) {
        ConnectionEntry(name: $0.written(name), preSharedKey: $0[preSharedKey], policy: $0[policy])
    }
}
