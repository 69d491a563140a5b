import InstructionProfile

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where the instructions of one more probe, of one more SA and of one more site are.
struct ProfileReport: Codable {
    var surroundings: Surroundings
    var probe: UnitProfile
    var association: UnitProfile
    var site: UnitProfile

    /// How many functions the tables have; the JSON has all.
    private static let functions = 40

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try Array(encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    var markdown: String {
        Self.tables("One more probe", "a probe", probe)
            + "\n" + Self.tables("One more SA, flushed and installed in a batch", "an SA", association)
            + "\n" + Self.tables("One more site of a lab that is built, with its SAs and policies", "a site", site)
            + "\n" + surroundings.sentence
    }

    private static func tables(_ what: String, _ unit: String, _ profile: UnitProfile) -> String {
        let total = profile.total
        func share(_ instructions: Double) -> String { "\(Decimals.text(100 * instructions / total, decimals: 1)) %" }
        var text = "\(what): \(Decimals.text(total)) instructions.\n\n"
        text += "| subsystem | instructions \(unit) | share |\n|---|---:|---:|\n"
        for (subsystem, instructions) in profile.bySubsystem {
            text += "| \(subsystem.rawValue) | \(Decimals.text(instructions, decimals: 0)) | \(share(instructions)) |\n"
        }
        text += "\n| function | module | subsystem | instructions \(unit) | share | calls |\n|---|---|---|---:|---:|---:|\n"
        for entry in profile.entries.prefix(functions) {
            let cells = [
                "`\(entry.function.name)`", entry.function.module ?? "", entry.subsystem.rawValue,
                Decimals.text(entry.instructions, decimals: 0), share(entry.instructions), Decimals.text(entry.calls, decimals: 2),
            ]
            text += "| \(cells.joined(separator: " | ")) |\n"
        }
        return text
    }
}
