import Measurement

// Resource Health: what was available when, and why.

extension ManagementService {
    func health(
        of type: String, _ name: String, in group: String, _ labs: [ManagedLab], isCurrent: Bool
    ) async throws -> APIResponse {
        for lab in labs {
            let kind: HealthEntry.Kind
            let resource: String
            switch type.lowercased() {
            case "virtualnetworkgateways" where lab.gatewayName.lowercased() == name.lowercased():
                (kind, resource) = (.gateway, lab.gatewayName)
            case "connections":
                guard let index = lab.connectionIndex(named: name) else { continue }
                (kind, resource) = (.connection, lab.plan.connections[index].name)
            default: continue
            }
            let id = lab.id(kind == .gateway ? "virtualNetworkGateways" : "connections", resource)
            let history = try await lab.backend.health().filter { $0.kind == kind && $0.resource == resource }
            let current =
                history.last
                ?? HealthEntry(
                    resource: resource, kind: kind, since: Timestamp.now, availability: .available, reason: "the lab stands")
            if isCurrent { return .json(status(current, id, name: "current")) }
            // The newest first, as the service has it.
            return .json([
                "value": .array(
                    (history.isEmpty ? [current] : history).reversed().map { entry in
                        status(entry, id, name: entry == current ? "current" : Timestamp.text(nanoseconds: entry.since))
                    })
            ])
        }
        throw APIError.notFound(type, name, in: group)
    }

    /// The current state of everything that has one.
    func healthOverview(_ labs: [ManagedLab]) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        for lab in labs {
            let history = try await lab.backend.health()
            let resources = [(HealthEntry.Kind.gateway, lab.gatewayName)] + lab.connectionNames.map { (.connection, $0) }
            for (kind, name) in resources {
                let entry =
                    history.last { $0.kind == kind && $0.resource == name }
                    ?? HealthEntry(resource: name, kind: kind, since: Timestamp.now, availability: .available, reason: "the lab stands")
                all.append(status(entry, lab.id(kind == .gateway ? "virtualNetworkGateways" : "connections", name), name: "current"))
            }
        }
        return all
    }

    private func status(_ entry: HealthEntry, _ id: String, name: String) -> JSONValue {
        var properties: [String: JSONValue] = [
            "availabilityState": .string(entry.availability.rawValue), "title": .string(entry.availability.rawValue),
            "summary": .string(entry.reason), "detailedStatus": .string(entry.reason),
            "reasonType": .string(entry.isPlanned == true ? "Planned" : entry.isPlanned == false ? "Unplanned" : ""),
            "reasonChronicity": .string(entry.until == nil ? "Persistent" : "Transient"),
            "occurredTime": .string(Timestamp.text(nanoseconds: entry.since)),
            "reportedTime": .string(Timestamp.text(nanoseconds: Timestamp.now)),
        ]
        if let cause = entry.cause {
            properties["context"] = .string(cause == .userInitiated ? "Customer Initiated" : "Platform Initiated")
        }
        if let until = entry.until { properties["resolutionETA"] = .string(Timestamp.text(nanoseconds: until)) }
        return [
            "id": .string("\(id)/providers/Microsoft.ResourceHealth/availabilityStatuses/\(name)"), "name": .string(name),
            "type": "Microsoft.ResourceHealth/AvailabilityStatuses", "location": .string(identity.location),
            "properties": .object(properties),
        ]
    }
}
