/// The times that the ways of replacing a gateway's SAs took in one round, one after the other; in nanoseconds of virtual time.
struct AssociationRound: Codable {
    /// Encoding into a batch and sending it.
    var batch: Int64
    /// Of `batch`, what encoding took.
    var encoding: Int64
    /// The same bytes, sent again by a few lines of C.
    var raw: Int64
    /// `ip -batch`, its start and end included.
    var ip: Int64
    /// Of `ip`, what its start and end take: the same program with nothing to do.
    var ipStart: Int64
    /// A request and its acknowledgement for each SA.
    var single: Int64
}

/// What the guest tells at its end.
struct AssociationMeasurement: Codable {
    /// SAs in a round.
    var count: Int
    var rounds: [AssociationRound]

    /// In microseconds an SA.
    func series(_ part: KeyPath<AssociationRound, Int64>) -> Series {
        Series(rounds.map { Double($0[keyPath: part]) / Double(count) / 1_000 })
    }
}
