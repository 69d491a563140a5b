// Resources that are part of no lab: what a gateway and a connection are made of before they are.

extension ManagementService {
    func drafts(_ type: String, in group: String) -> [JSONValue] {
        drafts.filter { $0.type.lowercased() == type.lowercased() && $0.isIn(group) }.map(\.resource)
    }

    func draft(_ type: String, _ name: String, in group: String) -> JSONValue? {
        drafts.first { $0.isNamed(type, name, in: group) }?.resource
    }

    /// - Throws: `APIError` when there are too many.
    func putDraft(_ type: String, _ resource: JSONValue, in group: String) throws {
        let draft = Draft(group: group, type: type, resource: resource)
        if let index = drafts.firstIndex(where: { $0.isNamed(type, draft.name, in: group) }) {
            drafts[index] = draft
            return
        }
        guard drafts.count < Self.mostDrafts else {
            throw APIError(400, "QuotaExceeded", "There are \(drafts.count) resources that no lab uses; allowed are no more. Delete some.")
        }
        drafts.append(draft)
    }

    func removeDraft(_ type: String, _ name: String, in group: String) { drafts.removeAll { $0.isNamed(type, name, in: group) } }

    private static let mostDrafts = 10_000

    func resourceID(_ type: String, _ name: String, in group: String) -> String {
        "/subscriptions/\(identity.subscription)/resourceGroups/\(group)/providers/Microsoft.Network/\(type)/\(name)"
    }

    func draftResource(_ type: String, _ name: String, in group: String, _ properties: [String: JSONValue]) -> JSONValue {
        var properties = properties
        properties["provisioningState"] = "Succeeded"
        return [
            "id": .string(resourceID(type, name, in: group)), "name": .string(name), "type": .string("Microsoft.Network/\(type)"),
            "location": .string(identity.location), "tags": [:], "properties": .object(properties),
        ]
    }
}
