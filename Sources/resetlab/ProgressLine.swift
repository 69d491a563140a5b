import AgentProtocol
import Glibc

/// One line on a terminal that says how far a rehearsal is. Silent where standard error is no terminal.
final class ProgressLine {
    private let isShown: Bool
    private var width = 0

    /// - Parameter isWanted: false keeps it silent on a terminal too.
    init(isWanted: Bool) { isShown = isWanted && isatty(STDERR_FILENO) == 1 }

    /// What comes before every text: which of several things is under way.
    var prefix = ""

    func show(_ text: String) {
        guard isShown else { return }
        let text = prefix + text
        let padding = String(repeating: " ", count: max(0, width - text.count))
        write("\r\(text)\(padding)")
        width = text.count
    }

    func show(_ progress: Progress) {
        switch progress.phase {
        case "measuring":
            show("measuring: \(Int(progress.done)) of \(Int(progress.total)) s  \(bar(progress.done / max(progress.total, 1)))")
        case "calibrating":
            show("calibrating: \(Int(progress.done)) of \(Int(progress.total)) outages  \(bar(progress.done / max(progress.total, 1)))")
        default:
            show("\(progress.phase): \(Int(progress.done)) of \(Int(progress.total))")
        }
    }

    /// Leaves an empty line start for what follows.
    func clear() {
        guard isShown, width > 0 else { return }
        write("\r\(String(repeating: " ", count: width))\r")
        width = 0
    }

    private func bar(_ fraction: Double) -> String {
        let cells = 30
        let filled = Int((min(max(fraction, 0), 1) * Double(cells)).rounded())
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: cells - filled) + "]"
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
