import AgentProtocol
import Glibc
import LinuxKernel

/// The controller's end of the monitor of a machine that is to be saved (QEMU Machine Protocol): one command at a time, each waited for.
final class QMPConnection {
    /// What went wrong between QEMU and this program.
    enum Failure: Error, CustomStringConvertible {
        /// QEMU's own words.
        case refused(command: String, reason: String)
        case ended
        case silent(waitingFor: String)

        var description: String {
            switch self {
            case .refused(let command, let reason): "QEMU refuses \(command): \(reason)"
            case .ended: "QEMU ended"
            case .silent(let what): "QEMU did not answer in time (\(what))"
            }
        }
    }

    private let socket: FileDescriptor
    private var lines = LineBuffer()
    private var events: [String] = []
    /// Called while an answer is waited for: reads what would otherwise stop QEMU.
    var whileWaiting: () -> Void = {}

    /// - Parameter socket: the other end of QEMU's.
    init(socket: consuming FileDescriptor) { self.socket = socket }

    private struct Message: Decodable {
        struct Greeting: Decodable {}
        struct Result: Decodable { var status: String? }
        struct Refusal: Decodable { var desc: String }
        var greeting: Greeting?
        var event: String?
        var result: Result?
        var error: Refusal?

        enum CodingKeys: String, CodingKey {
            case greeting = "QMP"
            case event
            case result = "return"
            case error
        }
    }

    private struct Capability: Encodable {
        var capability: String
        var state: Bool
    }
    private struct Arguments: Encodable {
        var uri: String?
        var capabilities: [Capability]?
    }
    private struct Request: Encodable {
        var execute: String
        var arguments: Arguments
    }

    /// Waits for QEMU to be ready for commands, and prepares it for saving without the memory, which is in a file.
    func begin(within limit: Duration) throws {
        let deadline = ContinuousClock.now + limit
        while try next(before: deadline, waitingFor: "its greeting").greeting == nil {}
        try execute("qmp_capabilities", Arguments(), before: deadline)
        try execute(
            "migrate-set-capabilities",
            Arguments(capabilities: [.init(capability: "x-ignore-shared", state: true), .init(capability: "events", state: true)]),
            before: deadline)
    }

    /// Waits until the guest has stopped itself at the template point.
    func waitUntilStopped(within limit: Duration) throws {
        let deadline = ContinuousClock.now + limit
        while !events.contains("GUEST_PANICKED") { _ = try next(before: deadline, waitingFor: "the guest's start") }
    }

    /// Writes the devices' state to a descriptor of QEMU's, and then a mark. The mark may come only after this has returned: QEMU calls a state
    /// saved that another process still copies.
    ///
    /// - Parameter mark: letters and spaces.
    func save(toDescriptor descriptor: Int32, endingWith mark: String, within limit: Duration) throws {
        // QEMU gives its own descriptors to nobody, hence by its process.
        let copy = "exec >/proc/$PPID/fd/\(descriptor); cat && printf '\(mark)'"
        try migrate("migrate", "exec:\(copy)", within: limit)
    }

    private func migrate(_ command: String, _ uri: String, within limit: Duration) throws {
        let deadline = ContinuousClock.now + limit
        try execute(command, Arguments(uri: uri), before: deadline)
        while true {
            switch try execute("query-migrate", Arguments(), before: deadline).status {
            case "completed"?: return
            case "failed"?, "cancelled"?: throw Failure.refused(command: command, reason: "the migration failed")
            default:
                guard ContinuousClock.now < deadline else { throw Failure.silent(waitingFor: command) }
                usleep(1_000)
            }
        }
    }

    @discardableResult
    private func execute(_ command: String, _ arguments: Arguments, before deadline: ContinuousClock.Instant) throws -> Message.Result {
        let line = try JSONLines.encode(Request(execute: command, arguments: arguments))
        // QEMU reads at once: a request of a hundred bytes never fills the socket.
        guard send(socket.rawValue, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else { throw Failure.ended }
        while true {
            let message = try next(before: deadline, waitingFor: command)
            if let error = message.error { throw Failure.refused(command: command, reason: error.desc) }
            if let result = message.result { return result }
        }
    }

    private func next(before deadline: ContinuousClock.Instant, waitingFor what: String) throws -> Message {
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            if let line = lines.next() {
                let message = try JSONLines.decode(Message.self, from: line)
                if let event = message.event { events.append(event) }
                return message
            }
            whileWaiting()
            guard ContinuousClock.now < deadline else { throw Failure.silent(waitingFor: what) }
            var watched = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 100) > 0 else { continue }
            let count = recv(socket.rawValue, &piece, piece.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure.ended }
            try lines.append(piece[..<count])
        }
    }
}
