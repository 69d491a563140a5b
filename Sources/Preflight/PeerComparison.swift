import LabPlan

/// Each side names the other's internet address, in every tunnel.
struct PeerComparison {
    let items: [ConnectionCheck.Item]

    init(_ connection: ConnectionPlan) {
        let isOne = connection.tunnels.count == 1
        items = connection.tunnels.enumerated().flatMap { index, tunnel in
            let suffix = isOne ? "" : " \(index + 1)"
            let gateway = (named: tunnel.gatewayAddressAtSite, right: tunnel.gatewayAddress)
            let site = (named: tunnel.siteAddressAtGateway, right: connection.siteAddress)
            return [
                ConnectionCheck.Item(
                    name: "gateway's address" + suffix, site: "\(gateway.named)", gateway: "\(gateway.right)",
                    verdict: gateway.named == gateway.right ? .ok : .differs,
                    remark: gateway.named == gateway.right ? nil : "the site names another address than the gateway has"),
                ConnectionCheck.Item(
                    name: "site's address" + suffix, site: "\(site.right)", gateway: "\(site.named)",
                    verdict: site.named == site.right ? .ok : .differs,
                    remark: site.named == site.right ? nil : "the gateway names another address than the site has"),
            ]
        }
    }
}

/// The pre-shared keys are compared, and never shown.
struct SecretComparison {
    let items: [ConnectionCheck.Item]

    init(_ connection: ConnectionPlan) {
        let areEqual = connection.siteSide.preSharedKey == connection.gatewaySide.preSharedKey
        items = [
            ConnectionCheck.Item(
                name: "pre-shared key", site: "not shown", gateway: "not shown", verdict: areEqual ? .ok : .differs,
                remark: areEqual ? nil : "the keys are not the same")
        ]
    }
}
