import AgentProtocol
import ArgumentParser
import Glibc
import LabKeeper
import Measurement
import Report

struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Show when the gateway and each connection were available, and why they were not.",
        discussion: """
            As the real service's Resource Health tells it. The history is kept per lab name, over all its ups; that of a lab which does not stand is \
            shown for --lab NAME.
            """)

    @OptionGroup var lab: LabOption

    @Flag(help: "Go on with each entry as it comes, until the lab goes or this command is ended.")
    var follow = false

    @Option(help: "How the history is printed; JSON is one entry a line.")
    var format: TextOrJSON = .text

    func run() throws {
        if let name = lab.lab, try !isStanding(name), let file = try keptFile(name) {
            if follow { throw CommandFailure(.badInput, "the lab \(name) does not stand: nothing is to be followed") }
            return try show(file.entries)
        }
        let client = try lab.connect()
        var entries: [HealthEntry] = []
        client.healthReceived = { entries += $0 }
        guard follow else {
            _ = try telling { try client.ask(.health(following: false)) }
            return try show(entries)
        }
        _ = try telling { try client.request(.health(following: true)) }
        while true {
            try show(entries)
            fflush(nil)
            entries = []
            while entries.isEmpty { _ = try telling { try client.receive() } }
        }
    }

    private func isStanding(_ name: String) throws -> Bool {
        try telling { try LabsFolder().standing().contains { $0.lab == name } }
    }

    /// nil where nothing was ever kept, and nothing is made then.
    private func keptFile(_ name: String) throws -> HealthFile? {
        guard name.wholeMatch(of: /[a-z][a-z0-9-]*/) != nil else { return nil }
        let folder = try telling { try HealthFile.folder(of: name) }
        guard access("\(folder)/health.jsonl", R_OK) == 0 else { return nil }
        return try telling { try HealthFile(folder: folder) }
    }

    private func show(_ entries: [HealthEntry]) throws {
        switch format {
        case .json: for entry in entries { print(String(decoding: try JSONLines.encode(HealthLine(entry)), as: UTF8.self), terminator: "") }
        case .text: print(HealthText(entries).text, terminator: "")
        }
    }
}

/// An entry for scripts.
struct HealthLine: Encodable {
    var resource: String
    var kind: String
    var since: String
    var until: String?
    var availability: String
    var reason: String
    var cause: String?
    var isPlanned: Bool?

    init(_ entry: HealthEntry) {
        (resource, kind, availability) = (entry.resource, entry.kind.rawValue, entry.availability.rawValue)
        (since, until) = (WallClock.text(entry.since), entry.until.map(WallClock.text))
        (reason, cause, isPlanned) = (entry.reason, entry.cause?.rawValue, entry.isPlanned)
    }
}

/// Entries whose times are nanoseconds since 1970, for a terminal.
struct HealthText {
    let entries: [HealthEntry]

    init(_ entries: [HealthEntry]) { self.entries = entries }

    var text: String {
        var table = TerminalTable(
            columns: ["Since", "For", "Resource", "Availability", "Cause", "Reason"].map { .init(title: $0, alignment: .left) })
        for entry in entries {
            table.append([
                .init(WallClock.text(entry.since)), .init(entry.until.map { WallClock.span($0 - entry.since) } ?? "until now"),
                .init(entry.resource), .init(entry.availability.rawValue, weight(entry.availability)),
                .init(cause(entry)), .init(entry.reason),
            ])
        }
        return entries.isEmpty ? "" : table.lines(style: .standardOutput).joined(separator: "\n") + "\n"
    }

    private func weight(_ availability: HealthEntry.Availability) -> TerminalStyle.Weight {
        switch availability {
        case .available: .good
        case .unavailable: .bad
        case .degraded, .unknown: .plain
        }
    }

    private func cause(_ entry: HealthEntry) -> String {
        [entry.cause?.rawValue, entry.isPlanned.map { $0 ? "planned" : "unplanned" }].compactMap { $0 }.joined(separator: ", ")
    }
}
