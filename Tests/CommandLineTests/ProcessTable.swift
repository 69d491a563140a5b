import Foundation

/// This machine's processes, by `/proc`.
enum ProcessTable {
    struct Entry {
        /// At most 15 bytes.
        var name: String
        var isZombie: Bool
        var parent: pid_t
        /// The processor time it has taken.
        var computed: Duration
    }

    static func children(of parent: pid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { entry(of: $0)?.parent == parent }
    }

    /// nil when there is no such process.
    static func entry(of process: pid_t) -> Entry? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8), let open = text.firstIndex(of: "("),
            let close = text.lastIndex(of: ")")
        else { return nil }
        // From the third field on (proc(5)); the second may hold anything.
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 12, let parent = pid_t(fields[1]), let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        let ticksPerSecond = max(1, sysconf(Int32(_SC_CLK_TCK)))
        return Entry(
            name: String(text[text.index(after: open)..<close]), isZombie: fields[0] == "Z", parent: parent,
            computed: .milliseconds((user + system) * 1_000 / ticksPerSecond))
    }
}
