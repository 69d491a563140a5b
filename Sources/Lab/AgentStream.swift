import AgentProtocol
import EventLoop
import Glibc
import LinuxKernel

/// The agent's end of the protocol: requests in, messages out, over any descriptors.
public final class AgentStream {
    private let output: Int32
    private let input: Int32?
    private let loop: EventLoop
    private var lines = LineBuffer()
    private var watch: EventLoop.Watch?

    /// - Parameters:
    ///   - output: where messages go. Written in full, waiting where it must: the controller drains it promptly.
    ///   - input: where requests come from, if any come beyond those that are known from the start.
    public init(loop: EventLoop, output: Int32, input: Int32?) {
        self.loop = loop
        self.output = output
        self.input = input
    }

    /// Nobody reads any more (EPIPE), or the message cannot be encoded.
    public func send(_ message: AgentMessage) throws {
        let line = try JSONLines.encode(message)
        var written = 0
        while written < line.count {
            // A virtio port takes 32 KiB at a time; a socket what fits.
            let count = line[written...].withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
            if count > 0 {
                written += count
                continue
            }
            switch Errno.last {
            case .interrupted: continue
            case .wouldBlock:
                var poll = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
                Glibc.poll(&poll, 1, -1)
            case let error: throw SystemCallError("write", "the stream to the controller", error)
            }
        }
    }

    /// Hands over each request as it comes.
    ///
    /// - Parameter ended: called once, when the controller has closed its end or sent what is not a request.
    public func receive(_ request: @escaping (AgentRequest) -> Void, ended: @escaping ((any Error)?) -> Void) throws {
        guard let input else { return }
        var piece = [UInt8](repeating: 0, count: 65_536)
        watch = try loop.watch(input) { [unowned self] _ in
            let count = piece.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
            if count < 0, Errno.last == .interrupted || Errno.last == .wouldBlock { return }
            do {
                guard count > 0 else { return end(nil, ended) }
                try lines.append(piece[..<count])
                while let line = lines.next() { request(try JSONLines.decode(AgentRequest.self, from: line)) }
            } catch {
                end(error, ended)
            }
        }
    }

    private func end(_ error: (any Error)?, _ ended: (((any Error)?) -> Void)) {
        watch.map(loop.cancel)
        watch = nil
        ended(error)
    }
}
