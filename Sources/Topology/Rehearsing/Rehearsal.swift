import LabPlan

/// A rehearsal as its author wrote it, in a file of its own: read and checked, but not yet seen together with a topology.
///
/// The names in it, of connections, links and instances, get their meaning by `plan(in:)`.
public struct Rehearsal: Sendable {
    public let name: String
    /// The file's name as it was given to `load`.
    public let file: String
    /// Durations of a failover that replace the topology's; nil for the topology's own.
    public let timing: TimingPlan?

    let entry: RehearsalFileEntry
    /// Knows where every value stands, for what is found out only together with a topology.
    let reading: Reading

    /// Reads and checks a rehearsal file.
    ///
    /// - Parameters:
    ///   - text: The file's content.
    ///   - file: The file's name, for messages.
    /// - Throws: Everything that is wrong in the file, not only the first of it.
    public static func load(text: String, file: String) throws(TopologyErrors) -> Rehearsal {
        var reading = Reading(file: file)
        let root = YAMLDocument.read(text, expected: "a rehearsal, which begins with \"rehearsal: 1\"", into: &reading)
        guard let root, let entry = RehearsalFileEntry.form.read(root, &reading) else { throw TopologyErrors(reading.diagnostics) }
        RehearsalChecks(entry: entry).run(into: &reading)
        guard reading.diagnostics.isEmpty, let name = entry.name?.value else { throw TopologyErrors(reading.diagnostics) }
        return Rehearsal(name: name, file: file, timing: entry.timing?.plan, entry: entry, reading: reading)
    }

    /// Whether a rehearsal is meant by its file, not by a built-in's name.
    public static func isPath(_ text: String) -> Bool {
        text.contains("/") || text.hasSuffix(".yaml") || text.hasSuffix(".yml")
    }
}
