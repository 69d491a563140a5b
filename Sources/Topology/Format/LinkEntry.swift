import LabPlan

/// What one direction of a link does to packets, as far as it is written.
struct ImpairmentEntry: Sendable {
    var delay: Written<Duration>?
    var jitter: Written<Duration>?
    var loss: Written<Double>?
    var rate: Written<UInt64>?

    /// Everything that is not written here is taken from `defaults`.
    func over(_ defaults: ImpairmentEntry?) -> ImpairmentEntry {
        ImpairmentEntry(
            delay: delay ?? defaults?.delay, jitter: jitter ?? defaults?.jitter, loss: loss ?? defaults?.loss, rate: rate ?? defaults?.rate)
    }

    /// nil for a direction that does nothing to packets.
    var impairment: Impairment? {
        let impairment = Impairment(
            delay: delay?.value ?? .zero, jitter: jitter?.value ?? .zero, loss: loss?.value ?? 0, rate: rate?.value)
        return impairment.isNone ? nil : impairment
    }
}

/// A link: both directions alike, or each with its own values.
struct LinkEntry: Sendable {
    /// Towards the node that the link is written at, and away from it.
    var to: ImpairmentEntry?
    var from: ImpairmentEntry?

    func over(_ defaults: LinkEntry?) -> LinkEntry {
        LinkEntry(to: (to ?? ImpairmentEntry()).over(defaults?.to), from: (from ?? ImpairmentEntry()).over(defaults?.from))
    }
}

extension ImpairmentEntry {
    static let delay = Key.optional("delay", .duration(.zero ... .seconds(60)), "One-way delay. Default: none.")
    static let jitter = Key.optional(
        "jitter", .duration(.zero ... .seconds(60)),
        "The delay varies by up to this, evenly, up and down: at most the delay itself. Default: none.")
    static let loss = Key.optional("loss", .loss, "How many packets are lost, at random. Default: none.")
    static let rate = Key.optional("rate", .bitRate, "Packets are slowed down to this rate. Default: no limit.")

    static let form = Form<ImpairmentEntry>.mapping(
        "impairment", "What a link does to the packets of a direction.", keys: [delay, jitter, loss, rate]
    ) {
        ImpairmentEntry($0)
    }

    /// - Parameter fields: A mapping's that has these keys, others beside them.
    init(_ fields: Fields) {
        self.init(
            delay: fields.written(Self.delay), jitter: fields.written(Self.jitter), loss: fields.written(Self.loss),
            rate: fields.written(Self.rate))
    }
}

extension LinkEntry {
    /// Between a site and the internet.
    static let siteForm = form("siteLink", to: "toSite", from: "fromSite", node: "site")
    /// Between the gateway's instances and the internet, or the virtual network.
    static let gatewayForm = form("gatewayLink", to: "toGateway", from: "fromGateway", node: "gateway")

    private static func form(_ name: String, to toName: String, from fromName: String, node: String) -> Form<LinkEntry> {
        let to = Key.optional(toName, ImpairmentEntry.form, "Packets towards the \(node).")
        let from = Key.optional(fromName, ImpairmentEntry.form, "Packets away from the \(node).")
        let impairment = ImpairmentEntry.form
        let both = Form<LinkEntry>(allowed: impairment.allowed, schema: impairment.schema, definitions: impairment.definitions) {
            impairment.read($0, &$1).map { LinkEntry(to: $0, from: $0) }
        }
        let each = Form<LinkEntry>.mapping(name, "A link with different directions.", keys: [to, from]) {
            LinkEntry(to: $0[to], from: $0[from])
        }
        return .either(both, orWithKeys: [toName, fromName], each)
    }
}
