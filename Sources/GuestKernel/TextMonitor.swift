import Glibc
import LinuxKernel

/// The controller's end of a restored machine's monitor, in its form for people.
///
/// QEMU serves the other form (`QMPConnection`) by a thread of its own, which every step of virtual time wakes as well. This form has none, so that
/// as many threads run as in a booted machine.
/// Keep it open as long as the machine runs, and say nothing.
final class TextMonitor {
    private let socket: FileDescriptor
    private let whileWaiting: () -> Void

    /// - Parameters:
    ///   - socket: the other end of QEMU's.
    ///   - whileWaiting: called while an answer is waited for: reads what would otherwise stop QEMU.
    init(socket: consuming FileDescriptor, whileWaiting: @escaping () -> Void = {}) {
        self.socket = socket
        self.whileWaiting = whileWaiting
    }

    /// Loads the state that QEMU finds at a descriptor of its own, and lets the guest go on.
    ///
    /// - Parameter limit: for all of it together.
    /// - Throws: `QMPConnection.Failure`.
    func restore(fromDescriptor descriptor: Int32, within limit: Duration) throws {
        let deadline = ContinuousClock.now + limit
        _ = try answer(to: "its greeting", before: deadline)
        try execute("migrate_set_capability x-ignore-shared on", before: deadline)
        // A restored machine would tell the network of its move, at five moments of real time, each of which wakes the main thread.
        try execute("migrate_set_parameter announce-rounds 0", before: deadline)
        // QEMU gives its own descriptors to nobody, hence by its process.
        try execute("migrate_incoming \"exec:exec cat </proc/$PPID/fd/\(descriptor)\"", before: deadline)
        while true {
            let state = try execute("info migrate", before: deadline, isChecked: false)
            if state.contains("Migration status: completed") { break }
            guard !state.contains("Migration status: failed") else {
                throw QMPConnection.Failure.refused(command: "migrate_incoming", reason: "the state cannot be loaded")
            }
            usleep(1_000)
        }
        try execute("cont", before: deadline)
    }

    /// - Parameter isChecked: whether any answer is a refusal.
    @discardableResult
    private func execute(_ command: String, before deadline: ContinuousClock.Instant, isChecked: Bool = true) throws -> String {
        let line = Array((command + "\n").utf8)
        guard send(socket.rawValue, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else { throw QMPConnection.Failure.ended }
        let answer = try answer(to: command, before: deadline)
        // QEMU repeats the command, letter by letter with a terminal's codes, up to the first new line.
        let text = answer.split(separator: "\r\n" as Character, omittingEmptySubsequences: false).dropFirst().joined(separator: " ")
        guard !isChecked || text.allSatisfy(\.isWhitespace) else { throw QMPConnection.Failure.refused(command: command, reason: text) }
        return text
    }

    private static let prompt = Array("(qemu) ".utf8)

    /// All up to the next prompt.
    private func answer(to command: String, before deadline: ContinuousClock.Instant) throws -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while !bytes.suffix(Self.prompt.count).elementsEqual(Self.prompt) {
            whileWaiting()
            guard ContinuousClock.now < deadline else { throw QMPConnection.Failure.silent(waitingFor: command) }
            var watched = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 100) > 0 else { continue }
            let count = recv(socket.rawValue, &piece, piece.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw QMPConnection.Failure.ended }
            bytes += piece[..<count]
        }
        // As bytes with meaning: a new line is one character for Swift, and "\r\n" another.
        return String(decoding: bytes.dropLast(Self.prompt.count), as: UTF8.self)
    }
}
