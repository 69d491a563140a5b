import Addressing
import LabPlan

/// A site's connection to the gateway, as far as it is written.
struct ConnectionEntry: Sendable {
    var name: Written<String>?
    var preSharedKey: Sides<PreSharedKey>?
    var policy: Sides<PolicyEntry>?
    var mode: Sides<ConnectionPlan.Mode>?
    var deadPeerDetection: Sides<DeadPeerDetectionEntry>?
    var peerAddress: PeerAddressEntry?
    var selectors: Written<Sides<[SelectorsEntry]>>?
    /// Index of the tunnel.
    var prefers: Written<Int>?
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
    static let mode = Key.optional(
        "mode", modeForm,
        "Who begins a key exchange (connectionMode), for both sides or for each: Default begins and answers, InitiatorOnly does not answer, "
            + "ResponderOnly does not begin. Default: that of \"defaults\", or Default.")
    static let deadPeerDetection = Key.optional(
        "deadPeerDetection", DeadPeerDetectionEntry.sidesForm,
        "How a side finds out that its peer is gone, for both sides or for each; off: not at all. Keys left out are taken from \"defaults\"."
    )
    static let peerAddress = Key.optional(
        "peerAddress", PeerAddressEntry.form,
        "What a side is configured to take for its peer's internet address, where that is not the right one: a misconfiguration to rehearse. "
            + "Default: the right one.")
    static let selectors = Key.optional(
        "selectors", SelectorsEntry.sidesForm,
        "The pairs of prefixes that a side protects, where they are not all pairs of the site's and the gateway's prefixes: a misconfiguration "
            + "to rehearse. Probes run between the first hosts of the true prefixes all the same. Default: all pairs.")
    static let prefers = Key.optional(
        "prefers", .choice([("first", 0), ("second", 1)]),
        "Of an active-active gateway's two tunnels the one that carries the traffic while it is up: to its first or to its second instance. "
            + "Default: the first for the first site, the second for the second, and so on in turns.")

    static let modeForm = Sides.form(
        "modes", "A mode for each side.", of: Form<ConnectionPlan.Mode>.choice(ConnectionPlan.Mode.self))

    private static let words = [
        name.name, preSharedKey.name, policy.name, mode.name, deadPeerDetection.name, peerAddress.name, selectors.name, prefers.name,
    ]

    /// The words that keys below a path may be; nil where no secret is near. Anything else there may be a secret with its colon missing:
    /// `preSharedKey: {secret}` is a mapping in YAML.
    static func words(below path: String) -> [String]? {
        if path.hasSuffix(".connection") { return words }
        return path.hasSuffix(".\(preSharedKey.name)") ? SideNames.all.sorted() : nil
    }

    static let form = Form<ConnectionEntry>.mapping(
        "connection", "The site-to-site connection between the site and the gateway.",
        keys: [name, preSharedKey, policy, mode, deadPeerDetection, peerAddress, selectors, prefers], isSecret: true
    ) {
        ConnectionEntry(
            name: $0.written(name), preSharedKey: $0[preSharedKey], policy: $0[policy], mode: $0[mode],
            deadPeerDetection: $0[deadPeerDetection], peerAddress: $0[peerAddress], selectors: $0.written(selectors),
            prefers: $0.written(prefers))
    }
}
