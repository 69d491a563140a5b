import AgentProtocol
import Glibc
import LinuxKernel

/// The guest's stream to whoever started it, which takes a limited piece at a time.
enum VerdictStream {
    /// - Throws: `SystemCallError` when the other end is gone.
    static func write(_ verdict: CheckVerdict, to descriptor: Int32) throws {
        var line = try JSONLines.encode(verdict)[...]
        while !line.isEmpty {
            let piece = line.prefix(GuestContract.largestWrite)
            let count = piece.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, Errno.last == .interrupted { continue }
            guard count > 0 else { throw SystemCallError("write", "the verdicts' stream", .last) }
            line = line.dropFirst(count)
        }
    }
}
