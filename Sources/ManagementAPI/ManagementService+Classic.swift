import LabPlan

// The classic deployment model: a gateway is called by its virtual network's name, answers are XML.
//
//     POST /S/services/networking/NETWORK/gateway          resets it
//     GET  /S/services/networking/operation/ID             what became of that
//
// The paths and forms are those of the service management reference's sibling operations (Delete Virtual Network Gateway, Get Virtual Network
// Gateway Operation Status); NETWORK may be the full name, `Group TestRG1 TestVNet1`.

extension ManagementService {
    /// - Returns: nil for what is no classic request.
    func classic(_ path: ResourcePath, _ request: APIRequest) throws -> APIResponse? {
        guard let subscription = path.first,
            let rest = ResourcePath(segments: Array(path.segments.dropFirst())).rest(behind: "services", "networking")
        else { return nil }
        guard subscription.lowercased() == identity.subscription.lowercased() else {
            throw APIError(404, "SubscriptionNotFound", "The subscription '\(subscription)' could not be found.")
        }
        switch (rest.segments.count, rest.segments.last?.lowercased()) {
        case (2, "gateway"):
            return try only("POST", request) {
                let id = try beginGatewayReset(of: try lab(classicNetwork: rest.segments[0]), address: nil, key: request.operationKey)
                return Self.xml("GatewayOperationAsyncResponse", [("ID", id)], status: 202)
            }
        case (2, _) where rest.segments[0].lowercased() == "operation":
            return try only("GET", request) { try classicOperation(rest.segments[1]) }
        default: throw unknownPath(request)
        }
    }

    private func lab(classicNetwork text: String) throws -> ManagedLab {
        guard let name = ClassicNetworkName(text), let lab = labs.first(where: { name.matches($0.networkName, in: $0.resourceGroup) })
        else {
            throw APIError(404, "ResourceNotFound", "The virtual network '\(text)' does not exist.")
        }
        return lab
    }

    private func classicOperation(_ id: String) throws -> APIResponse {
        guard let operation = store[id] else {
            throw APIError(404, "ResourceNotFound", "The operation '\(id)' is not known to this server.")
        }
        var fields = [("ID", operation.id)]
        switch operation.state {
        case .running: fields.append(("Status", "InProgress"))
        case .succeeded: fields += [("Status", "Successful"), ("HttpStatusCode", "200")]
        case .failed(let error): fields += [("Status", "Failed"), ("HttpStatusCode", "\(error.status)"), ("Error", error.message)]
        }
        return Self.xml("GatewayOperation", fields, status: 200)
    }

    private static func xml(_ root: String, _ fields: [(String, String)], status: Int) -> APIResponse {
        func escaped(_ text: String) -> String {
            text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        }
        let members = fields.map { "<\($0.0)>\(escaped($0.1))</\($0.0)>" }.joined()
        let text =
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><\(root) xmlns=\"http://schemas.microsoft.com/windowsazure\">\(members)</\(root)>"
        return APIResponse(status, headers: ["Content-Type": "application/xml; charset=utf-8"], body: Array(text.utf8))
    }
}
