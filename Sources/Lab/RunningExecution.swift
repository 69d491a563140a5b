import AgentProtocol
import CLinux
import EventLoop
import Glibc
import LinuxKernel

/// A program that runs in a node.
package final class RunningExecution {
    /// Of the process, its group and its session, until it is reaped.
    let identifier: pid_t
    private let loop: EventLoop
    private let handle: FileDescriptor
    private let writer: ExecutionWriter
    private let readers: [ExecutionReader]
    /// A terminal's controlling end; the reader keeps it open.
    private let terminal: Int32?
    private let output: (ExecutionOutput) -> Void
    private let ended: (RunningExecution, ExecutionEnd) -> Void
    private var exitWatch: EventLoop.Watch?
    private var timer: EventLoop.Timer?
    private var status: Int32?
    private var isOver = false
    /// Bytes of output that are under way.
    private var untaken = 0

    /// Between SIGHUP and SIGKILL.
    private static let patience = Duration.seconds(2)
    /// How long whatever else holds a program's pipes may write after the program has ended. What the program wrote itself is there by then.
    private static let afterglow = Duration.milliseconds(500)
    /// In bytes: what a pipe holds at most, of a program that has enlarged it (pipe-max-size, pipe(7)).
    private static let pipeCapacity = 1 << 20

    /// Starts the program.
    ///
    /// - Parameter ended: called once, from the loop, when it has ended and all its output was handed over.
    init(
        _ execution: Execution, in namespace: NetworkNamespace, loop: EventLoop, output: @escaping (ExecutionOutput) -> Void,
        ended: @escaping (RunningExecution, ExecutionEnd) -> Void
    ) throws {
        let program = try ExecutionProgram(execution)
        let channel =
            try execution.terminal.map { try ExecutionChannel.terminal(rows: $0.rows, columns: $0.columns) } ?? ExecutionChannel.pipes()
        identifier = try program.start(
            in: namespace, input: channel.programInput.rawValue, output: channel.programOutput.rawValue,
            error: channel.programError.rawValue, hasTerminal: execution.terminal != nil)
        // An ended child keeps its identifier until it is reaped, so this is the child and no other.
        let raw = linux_open_process(identifier)
        guard raw >= 0 else {
            let errno = Errno.last
            Glibc.kill(-identifier, SIGKILL)
            waitpid(identifier, nil, 0)
            throw SystemCallError("pidfd_open", program.path, errno)
        }
        handle = FileDescriptor(owning: raw)
        self.loop = loop
        self.output = output
        self.ended = ended
        terminal = execution.terminal == nil ? nil : channel.output.rawValue
        writer = ExecutionWriter(channel.input, loop: loop)
        var readers = [ExecutionReader(channel.output, number: 1, loop: loop)]
        if let error = channel.error { readers.append(ExecutionReader(error, number: 2, loop: loop)) }
        self.readers = readers
        do {
            exitWatch = try loop.watch(handle.rawValue) { [unowned self] _ in reap() }
            try resume()
        } catch {
            abandon()
            throw error
        }
    }

    /// - Parameter done: called when it has had its effect; for bytes, when the program's pipe or terminal has taken them.
    package func input(_ input: ExecutionInput, done: @escaping () -> Void = {}) throws {
        switch input {
        case .bytes(let bytes): return try writer.write(bytes.bytes, done: done)
        case .end:
            // A terminal has no end of its own: its end-of-file character says it.
            if terminal != nil { try writer.write([Self.endOfFile]) {} } else { try writer.closeAfterwards() }
        case .resize(let size):
            if let terminal { linux_resize_terminal(terminal, UInt16(clamping: size.rows), UInt16(clamping: size.columns)) }
        case .signal(let number):
            guard (1..<65).contains(number) else {
                throw AgentMessage.Failure(kind: .badRequest, message: "\(number) is no signal's number")
            }
            signal(number, foregroundOnly: true)
        case .taken(let count):
            untaken = max(0, untaken - count)
            try resume()
        }
        done()
    }

    /// Hangs up: SIGHUP to its processes, and SIGKILL 2 s later to those that are left.
    package func stop() {
        guard status == nil, timer == nil else { return }
        signal(SIGHUP)
        // A stopped process takes no signal but this and SIGKILL.
        signal(SIGCONT)
        timer = loop.timer(after: Self.patience) { [unowned self] in
            timer = nil
            signal(SIGKILL)
        }
    }

    /// Kills it and hands over what it has said, all before this returns.
    func kill() {
        signal(SIGKILL)
        wait(options: 0)
        for reader in readers { readRest(of: reader) }
        finishIfOver()
    }

    /// Takes the child's status if it has ended.
    func reap() { wait(options: WNOHANG) }

    private static let endOfFile: UInt8 = 0x04

    private func signal(_ number: Int32, foregroundOnly: Bool = false) {
        guard status == nil else { return }
        let foreground = terminal.map { linux_terminal_foreground($0) } ?? -1
        if foreground > 1, foreground != identifier { Glibc.kill(-foreground, number) }
        if foreground <= 1 || foreground == identifier || !foregroundOnly { Glibc.kill(-identifier, number) }
    }

    private func wait(options: Int32) {
        guard status == nil else { return }
        var code: Int32 = 0
        var result: pid_t
        repeat { result = waitpid(identifier, &code, options) } while result < 0 && Errno.last == .interrupted
        if result == 0 { return }
        // wait(2)'s macros do not import: the low seven bits are the signal, the next byte the status. A child that somebody else has reaped
        // has no status that could be told.
        let signal = code & 0x7F
        status = result < 0 ? 255 : signal == 0 ? (code >> 8) & 0xFF : 128 + signal
        cancelWatches()
        writer.close()
        timer = loop.timer(after: Self.afterglow) { [unowned self] in
            timer = nil
            for reader in readers { readRest(of: reader) }
            finishIfOver()
        }
        finishIfOver()
    }

    private func resume() throws {
        guard untaken < ExecutionInput.flowWindow else { return }
        for reader in readers { try reader.resume { [unowned self, unowned reader] in readOnce(reader) } }
    }

    private func readOnce(_ reader: ExecutionReader) {
        if let bytes = reader.read() { say(bytes, reader) } else { finishIfOver() }
    }

    private func say(_ bytes: [UInt8], _ reader: ExecutionReader) {
        untaken += bytes.count
        if untaken >= ExecutionInput.flowWindow { for reader in readers { reader.pause() } }
        output(ExecutionOutput(descriptor: reader.number, bytes: Base64Bytes(bytes)))
    }

    /// Whatever the program itself has written, though others may write on.
    private func readRest(of reader: ExecutionReader) {
        var count = 0
        while count <= Self.pipeCapacity, let bytes = reader.read() {
            count += bytes.count
            say(bytes, reader)
        }
        reader.end()
    }

    private func finishIfOver() {
        guard let status, !isOver, readers.allSatisfy(\.isAtEnd) else { return }
        isOver = true
        timer.map(loop.cancel)
        timer = nil
        // From the loop: this may be called from within its start, or from the handler of one of its own watches.
        loop.timer(at: loop.now) { [self] in ended(self, ExecutionEnd(status: status)) }
    }

    private func cancelWatches() {
        exitWatch.map(loop.cancel)
        exitWatch = nil
        timer.map(loop.cancel)
        timer = nil
    }

    /// Without a word to anybody.
    private func abandon() {
        isOver = true
        kill()
        cancelWatches()
        for reader in readers { reader.end() }
    }
}
