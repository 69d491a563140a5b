extension Topology {
    /// With another topology's site at its end: the one that has this connection. The other one is of the same gateway and has all of these sites
    /// too, so that reading it has held them against each other.
    ///
    /// - Returns: nil when the other one has no such connection.
    public func adding(connection name: String, from other: Topology) -> Topology? {
        guard let site = other.sites.first(where: { $0.connection.name == name }) else { return nil }
        return Topology(
            file: file, name: self.name, gateway: gateway, sites: sites + [site], timing: timing, rehearsal: rehearsal, run: run)
    }
}
