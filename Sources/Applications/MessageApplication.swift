import EventLoop
import LinuxKernel
import Measurement

/// Messages at a steady rate in both directions of one TCP connection that stays open, as replication, a terminal session or telemetry have
/// them. The client is at the site.
///
/// A message is delivered when its last byte has been read. Where the connection ends, what was under way in it is lost, and the client
/// connects again after a second.
final class MessageApplication {
    /// One direction: written at one end, read at the other.
    private struct Direction {
        let direction: FlowDirection
        var stalls: StallDetector
        var due = 0
        var delivered = 0
        var lost = 0
        var unsent = 0
        var retransmissions = 0
        /// When the messages that are under way were due, in order; those before `first` have arrived.
        var underWay: [Int64] = []
        var first = 0
        /// Bytes of the message that is being read.
        var partial = 0
        var delays: [Int64] = []

        init(_ direction: FlowDirection, interval: Int64) {
            self.direction = direction
            stalls = StallDetector(interval: interval, start: MessageApplication.lead)
        }

        /// Whether a message that is due now can be written.
        mutating func isSent(dueAt time: Int64, by line: TCPLine?) -> Bool {
            due += 1
            guard let line, line.isUsable else {
                unsent += 1
                return false
            }
            underWay.append(time)
            return true
        }

        /// - Parameter size: a message's, in bytes.
        mutating func read(_ bytes: Int, size: Int, at time: Int64) {
            partial += bytes
            while partial >= size, first < underWay.count {
                partial -= size
                delays.append(time - underWay[first])
                first += 1
                delivered += 1
                stalls.delivered(at: time)
            }
            // Not at each message: an array's front moves.
            if first > 256, first * 2 > underWay.count {
                underWay.removeFirst(first)
                first = 0
            }
        }

        /// The connection has ended with whatever was under way.
        mutating func abandon() {
            lost += underWay.count - first
            underWay = []
            first = 0
            partial = 0
        }

        var result: ApplicationResult.MessageFlow {
            ApplicationResult.MessageFlow(
                direction: direction, due: due, delivered: delivered, lost: lost, unsent: unsent, retransmissions: retransmissions,
                stalls: stalls.stalls, delay: Distribution(delays))
        }
    }

    private let loop: EventLoop
    private let connection: Int
    private let rate: Double
    private let size: Int
    private let connect: () throws -> TCPSocket
    private var toGateway: Direction
    private var toSite: Direction
    private var breaks: [ApplicationResult.Break] = []
    private var client: TCPLine?
    private var server: TCPLine?
    private var attempt = 0
    private var start: Int64 = 0
    private var end: Int64 = 0
    private var next = 0
    private var sendTimer: EventLoop.Timer?
    private var connectTimer: EventLoop.Timer?
    private var isOver = false

    /// Before a client connects again.
    static let pause: Int64 = 1_000_000_000
    /// When the first message is due: the connection has time to come up.
    static let lead: Int64 = 1_000_000_000

    /// - Parameters:
    ///   - connection: which the greeting tells of.
    ///   - connect: makes the client's socket, which begins to connect.
    init(loop: EventLoop, connection: Int, rate: Double, size: Int, connect: @escaping () throws -> TCPSocket) {
        self.loop = loop
        self.connection = connection
        self.rate = rate
        self.size = size
        self.connect = connect
        let interval = Int64(1e9 / rate)
        toGateway = Direction(.toGateway, interval: interval)
        toSite = Direction(.toSite, interval: interval)
    }

    /// - Parameters:
    ///   - start: CLOCK_MONOTONIC, not passed yet.
    ///   - duration: how long messages are due, in nanoseconds.
    func begin(at start: Int64, for duration: Int64) {
        self.start = start
        end = start + duration
        open(at: start)
        scheduleNext()
    }

    /// The server's end of a connection whose client has said that it is this application's.
    func accept(_ socket: TCPSocket, attempt accepted: Int) {
        guard !isOver, accepted == attempt, client != nil else { return }
        dropServer()
        toSite.abandon()
        guard let line = try? TCPLine(socket, loop: loop, isConnected: true) else { return }
        // What comes of a connection that its client has given up belongs to nothing any more.
        line.received = { [unowned self] in
            if accepted == attempt, client != nil { toGateway.read($0, size: size, at: now) }
        }
        line.ended = { [unowned self] in serverEnded($0, attempt: accepted) }
        server = line
    }

    /// Nothing is sent or read any more.
    func finish() -> (messages: [ApplicationResult.MessageFlow], breaks: [ApplicationResult.Break]) {
        guard !isOver else { return ([], []) }
        isOver = true
        sendTimer.map(loop.cancel)
        connectTimer.map(loop.cancel)
        dropServer()
        dropClient()
        toGateway.stalls.finish(at: end - start)
        toSite.stalls.finish(at: end - start)
        return ([toGateway.result, toSite.result], breaks)
    }

    private var now: Int64 { loop.now - start }

    // MARK: - Sending

    private func scheduleNext() {
        let due = Self.lead + Int64(Double(next) * 1e9 / rate)
        guard start + due < end else { return }
        sendTimer = loop.timer(at: start + due) { [unowned self] in send(dueAt: due) }
    }

    private func send(dueAt time: Int64) {
        next += 1
        scheduleNext()
        // A write may find that the connection has ended, which changes the direction: nothing is held meanwhile.
        if toGateway.isSent(dueAt: time, by: client) { client?.write(size) }
        if toSite.isSent(dueAt: time, by: server) { server?.write(size) }
    }

    // MARK: - The connection

    private func open(at time: Int64) {
        connectTimer = loop.timer(at: time) { [unowned self] in open() }
    }

    private func open() {
        guard !isOver, client == nil, loop.now < end else { return }
        attempt += 1
        do {
            let line = try TCPLine(try connect(), loop: loop, isConnected: false)
            line.connected = { [unowned self, unowned line] in
                line.write(head: ApplicationGreeting(kind: .messages, connection: connection, attempt: attempt).bytes)
            }
            line.received = { [unowned self] in toSite.read($0, size: size, at: now) }
            line.ended = { [unowned self, unowned line] in clientEnded(line.isConnected ? $0 : "connecting: \($0)") }
            client = line
        } catch {
            breaks.record(connecting: error, at: now)
            open(at: loop.now + Self.pause)
        }
    }

    private func clientEnded(_ reason: String) {
        breaks.record(reason, at: now)
        dropClient()
        toGateway.abandon()
        toSite.abandon()
        open(at: loop.now + Self.pause)
    }

    /// The client finds out by itself, as it would elsewhere.
    private func serverEnded(_ reason: String, attempt ended: Int) {
        dropServer()
        guard ended == attempt, client != nil else { return }
        breaks.record("\(reason) at the server", at: now)
        toGateway.abandon()
        toSite.abandon()
    }

    private func dropClient() {
        toGateway.retransmissions += client?.retransmissions ?? 0
        client?.close()
        client = nil
    }

    private func dropServer() {
        toSite.retransmissions += server?.retransmissions ?? 0
        server?.close()
        server = nil
    }
}

extension [ApplicationResult.Break] {
    /// A connection was not even begun.
    mutating func record(connecting error: any Error, at time: Int64) {
        record("connecting: \((error as? SystemCallError)?.errno.name ?? "\(error)")", at: time)
    }

    /// One that goes on is told once, with how often.
    mutating func record(_ reason: String, at time: Int64) {
        if let last, last.reason == reason {
            self[count - 1].times += 1
        } else {
            append(ApplicationResult.Break(at: time, reason: reason))
        }
    }
}
