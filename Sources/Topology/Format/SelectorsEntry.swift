import Addressing
import LabPlan

/// A pair of prefixes that a side protects, as written.
struct SelectorsEntry: Sendable {
    var path: String
    var site: Written<IPPrefix>?
    var gateway: Written<IPPrefix>?

    /// nil when one of both is missing, which reading has reported then.
    var plan: ConnectionPlan.Selectors? {
        guard let site, let gateway else { return nil }
        return .init(site: site.value, gateway: gateway.value)
    }
}

extension SelectorsEntry {
    static let mostPairs = 256

    static let site = Key.required("site", .prefix, "The prefix at the site.")
    static let gateway = Key.required("gateway", .prefix, "The prefix behind the gateway, of the same family.")

    static let form = Form<SelectorsEntry>.mapping(
        "selectorPair", "A pair of prefixes between which packets are protected.", keys: [site, gateway]
    ) {
        SelectorsEntry(path: $0.path, site: $0.written(site), gateway: $0.written(gateway))
    }

    /// Only for each side: what both protect is what their prefixes say.
    static let sidesForm: Form<Sides<[SelectorsEntry]>> = {
        let list = Form<[SelectorsEntry]>.list(1...mostPairs, of: form, named: "pairs of prefixes")
        let site = Key.optional(SideNames.site, list, "What the site's side protects. Default: all pairs.")
        let gateway = Key.optional(SideNames.gateway, list, "What the gateway's side protects. Default: all pairs.")
        return .mapping("selectors", "What each side protects.", keys: [site, gateway]) { Sides(site: $0[site], gateway: $0[gateway]) }
    }()
}
