import Measurement

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RehearsalReport {
    /// Reads a report that somebody hands in: whole, of this version's format, and without contradictions in what is read off it.
    ///
    /// - Throws: `ReportReadingError`.
    public init(reading text: String) throws {
        do {
            let format = try JSONDecoder().decode(Format.self, from: Data(text.utf8)).schema
            guard format == Self.schemaIdentifier else {
                throw ReportReadingError(at: "schema", found: format ?? "none", allowed: "\(Self.schemaIdentifier), \(Self.advice(format))")
            }
            try self.init(json: text)
        } catch let error as DecodingError {
            throw ReportReadingError(error, in: text)
        }
        try checkFlows()
        try checkTrials()
    }

    /// As little of any format as tells which it is.
    private struct Format: Decodable {
        var schema: String?
    }

    private static func advice(_ format: String?) -> String {
        let isReport = format?.hasPrefix("resetlab.rehearsal/") ?? false
        return isReport ? "so rehearse again with this version" : "a report that resetlab rehearse has written"
    }

    // MARK: Contradictions

    /// No rehearsal lasts longer, in nanoseconds: some 30 years.
    private static let longest: Int64 = 1_000_000_000_000_000_000

    private func checkFlows() throws {
        var names: Set<String> = []
        for (index, flow) in flows.enumerated() {
            let place = "flows[\(index)]"
            guard names.insert("\(flow.direction.rawValue) \(flow.connection)").inserted else {
                throw ReportReadingError(
                    at: place, found: "\(flow.connection), \(flow.direction.rawValue) once more", allowed: "each flow once")
            }
            guard flow.rate > 0, flow.rate.isFinite else {
                throw ReportReadingError(at: "\(place).rate_pps", found: "\(flow.rate)", allowed: "more than 0")
            }
            try Self.check(flow.outage.resolution, at: "\(place).outage.resolution_ms")
            try Self.check(flow.outage.frameLoss, at: "\(place).outage.frameLoss_ms")
            if let timestamp = flow.outage.timestamp { try Self.check(timestamp, at: "\(place).outage.timestamp_ms") }
        }
    }

    private func checkTrials() throws {
        guard let trials else { return }
        let count = trials.seeds.count
        func check(_ found: Int, _ allowed: Int, at place: String) throws {
            guard found == allowed else { throw ReportReadingError(at: place, found: "\(found)", allowed: "\(allowed)") }
        }
        guard count > 1 else { throw ReportReadingError(at: "trials.seeds", found: "\(count)", allowed: "2 or more") }
        try check(trials.verdicts.count, count, at: "length of trials.verdicts")
        try check(trials.flows.count, flows.count, at: "length of trials.flows")
        for (index, flow) in trials.flows.enumerated() {
            let place = "trials.flows[\(index)]"
            guard flow.connection == flows[index].connection, flow.direction == flows[index].direction else {
                throw ReportReadingError(
                    at: place, found: "\(flow.connection), \(flow.direction.rawValue)",
                    allowed: "\(flows[index].connection), \(flows[index].direction.rawValue), as in flows[\(index)]")
            }
            try check(flow.frameLoss.count, count, at: "length of \(place).frameLoss_ms")
            try check(flow.timestamp.count, count, at: "length of \(place).timestamp_ms")
            try check(flow.backgroundLost.count, count, at: "length of \(place).backgroundLost")
            for value in flow.frameLoss { try Self.check(value, at: "\(place).frameLoss_ms") }
            for case let value? in flow.timestamp { try Self.check(value, at: "\(place).timestamp_ms") }
        }
    }

    private static func check(_ time: Milliseconds, at place: String) throws {
        guard (0...longest).contains(time.nanoseconds) else {
            throw ReportReadingError(
                at: place, found: time.shortText, allowed: "0 to \(Milliseconds(nanoseconds: longest).shortText)")
        }
    }
}
