import LabPlan
import ManagementAPI
import Topology

/// What changed resources configure the gateway of a lab with.
///
/// They are read as an import reads them, with all of the lab's other resources, so that one is held against the others and nothing wrong is
/// passed over. What resources cannot say, such as what follows a dead peer, stays as it is in the lab.
public struct GatewayChange {
    private let plan: LabPlan
    private let index: Int

    /// - Parameter connection: its index in the plan.
    public init(of connection: Int, in plan: LabPlan) {
        self.plan = plan.withoutSecrets
        index = connection
    }

    /// - Parameters:
    ///   - connection: the resource, of a new name where the lab's was deleted.
    ///   - localGateway: the resource that it names.
    /// - Throws: `APIError` for what a gateway cannot have.
    public func configuration(
        connection: JSONValue, localGateway: JSONValue, key: PreSharedKey
    ) throws(APIError) -> ConnectionPlan.GatewayConfiguration {
        let known = plan.connections[index]
        let export = ResourceExport(everySiteOf: plan, like: localGateway)
        let wanted = try Self.configuration(
            of: connection["name"]?.string ?? "",
            in: export.resources.replacing("connections", known.name, by: connection).replacing(
                "localNetworkGateways", plan.nodes[known.site].name, by: localGateway), plan)
        guard known.takes(wanted) else {
            throw APIError.badRequest("The address of the local gateway must be of the gateway's own family.", target: "properties")
        }
        var result = wanted
        // One that was deleted begins anew; of another, only what differs has been changed.
        if known.existsAtGateway {
            let before = try Self.configuration(of: known.name, in: export.resources, plan)
            result = known.gatewayConfiguration
            result.name = wanted.name
            if wanted.siteAddress != before.siteAddress { result.siteAddress = wanted.siteAddress }
            if wanted.side.policy != before.side.policy { result.side.policy = wanted.side.policy }
            if wanted.side.selectors != before.side.selectors { result.side.selectors = wanted.side.selectors }
            if wanted.side.mode != before.side.mode { result.side.mode = wanted.side.mode }
            if wanted.side.deadPeerDetection != before.side.deadPeerDetection {
                result.side.deadPeerDetection = wanted.side.deadPeerDetection
            }
        }
        result.side.preSharedKey = key
        return result
    }

    private static func configuration(
        of name: String, in resources: JSONValue, _ plan: LabPlan
    ) throws(APIError) -> ConnectionPlan.GatewayConfiguration {
        do {
            let imported = try TopologyImport(name: plan.name, allowsMissingKeys: true).topology(from: [("the lab", resources.bytes)])
            let whole = try Topology.load(text: imported.text, file: "the lab with the change").plan(seed: plan.seed)
            if let connection = whole.connections.first(where: { $0.name == name }) { return connection.gatewayConfiguration }
            throw APIError.badRequest("The connection \(name) is none of this gateway's.")
        } catch let error as APIError {
            throw error
        } catch {
            throw APIError.badRequest("What was sent is nothing that a gateway can have: \(error)")
        }
    }
}

extension ResourceExport {
    /// Of the same group and subscription as a resource, `/subscriptions/S/resourceGroups/G/…`, with the connections that were deleted, too: their
    /// sites stand, and their prefixes are not given away.
    public init(everySiteOf plan: LabPlan, like resource: JSONValue) {
        var plan = plan
        for index in plan.connections.indices { plan.connections[index].existsAtGateway = true }
        let place = (resource["id"]?.string ?? "").split(separator: "/").map(String.init)
        self.init(
            plan: plan, resourceGroup: place.count > 3 ? place[3] : plan.name, subscription: place.count > 1 ? place[1] : "",
            location: "lab")
    }
}

extension JSONValue {
    /// Lists by type, with one resource in the place of the one of a name.
    fileprivate func replacing(_ type: String, _ name: String, by resource: JSONValue) -> JSONValue {
        guard case .object(var lists) = self else { return self }
        let others = (lists[type]?.elements ?? []).filter { $0["name"]?.string?.lowercased() != name.lowercased() }
        lists[type] = .array(others + [resource])
        return .object(lists)
    }
}
