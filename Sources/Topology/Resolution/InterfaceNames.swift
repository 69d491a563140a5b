/// The names of interfaces: at most 15 bytes (`IFNAMSIZ`), by number where there are many, as cut names could be the same.
enum InterfaceNames {
    /// Of the internet's bridge with the gateway's instances.
    static let gatewayBridge = "gw"
    /// Of the virtual network's bridge with the gateway's instances.
    static let insideBridge = "inside"
    /// Of the virtual network's own hosts.
    static let workload = "work"
    static let outside = "out"
    static let inside = "in"
    static let wan = "wan"
    static let lan = "lan"

    /// The port of a bridge that is always live, and what it leads to.
    static func sparePort(of bridge: String) -> String { "\(bridge)-spare" }
    static func spareEnd(of bridge: String) -> String { "\(bridge)-end" }

    /// The port of an instance, at the internet and at the virtual network.
    static func gatewayPort(_ instance: Int) -> String { "gw\(instance)" }

    /// The internet's port of a site, counted from 0: `s0001` is the first.
    static func sitePort(_ index: Int) -> String {
        let digits = "\(index + 1)"
        return "s" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
