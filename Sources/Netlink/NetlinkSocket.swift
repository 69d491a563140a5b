import CMnl
import Glibc
import Synchronization

/// Asks the kernel, and waits for its answers.
///
/// A socket belongs to the network namespace of the thread that makes it, and is used from any thread after; each transaction is whole by
/// itself. A transaction costs two system calls: the kernel has answered when `send` returns.
public final class NetlinkSocket: Sendable {
    private struct State: ~Copyable {
        var endpoint: NetlinkEndpoint
        var sequence: UInt32 = 1
        let limits: BatchLimits

        mutating func takeSequences(_ count: Int) -> UInt32 {
            defer { sequence &+= UInt32(count) }
            return sequence
        }
    }

    private let state: Mutex<State>
    private let timeout: Duration

    /// How often a dump is begun anew when what is dumped changes meanwhile.
    private static let dumpAttempts = 8

    /// Opens a socket in the calling thread's network namespace.
    ///
    /// - Parameters:
    ///   - receiveBufferSize: room for the answers to a batch, in bytes. The kernel takes it only as they come.
    ///   - checksStrictly: has rtnetlink check the headers of dump requests, and filter by them (`NETLINK_GET_STRICT_CHK`).
    ///   - timeout: how long an answer may take.
    public init(
        _ netlinkProtocol: NetlinkProtocol, receiveBufferSize: Int = 1 << 20, checksStrictly: Bool = false, timeout: Duration = .seconds(10)
    ) throws(NetlinkError) {
        let endpoint = try NetlinkEndpoint(netlinkProtocol, receiveBufferSize: receiveBufferSize)
        if checksStrictly { try endpoint.checkStrictly() }
        let limits = BatchLimits(sendBuffer: endpoint.bufferSize(SO_SNDBUF), receiveBuffer: endpoint.bufferSize(SO_RCVBUF))
        state = Mutex(State(endpoint: endpoint, limits: limits))
        self.timeout = timeout
    }

    // MARK: - Verbs

    /// Sends a request and waits until the kernel has acknowledged it.
    ///
    /// - Parameters:
    ///   - operation: what the request does, for an error's text.
    ///   - object: what it is about; only worked out when there is an error.
    /// - Returns: the messages that came before the acknowledgement: what a GET asked for, nothing for most other requests.
    /// - Throws: `refused` with the kernel's reason, and whatever can go wrong with a socket.
    @discardableResult
    public func transact(
        _ message: NetlinkMessage, _ operation: String = "", _ object: @autoclosure () -> String = ""
    ) throws(NetlinkError) -> [IncomingMessage] {
        do {
            return try state.withLock { state throws(NetlinkError) in
                let answers = try send(message, [.request, .acknowledge], &state)
                if let refusal = answers.refusals.first { throw refusal.error }
                return answers.messages
            }
        } catch {
            throw error.during(operation, object())
        }
    }

    /// Reads a list.
    ///
    /// Begins anew when the list changes while it is read, so that the result is of one moment.
    ///
    /// - Throws: `inconsistentDump` when it changes every time; otherwise as ``transact(_:_:_:)``.
    public func dump(
        _ message: NetlinkMessage, _ operation: String = "dump", _ object: @autoclosure () -> String = ""
    ) throws(NetlinkError) -> [IncomingMessage] {
        do {
            return try state.withLock { state throws(NetlinkError) in
                for _ in 0..<Self.dumpAttempts {
                    let answers = try send(message, [.request, .dump], &state)
                    if let refusal = answers.refusals.first { throw refusal.error }
                    if !answers.isInterrupted { return answers.messages }
                }
                throw NetlinkError(.inconsistentDump(attempts: Self.dumpAttempts))
            }
        } catch {
            throw error.during(operation, object())
        }
    }

    /// Sends a batch and waits until the kernel is done with all of it.
    ///
    /// - Returns: the requests that were refused, in order; empty when all were carried out.
    /// - Throws: when it is not known any more which requests were carried out: the socket failed, answers were lost or late.
    public func transact(_ batch: inout NetlinkBatch, _ operation: String = "") throws(NetlinkError) -> [BatchFailure] {
        do {
            return try state.withLock { state throws(NetlinkError) in
                var failures: [BatchFailure] = []
                var offset = 0
                var index = 0
                while let chunk = batch.prepareChunk(
                    at: offset, maximumBytes: state.limits.bytes, maximumCount: state.limits.count, firstSequence: state.sequence)
                {
                    _ = state.takeSequences(chunk.count)
                    let error = batch.bytes.withUnsafeBytes { bytes in
                        caught { () throws(NetlinkError) in
                            try state.endpoint.send(UnsafeRawBufferPointer(rebasing: bytes[chunk.bytes]))
                        }
                    }
                    if let error { throw error }
                    let answers = try answers(to: chunk.firstSequence, count: chunk.count, endsWithDone: false, &state)
                    for refusal in answers.refusals {
                        let error = refusal.error.locating(in: batch.bytes(at: index + refusal.index))
                        failures.append(BatchFailure(index: index + refusal.index, error: error.during(operation, "")))
                    }
                    offset = chunk.bytes.upperBound
                    index += chunk.count
                }
                return failures
            }
        } catch {
            throw error.during(operation, "batch")
        }
    }

    // MARK: - The transaction

    private struct Answers {
        var messages: [IncomingMessage] = []
        /// By the request's place in its datagram.
        var refusals: [(index: Int, error: NetlinkError)] = []
        var isInterrupted = false
    }

    private func send(_ message: NetlinkMessage, _ flags: MessageFlags, _ state: inout State) throws(NetlinkError) -> Answers {
        let sequence = state.takeSequences(1)
        var header = message.header
        header.nlmsg_flags |= flags.rawValue
        header.nlmsg_seq = sequence
        // Some replies carry this rather than the address that the kernel knows (`xfrm_get_ae`).
        header.nlmsg_pid = state.endpoint.portID
        let error = message.bytes.withUnsafeBytes { bytes in
            caught { () throws(NetlinkError) in
                try state.endpoint.send(
                    header, UnsafeRawBufferPointer(rebasing: bytes[MessageEncoder.headerLength..<Int(header.nlmsg_len)]))
            }
        }
        if let error { throw error }
        var answers = try answers(to: sequence, count: 1, endsWithDone: flags.contains(.dump), &state)
        for index in answers.refusals.indices { answers.refusals[index].error = answers.refusals[index].error.locating(in: message.bytes) }
        return answers
    }

    /// Reads until the last request of a datagram is answered: by the end of its dump, by its acknowledgement, or by a refusal.
    private func answers(to first: UInt32, count: Int, endsWithDone: Bool, _ state: inout State) throws(NetlinkError) -> Answers {
        let deadline = ContinuousClock.now + timeout
        var answers = Answers()
        while true {
            guard let messages = try state.endpoint.receive() else {
                guard try state.endpoint.wait(until: deadline) else { throw NetlinkError(.timedOut(timeout)) }
                continue
            }
            for message in messages {
                // Not ours: a late answer to a transaction that was given up.
                guard message.portID == state.endpoint.portID, message.sequence &- first < UInt32(count) else { continue }
                let index = Int(message.sequence &- first)
                if message.flags.contains(.dumpInterrupted) { answers.isInterrupted = true }
                switch message.type {
                case .noOperation: continue
                case .overrun: throw NetlinkError(.overrun)
                case .error:
                    if let refusal = try ExtendedAcknowledgement.refusal(in: message) {
                        answers.refusals.append((index, NetlinkError(.refused(refusal))))
                    }
                    if index == count - 1 { return answers }
                case .done:
                    if let refusal = try ExtendedAcknowledgement.refusal(in: message) {
                        answers.refusals.append((index, NetlinkError(.refused(refusal))))
                    }
                    if endsWithDone { return answers }
                default: answers.messages.append(message)
                }
            }
        }
    }
}

/// How much of a batch goes into one datagram.
struct BatchLimits: Hashable {
    /// Bytes of requests.
    let bytes: Int
    /// Requests, so that even if all are refused the answers fit the receive buffer.
    let count: Int

    /// Measured in the kernel's accounting: a refusal with its text takes a buffer of up to 1,280 bytes (`netlink_ack`).
    private static let bytesPerAnswer = 2_048
    /// The kernel's send buffer counts its own bookkeeping too (`netlink_sendmsg` takes 32 bytes off).
    private static let sendReserve = 32
    /// Larger datagrams save nothing that could be measured, and need memory in one piece.
    private static let maximumBytes = 128 << 10

    init(sendBuffer: Int, receiveBuffer: Int) {
        bytes = max(min(sendBuffer - Self.sendReserve, Self.maximumBytes), MessageEncoder.headerLength)
        count = max(receiveBuffer / Self.bytesPerAnswer, 1)
    }
}

/// Carries a typed error over a closure whose function has no typed throws.
private func caught(_ body: () throws(NetlinkError) -> Void) -> NetlinkError? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}
