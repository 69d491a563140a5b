import EventLoop
import LinuxKernel
import Measurement

/// Requests at a steady rate from the site to a server behind the gateway, over one TCP connection: the next one is sent when the one before
/// was answered or given up, as by a client with one connection.
///
///     due ──(waits for its turn)── sent ────── answered
///      └── timeout: given up        └── timeout: given up, and the connection with it
///
/// Patience begins anew when a request is sent: with what waiting had left of it, hardly any of those that an outage held back would be answered,
/// each would take its connection with it, and a client on a long line would never come back.
///
/// Latency counts from when a request was due, not from when it could be sent: otherwise those that an outage holds back would not show it.
final class RequestApplication {
    struct Settings {
        var rate: Double
        var requestSize: Int
        var answerSize: Int
        var timeout: Int64
    }

    private let loop: EventLoop
    private let connection: Int
    private let settings: Settings
    private let connect: () throws -> TCPSocket
    private var client: TCPLine?
    private var server: TCPLine?
    private var attempt = 0
    private var start: Int64 = 0
    private var end: Int64 = 0
    /// The first request that was neither answered nor given up.
    private var head = 0
    /// When that one was sent; nil while it waits for its turn.
    private var sentAt: Int64?
    /// Of the answer that is being read, and of the request that the server is reading.
    private var answerBytes = 0
    private var requestBytes = 0
    private var timer: EventLoop.Timer?
    /// No new connection before this; and when the one that is being made is given up.
    private var connectNotBefore: Int64 = 0
    private var connectDeadline: Int64 = 0
    private var isOver = false

    /// Of each answered request when it was due, and how long it took.
    private var answers: [(due: Int64, latency: Int64)] = []
    private var failed = 0
    private var retransmissions = 0
    private var breaks: [ApplicationResult.Break] = []
    private var stalls: StallDetector

    init(loop: EventLoop, connection: Int, settings: Settings, connect: @escaping () throws -> TCPSocket) {
        self.loop = loop
        self.connection = connection
        self.settings = settings
        self.connect = connect
        stalls = StallDetector(interval: Int64(1e9 / settings.rate))
    }

    /// - Parameters:
    ///   - start: CLOCK_MONOTONIC, not passed yet.
    ///   - duration: how long requests are due, in nanoseconds.
    func begin(at start: Int64, for duration: Int64) {
        self.start = start
        end = start + duration
        wake(at: start)
    }

    /// The server's end of a connection whose client has said that it is this application's.
    func accept(_ socket: TCPSocket, attempt accepted: Int) {
        guard !isOver, accepted == attempt, client != nil else { return }
        dropServer()
        requestBytes = 0
        guard let line = try? TCPLine(socket, loop: loop, isConnected: true) else { return }
        line.received = { [unowned self, unowned line] in serve($0, on: line) }
        line.ended = { [unowned self] _ in dropServer() }
        server = line
    }

    /// - Parameter disruption: when something was disrupted first, in nanoseconds since the start; nil for never.
    func finish(disruption: Int64?) -> ApplicationResult.Requests {
        isOver = true
        timer.map(loop.cancel)
        dropServer()
        dropClient()
        stalls.finish(at: end - start)
        let all = Int((Double(end - start) * settings.rate / 1e9).rounded(.up))
        let limit = disruption ?? .max
        return ApplicationResult.Requests(
            answered: answers.count, failed: failed, open: max(0, all - answers.count - failed), retransmissions: retransmissions,
            breaks: breaks, stalls: stalls.stalls, before: Distribution(answers.filter { $0.due < limit }.map(\.latency)),
            after: Distribution(answers.filter { $0.due >= limit }.map(\.latency)))
    }

    /// When a request is due, from the start.
    private func due(_ sequence: Int) -> Int64 { Int64(Double(sequence) * 1e9 / settings.rate) }

    /// When the first one is given up, from the start.
    private var deadline: Int64 { (sentAt ?? due(head)) + settings.timeout }

    private func wake(at time: Int64) {
        timer.map(loop.cancel)
        timer = loop.timer(at: time) { [unowned self] in proceed() }
    }

    /// Does what is to be done now, and waits for what is next.
    private func proceed() {
        guard !isOver else { return }
        let now = loop.now - start
        while start + due(head) < end, deadline <= now { giveUp() }
        guard start + due(head) < end else { return }
        guard due(head) <= now else { return wake(at: start + due(head)) }
        if let client, !client.isUsable, loop.now >= connectDeadline {
            breaks.record("connecting: given up", at: now)
            dropClient()
        }
        if client == nil { open() }
        if let client, client.isUsable, sentAt == nil {
            sentAt = now
            answerBytes = 0
            client.write(settings.requestSize)
        }
        var next = start + deadline
        if client == nil {
            next = min(next, max(connectNotBefore, loop.now + 1))
        } else if client?.isUsable == false {
            next = min(next, connectDeadline)
        }
        wake(at: next)
    }

    private func giveUp() {
        failed += 1
        head += 1
        // An answer that comes late must not be taken for the next one's: the connection goes with the request.
        guard sentAt != nil else { return }
        breaks.record("given up", at: loop.now - start)
        dropClient()
    }

    private func received(_ bytes: Int) {
        answerBytes += bytes
        guard sentAt != nil, answerBytes >= settings.answerSize else { return }
        let now = loop.now - start
        answers.append((due(head), now - due(head)))
        stalls.delivered(at: now)
        head += 1
        sentAt = nil
        proceed()
    }

    private func serve(_ bytes: Int, on line: TCPLine) {
        requestBytes += bytes
        while requestBytes >= settings.requestSize {
            requestBytes -= settings.requestSize
            line.write(settings.answerSize)
        }
    }

    // MARK: - The connection

    private func open() {
        guard loop.now >= connectNotBefore else { return }
        attempt += 1
        connectDeadline = loop.now + settings.timeout
        do {
            let line = try TCPLine(try connect(), loop: loop, isConnected: false)
            line.connected = { [unowned self, unowned line] in
                line.write(head: ApplicationGreeting(kind: .requests, connection: connection, attempt: attempt).bytes)
                proceed()
            }
            line.received = { [unowned self] in received($0) }
            line.ended = { [unowned self, unowned line] in clientEnded(line.isConnected ? $0 : "connecting: \($0)") }
            client = line
        } catch {
            breaks.record(connecting: error, at: loop.now - start)
            connectNotBefore = loop.now + MessageApplication.pause
        }
    }

    /// The request is sent again with the next connection, until its time is up.
    private func clientEnded(_ reason: String) {
        breaks.record(reason, at: loop.now - start)
        dropClient()
        connectNotBefore = loop.now + MessageApplication.pause
        proceed()
    }

    private func dropClient() {
        retransmissions += client?.retransmissions ?? 0
        client?.close()
        client = nil
        sentAt = nil
    }

    private func dropServer() {
        retransmissions += server?.retransmissions ?? 0
        server?.close()
        server = nil
    }
}
