import EventLoop
import Glibc
import LinuxKernel

/// Hands input to a program as fast as it takes it, in order.
final class ExecutionWriter {
    private struct Piece {
        var bytes: ArraySlice<UInt8>
        let done: () -> Void
    }

    private let loop: EventLoop
    private var descriptor: FileDescriptor?
    private var waiting: [Piece] = []
    private var closesAfterwards = false
    private var watch: EventLoop.Watch?

    init(_ descriptor: consuming FileDescriptor, loop: EventLoop) {
        self.descriptor = consume descriptor
        self.loop = loop
    }

    /// - Parameter done: called once all of it is written, or will never be, since the program has closed its input or is gone.
    func write(_ bytes: [UInt8], done: @escaping () -> Void) throws {
        waiting.append(Piece(bytes: bytes[...], done: done))
        if watch == nil { try flush() }
    }

    /// Closes the input once what waits is written.
    func closeAfterwards() throws {
        closesAfterwards = true
        if watch == nil { try flush() }
    }

    /// Gives up what waits.
    func close() {
        watch.map(loop.cancel)
        watch = nil
        descriptor = nil
        let given = waiting
        waiting = []
        for piece in given { piece.done() }
    }

    private func flush() throws {
        while let first = waiting.first {
            let raw = rawDescriptor
            guard raw >= 0 else { return close() }
            let count = first.bytes.withUnsafeBytes { Glibc.write(raw, $0.baseAddress, $0.count) }
            if count >= 0 {
                waiting[0].bytes = first.bytes.dropFirst(count)
                if waiting[0].bytes.isEmpty { waiting.removeFirst().done() }
                continue
            }
            switch Errno.last {
            case .interrupted: continue
            case .wouldBlock:
                if watch == nil { watch = try loop.watch(raw, for: .writable) { [unowned self] _ in writable() } }
                return
            // The program has closed its input, or is gone.
            default: return close()
            }
        }
        watch.map(loop.cancel)
        watch = nil
        if closesAfterwards { close() }
    }

    private func writable() {
        // A watch that cannot be made is not made twice.
        do { try flush() } catch { close() }
    }

    private var rawDescriptor: Int32 {
        switch descriptor {
        case .some(let open): open.rawValue
        case .none: -1
        }
    }
}
