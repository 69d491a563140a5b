import Glibc
import Report

extension TerminalStyle {
    /// As standard output takes it.
    static var standardOutput: TerminalStyle {
        TerminalStyle(usesColour: isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil)
    }
}
