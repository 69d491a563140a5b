import LabPlan

/// Somebody begins a key exchange, and somebody answers it.
struct LivenessComparison {
    let items: [ConnectionCheck.Item]

    init(_ connection: ConnectionPlan) {
        let (site, gateway) = (connection.siteSide.mode, connection.gatewaySide.mode)
        let remark: String? =
            switch (site, gateway) {
            case (.responderOnly, .responderOnly): "nobody begins a key exchange"
            case (.initiatorOnly, .initiatorOnly): "nobody answers a key exchange"
            default: nil
            }
        items = [
            ConnectionCheck.Item(
                name: "mode", site: site.rawValue, gateway: gateway.rawValue, verdict: remark == nil ? .ok : .differs, remark: remark)
        ]
    }
}
