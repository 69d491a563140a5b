/// What both sides of a connection share, or each has for itself.
struct Sides<Value: Sendable>: Sendable {
    var site: Value?
    var gateway: Value?
}

extension Sides {
    /// One value for both sides, or a mapping with `site` and `gateway`.
    ///
    /// - Parameter areRequired: Whether the mapping must have both.
    static func form(
        _ name: String, _ documentation: String, of value: Form<Value>, areRequired: Bool = false, isSecret: Bool = false
    ) -> Form<Sides> {
        let site = Key(name: SideNames.site, isRequired: areRequired, form: value, documentation: "The site's side.")
        let gateway = Key(name: SideNames.gateway, isRequired: areRequired, form: value, documentation: "The gateway's side.")
        let both = Form<Sides>(allowed: value.allowed, schema: value.schema, definitions: value.definitions) { node, reading in
            value.read(node, &reading).map { Sides(site: $0, gateway: $0) }
        }
        let each = Form<Sides>.mapping(name, documentation, keys: [site, gateway], isSecret: isSecret) {
            Sides(site: $0[site], gateway: $0[gateway])
        }
        return .either(both, orWithKeys: SideNames.all, each)
    }
}

enum SideNames {
    static let site = "site"
    static let gateway = "gateway"
    static let all: Set<String> = [site, gateway]
}
