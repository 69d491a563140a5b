import AgentProtocol
import EventLoop
import Glibc
import LabKeeper
import LinuxKernel

/// A program in a lab's node, with this process's standard descriptors for its own.
final class RemoteProgram {
    private let lab: LabClient
    private let loop: EventLoop
    private let usesTerminal: Bool
    private var terminal: RawTerminal?
    private var execution = 0
    private var status: Int32?
    private var failure: (any Error)?
    private var inputWatch: EventLoop.Watch?
    /// Requests with input that the program has not taken yet.
    private var untaken: Set<Int> = []
    /// Whether standard input, a file or `/dev/null`, cannot be watched and is read as the program takes it.
    private var readsWithoutWatch = false
    private var inputHasEnded = false

    /// In bytes, of one request.
    private static let largestPiece = 32 << 10
    /// Enough that the way to the program is never empty while there is input.
    private static let mostUntaken = 4

    /// - Parameter usesTerminal: whether the program gets a terminal, and this process's is its screen.
    init(_ lab: LabClient, usesTerminal: Bool) throws {
        self.lab = lab
        self.usesTerminal = usesTerminal
        loop = try EventLoop()
    }

    /// Runs the program to its end. The terminal is as it was before when this returns.
    ///
    /// - Returns: its exit status.
    /// - Throws: `AgentMessage.Failure` when it cannot be started; whatever `LabClient` throws.
    func run(_ arguments: [String], in node: Int, directory: String?, environment: [String]) throws -> Int32 {
        let size = usesTerminal ? RawTerminal.size : nil
        execution = try lab.request(
            .execute(
                Execution(
                    node: node, arguments: arguments, environment: environment,
                    terminal: size.map { .init(rows: $0.rows, columns: $0.columns) }, directory: directory)))
        // With a terminal, Ctrl-C is a key like any other. Without, it is a signal to this process, which hands it on.
        let signals = try SignalWatch([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH])
        defer { signals.restore() }
        signal(SIGPIPE, SIG_IGN)
        let watches = [
            try loop.watch(signals.fileDescriptor) { [unowned self] _ in
                while let number = signals.next() { handle(signal: number) }
            },
            try loop.watch(lab.fileDescriptor, for: [.readable, .hungUp]) { [unowned self] _ in receive() },
        ]
        defer { for watch in watches { loop.cancel(watch) } }
        if usesTerminal { terminal = try RawTerminal() }
        defer {
            terminal?.restore()
            terminal = nil
        }
        readInput()
        defer { inputWatch.map(loop.cancel) }
        try loop.run()
        if let failure { throw failure }
        return status ?? ExitStatus.failed.rawValue
    }

    private func attempt(_ body: () throws -> Void) {
        do { try body() } catch {
            if failure == nil { failure = error }
            loop.stop()
        }
    }

    private func handle(signal number: Int32) {
        attempt {
            switch number {
            case SIGWINCH:
                guard usesTerminal else { return }
                let size = RawTerminal.size
                _ = try lab.request(.input(execution: execution, .resize(.init(rows: size.rows, columns: size.columns))))
            case SIGHUP:
                // Nobody looks any more.
                _ = try lab.request(.stop(request: execution))
            default:
                _ = try lab.request(.input(execution: execution, .signal(number)))
            }
        }
    }

    private func receive() {
        attempt {
            for message in try lab.receive() {
                switch message {
                case .output(execution, let output): try show(output)
                case .answer(execution, .ended(let end)):
                    status = end.status
                    loop.stop()
                case .answer(execution, .failed(let refusal)): throw refusal
                case .answer(let id, _):
                    if untaken.remove(id) != nil { readInput() }
                default: break
                }
            }
        }
    }

    private func show(_ output: ExecutionOutput) throws {
        let bytes = output.bytes.bytes
        let isWritten = writeAll(bytes, to: output.descriptor == 2 ? STDERR_FILENO : STDOUT_FILENO)
        _ = try lab.request(.input(execution: execution, .taken(bytes.count)))
        // Whoever read it is gone, as of `… | head`: so is the program's reader.
        if !isWritten { _ = try lab.request(.stop(request: execution)) }
    }

    /// Lets input be read as long as the program takes it.
    private func readInput() {
        guard !inputHasEnded, untaken.count < Self.mostUntaken else {
            inputWatch.map(loop.cancel)
            inputWatch = nil
            return
        }
        if readsWithoutWatch { return loopTurn() }
        guard inputWatch == nil else { return }
        do {
            inputWatch = try loop.watch(STDIN_FILENO) { [unowned self] _ in readOnce() }
        } catch {
            // epoll(7) refuses ordinary files (EPERM), which are always readable.
            readsWithoutWatch = true
            loopTurn()
        }
    }

    private func loopTurn() { loop.timer(at: loop.now) { [unowned self] in readOnce() } }

    private func readOnce() {
        guard !inputHasEnded, untaken.count < Self.mostUntaken else { return readInput() }
        var piece = [UInt8](repeating: 0, count: Self.largestPiece)
        let count = read(STDIN_FILENO, &piece, piece.count)
        if count < 0, Errno.last == .interrupted || Errno.last == .wouldBlock { return }
        attempt {
            if count > 0 {
                untaken.insert(try lab.request(.input(execution: execution, .bytes(Base64Bytes(Array(piece[..<count]))))))
            } else {
                inputHasEnded = true
                // A terminal that has gone has said so by SIGHUP.
                if !usesTerminal { _ = try lab.request(.input(execution: execution, .end)) }
            }
            readInput()
        }
    }
}

/// - Returns: false when nobody reads any more.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count >= 0 {
            written += count
            continue
        }
        switch Errno.last {
        case .interrupted: continue
        case .wouldBlock:
            var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&room, 1, -1)
        default: return false
        }
    }
    return true
}

/// What of this process's environment goes with a program into a lab: how to write to the terminal, and in which language.
func environmentForLab(_ more: [String]) -> [String] {
    var names = ["TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE", "TZ"]
    names += ["LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_NUMERIC", "LC_TIME"]
    return names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } } + more
}

/// nil where this folder is gone.
func currentFolder() -> String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
}
