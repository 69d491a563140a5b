import AgentProtocol
import AgentSession
import EventLoop
import LinuxKernel

/// A client of a lab, as its keeper sees it.
final class KeptClient {
    private let descriptor: FileDescriptor
    let stream: LineStream
    /// Requests that events and health are followed for.
    var followsEvents: [Int] = []
    var followsHealth: [Int] = []

    /// Of what it has not read: captured packets of a client that has been stopped must not fill the memory.
    static let largestBacklog = 64 << 20

    init(_ descriptor: consuming FileDescriptor, loop: EventLoop) {
        stream = LineStream(descriptor: descriptor.rawValue, loop: loop)
        self.descriptor = descriptor
    }

    /// - Returns: false when the client reads too little of what it is sent.
    func send(_ message: KeeperMessage) throws -> Bool {
        stream.send(try JSONLines.encode(message))
        return stream.pending <= Self.largestBacklog
    }
}
