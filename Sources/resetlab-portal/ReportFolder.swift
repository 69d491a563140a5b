import Foundation

/// Report pages that rehearsals have written (`--report-dir`): one in the folder itself, and one in each folder in it.
struct ReportFolder: Sendable {
    let path: String

    private static let page = "report.html"

    struct Entry: Equatable {
        /// The folder's name; empty for the one itself.
        var name: String
        var writtenAt: Date
    }

    /// The newest first.
    var entries: [Entry] {
        let folders = [""] + ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
        return folders.compactMap { name in
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: file(name)),
                attributes[.type] as? FileAttributeType == .typeRegular,
                let date = attributes[.modificationDate] as? Date
            else { return nil }
            return Entry(name: name, writtenAt: date)
        }.sorted { ($1.writtenAt, $0.name) < ($0.writtenAt, $1.name) }
    }

    /// The page of an entry; nil for what is none of them, so that no other file can be read.
    func page(named name: String) -> [UInt8]? {
        guard entries.contains(where: { $0.name == name }) else { return nil }
        return FileManager.default.contents(atPath: file(name)).map(Array.init)
    }

    private func file(_ name: String) -> String { name.isEmpty ? "\(path)/\(Self.page)" : "\(path)/\(name)/\(Self.page)" }
}
