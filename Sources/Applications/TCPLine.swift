import EventLoop
import Glibc
import LinuxKernel

/// One end of an application's TCP connection, watched: what is to be written is written as there is room, what comes is counted, and the
/// end of the connection is told once.
final class TCPLine {
    private let loop: EventLoop
    private let socket: TCPSocket
    private var watch: EventLoop.Watch?
    /// Whether it ever was.
    private(set) var isConnected: Bool
    private var isWaitingForRoom = false
    /// Bytes that nobody reads for their content are zeros; the greeting goes before them.
    private var head: [UInt8] = []
    private(set) var unwritten = 0
    /// Called with how many bytes have come.
    var received: (Int) -> Void = { _ in }
    var connected: () -> Void = {}
    /// Called at most once, with the reason; nothing is called after it.
    var ended: (String) -> Void = { _ in }

    private static let zeros = [UInt8](repeating: 0, count: 65_536)
    /// What comes is looked at by its length alone.
    private static let readSize = 65_536

    /// - Parameter isConnected: false for a client that is still connecting.
    init(_ socket: TCPSocket, loop: EventLoop, isConnected: Bool) throws {
        self.loop = loop
        self.socket = socket
        self.isConnected = isConnected
        watch = try loop.watch(socket.fileDescriptor, for: isConnected ? .readable : .writable) { [unowned self] in ready($0) }
    }

    deinit { watch.map(loop.cancel) }

    /// Segments sent again so far.
    var retransmissions: Int { socket.retransmissions }
    var isUsable: Bool { isConnected && watch != nil }

    /// Bytes that go before all others.
    func write(head bytes: [UInt8]) {
        head += bytes
        flush()
    }

    /// So many bytes more.
    func write(_ count: Int) {
        unwritten += count
        flush()
    }

    /// Resets the connection, once nobody holds the line any more; nothing is told of it.
    func close() {
        watch.map(loop.cancel)
        watch = nil
    }

    private func ready(_ readiness: EventLoop.Readiness) {
        if !isConnected {
            if let error = socket.pendingError { return end(error.name) }
            isConnected = true
            wait()
            connected()
            guard watch != nil else { return }
        }
        if !readiness.isDisjoint(with: [.readable, .hungUp, .failed]) { read() }
        if watch != nil, readiness.contains(.writable) { flush() }
    }

    private func read() {
        withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 16) { bytes in
            while watch != nil {
                switch socket.read(into: bytes) {
                case .bytes(let count):
                    received(count)
                    // Less than there was room for: all of it.
                    if count < bytes.count { return }
                case .later: return
                case .ended: return end("closed")
                case .failed(let error): return end(error.name)
                }
            }
        }
    }

    private func flush() {
        guard isUsable else { return }
        while !head.isEmpty {
            guard let count = put(head.withUnsafeBytes { socket.write($0) }) else { return }
            head.removeFirst(count)
        }
        while unwritten > 0 {
            let size = min(unwritten, Self.zeros.count)
            guard let count = put(Self.zeros.withUnsafeBytes { socket.write(UnsafeRawBufferPointer(rebasing: $0[..<size])) }) else {
                return
            }
            unwritten -= count
        }
        if isWaitingForRoom {
            isWaitingForRoom = false
            wait()
        }
    }

    /// nil when no more can be written now, or ever.
    private func put(_ outcome: TCPSocket.Outcome) -> Int? {
        switch outcome {
        case .bytes(let count): return count
        case .later:
            if !isWaitingForRoom {
                isWaitingForRoom = true
                wait()
            }
        case .ended: end("closed")
        case .failed(let error): end(error.name)
        }
        return nil
    }

    private func wait() {
        guard let watch else { return }
        do {
            try loop.change(watch, to: isWaitingForRoom ? [.readable, .writable] : .readable)
        } catch {
            end("\(error)")
        }
    }

    private func end(_ reason: String) {
        guard watch != nil else { return }
        close()
        ended(reason)
    }
}
