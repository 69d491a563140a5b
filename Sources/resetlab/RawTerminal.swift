import CLinux
import Glibc
import LabPlan
import LinuxKernel

/// This process's terminal, which hands every key on as it is, until this object goes or the process ends.
final class RawTerminal {
    private var before = termios()

    /// - Throws: `SystemCallError` when standard input is no terminal.
    init() throws {
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw SystemCallError("tcgetattr", "standard input", .last) }
        var raw = before
        cfmakeraw(&raw)
        guard tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0 else { throw SystemCallError("tcsetattr", "standard input", .last) }
    }

    /// Safe to call twice.
    func restore() { tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }

    deinit { restore() }

    /// Of standard input's terminal; a usual one where that does not know.
    static var size: (rows: Int, columns: Int) {
        var (rows, columns): (UInt16, UInt16) = (0, 0)
        guard linux_terminal_size(STDIN_FILENO, &rows, &columns) == 0, rows > 0, columns > 0 else { return (24, 80) }
        return (Int(rows), Int(columns))
    }
}
