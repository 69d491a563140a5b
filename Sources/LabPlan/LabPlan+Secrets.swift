extension LabPlan {
    /// With an empty key in the place of every pre-shared one. The seed stays: keys that are made from it protect nothing but this lab's emulation.
    public var withoutSecrets: LabPlan {
        var plan = self
        plan.connections = connections.map(\.withoutSecrets)
        return plan
    }
}

extension ConnectionPlan {
    /// With an empty key on both sides.
    public var withoutSecrets: ConnectionPlan {
        var plan = self
        plan.siteSide.preSharedKey = PreSharedKey(secret: [])
        plan.gatewaySide.preSharedKey = PreSharedKey(secret: [])
        return plan
    }
}

/// Whether both are the same. It takes the same time wherever two of one length differ: for secrets.
public func isSameSecret(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
    one.count == other.count && zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
