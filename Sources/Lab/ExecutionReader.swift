import EventLoop
import Glibc
import LinuxKernel

/// Reads one of a program's outputs as long as whoever takes it keeps up.
final class ExecutionReader {
    /// As the program knows it: 1 or 2.
    let number: Int32
    private(set) var isAtEnd = false
    private let loop: EventLoop
    private let descriptor: FileDescriptor
    private var watch: EventLoop.Watch?
    private var piece = [UInt8](repeating: 0, count: ExecutionReader.largestPiece)

    /// In bytes: of one message.
    static let largestPiece = 32 << 10

    init(_ descriptor: consuming FileDescriptor, number: Int32, loop: EventLoop) {
        self.descriptor = descriptor
        self.number = number
        self.loop = loop
    }

    /// Calls the handler when there is something to read, until paused.
    func resume(_ handler: @escaping () -> Void) throws {
        if isAtEnd || watch != nil { return }
        watch = try loop.watch(descriptor.rawValue) { _ in handler() }
    }

    /// The watch goes altogether: a hang-up is reported even to one that waits for nothing.
    func pause() {
        watch.map(loop.cancel)
        watch = nil
    }

    /// What is there, at most `largestPiece` bytes; nil for nothing.
    func read() -> [UInt8]? {
        while !isAtEnd {
            let count = Glibc.read(descriptor.rawValue, &piece, piece.count)
            if count > 0 { return Array(piece[..<count]) }
            if count < 0, Errno.last == .wouldBlock { return nil }
            if count < 0, Errno.last == .interrupted { continue }
            // Zero for a pipe that nobody writes to any more, EIO for a terminal that no program has open.
            end()
        }
        return nil
    }

    /// Reads no more, though there may be writers left.
    func end() {
        pause()
        isAtEnd = true
    }
}
