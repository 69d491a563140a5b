/// Names are unique, and none is taken by the lab's own nodes.
struct NameChecks {
    let sites: [SiteDraft]

    func run(into reading: inout Reading) {
        checkSites(into: &reading)
        checkConnections(into: &reading)
    }

    private func checkSites(into reading: inout Reading) {
        var owners: [String: SiteDraft] = [:]
        for site in sites {
            guard let name = site.name, let path = site.entry.name?.path else { continue }
            if NodeNames.own.contains(name) {
                reading.report(path, found: "\"\(name)\", the name of a node of the lab itself", allowed: "any other name")
            } else if let owner = owners[name] {
                reading.report(
                    path, found: "\"\(name)\", which \(owner.entry.path) has already", allowed: "a name of its own for each site")
            } else {
                owners[name] = site
            }
        }
    }

    /// Names of resources are the same in capitals, as the management API has it.
    private func checkConnections(into reading: inout Reading) {
        var owners: [String: SiteDraft] = [:]
        for site in sites {
            guard let name = site.connectionName else { continue }
            guard let owner = owners[name.lowercased()] else {
                owners[name.lowercased()] = site
                continue
            }
            // Two sites of one name have been reported for that.
            guard site.entry.connection?.name != nil || owner.entry.connection?.name != nil else { continue }
            reading.report(
                site.connectionNamePath, found: "\"\(name)\", which the connection of \(owner.label) is called already",
                allowed: "a name of its own for each connection")
        }
    }
}
