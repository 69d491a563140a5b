import AgentProtocol
import EventLoop
import Glibc
import LinuxKernel

/// Both directions of a stream of lines in an event loop.
///
/// Sending never waits: what does not fit into the socket's buffer goes when there is room. Two sides that both waited for the other to read
/// would wait for ever.
public final class LineStream {
    private let descriptor: Int32
    private let loop: EventLoop
    private var lines = LineBuffer()
    private var outgoing: [UInt8] = []
    private var sent = 0
    private var watch: EventLoop.Watch?
    private var isBroken = false

    /// Called with each line, without its newline. What it throws ends the stream.
    public var received: ([UInt8]) throws -> Void = { _ in }
    /// Called once: the other end is gone (nil), or it sent what is not understood. Not after `cancel`.
    public var ended: ((any Error)?) -> Void = { _ in }
    /// Called whenever all that was to be sent has been sent.
    public var drained: () -> Void = {}

    /// How many bytes wait to be sent.
    public var pending: Int { outgoing.count - sent }

    /// Whether lines are left waiting in the socket, so that the other end has to wait with sending.
    public var isPaused = false { didSet { if isPaused != oldValue { updateInterest() } } }

    /// - Parameter descriptor: a socket, or a pipe's reading end that is only read. The caller keeps it, and closes it after `cancel`.
    public init(descriptor: Int32, loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    public func begin() throws {
        watch = try loop.watch(descriptor, for: interest) { [unowned self] readiness in
            if readiness.contains(.writable) { flush() }
            // The descriptor may be one that waits: it is read only when something is there.
            guard !readiness.isDisjoint(with: [.readable, .hungUp, .failed]), watch != nil else { return }
            if readOnce() == .atEnd { end(nil) }
        }
    }

    /// No callback comes after this.
    public func cancel() {
        watch.map(loop.cancel)
        watch = nil
    }

    /// - Parameter line: with its newline.
    public func send(_ line: [UInt8]) {
        guard !isBroken else { return }
        outgoing += line
        if pending == line.count { flush() }
    }

    /// Waits until all has been sent, for at most the given time: for a last word.
    public func flush(within limit: Duration) {
        let deadline = ContinuousClock.now + limit
        flush()
        while pending > 0, !isBroken, ContinuousClock.now < deadline {
            var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&room, 1, 100)
            flush()
        }
    }

    /// Hands over what has arrived already: for a stream whose other end is known to be gone.
    public func drain() {
        while watch != nil {
            var input = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&input, 1, 0) > 0, readOnce() == .something else { return }
        }
    }

    private var interest: EventLoop.Readiness {
        var interest: EventLoop.Readiness = isPaused ? [] : [.readable, .hungUp]
        if pending > 0 { interest.insert(.writable) }
        return interest
    }

    private func updateInterest() {
        // The watch exists: the kernel has no reason to refuse another interest.
        if let watch { try? loop.change(watch, to: interest) }
    }

    private func flush() {
        guard pending > 0 else { return }
        while pending > 0 {
            let count = outgoing[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
                continue
            }
            switch Errno.last {
            case .interrupted: continue
            case .wouldBlock:
                // Cut in large steps, so that sending stays cheap.
                if sent > 1 << 20 {
                    outgoing.removeFirst(sent)
                    sent = 0
                }
                return updateInterest()
            // The other end is gone: reading tells it.
            default: isBroken = true
            }
            if isBroken { break }
        }
        outgoing.removeAll(keepingCapacity: outgoing.count < 1 << 20)
        sent = 0
        updateInterest()
        if !isBroken { drained() }
    }

    private enum Reading {
        case something
        case nothingYet
        case atEnd
    }

    /// Reads and hands over what the stream has, up to 64 KiB.
    private func readOnce() -> Reading {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &piece, piece.count)
        if count < 0, Errno.last == .wouldBlock || Errno.last == .interrupted { return .nothingYet }
        guard count > 0 else { return .atEnd }
        do {
            try lines.append(piece[..<count])
            while watch != nil, let line = lines.next() { try received(line) }
        } catch {
            end(error)
        }
        return .something
    }

    private func end(_ error: (any Error)?) {
        guard watch != nil else { return }
        cancel()
        ended(error)
    }
}
