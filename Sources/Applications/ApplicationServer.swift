import Addressing
import EventLoop
import LinuxKernel

/// Accepts the clients of all connections at one address, and hands each to its application once it has said which it is.
final class ApplicationServer {
    private struct Guest {
        var socket: TCPSocket
        var watch: EventLoop.Watch
        var received: [UInt8] = []
    }

    private let loop: EventLoop
    private let listener: TCPSocket
    private let welcome: (ApplicationGreeting, TCPSocket) -> Void
    private var watch: EventLoop.Watch?
    /// Those that have not said who they are, by descriptor.
    private var guests: [Int32: Guest] = [:]

    /// - Parameter welcome: takes a client's socket from here on.
    init(loop: EventLoop, listener: TCPSocket, welcome: @escaping (ApplicationGreeting, TCPSocket) -> Void) throws {
        self.loop = loop
        self.listener = listener
        self.welcome = welcome
        watch = try loop.watch(listener.fileDescriptor) { [unowned self] _ in acceptAll() }
    }

    func end() {
        watch.map(loop.cancel)
        for guest in guests.values { loop.cancel(guest.watch) }
        guests = [:]
    }

    private func acceptAll() {
        while let socket = listener.accept() {
            let descriptor = socket.fileDescriptor
            guard let watch = try? loop.watch(descriptor, handler: { [unowned self] _ in listen(to: descriptor) }) else { continue }
            guests[descriptor] = Guest(socket: socket, watch: watch)
        }
    }

    private func listen(to descriptor: Int32) {
        guard var guest = guests[descriptor] else { return }
        var bytes = [UInt8](repeating: 0, count: ApplicationGreeting.length - guest.received.count)
        switch bytes.withUnsafeMutableBytes({ guest.socket.read(into: $0) }) {
        case .later: return
        case .ended, .failed: dismiss(guest)
        case .bytes(let count):
            guest.received += bytes[..<count]
            guard guest.received.count == ApplicationGreeting.length else {
                guests[descriptor] = guest
                return
            }
            dismiss(guest)
            if let greeting = ApplicationGreeting(guest.received) { welcome(greeting, guest.socket) }
        }
    }

    private func dismiss(_ guest: Guest) {
        loop.cancel(guest.watch)
        guests[guest.socket.fileDescriptor] = nil
    }
}
