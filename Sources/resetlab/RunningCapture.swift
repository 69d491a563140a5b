import AgentProtocol
import Capture
import EventLoop
import Glibc
import LabKeeper
import LinuxKernel

/// A capture under way: packets into a file, and the keys of the SAs that they go by into another.
final class RunningCapture {
    private let lab: LabClient
    private let loop: EventLoop
    private let request: CaptureRequest
    private let output: Int32
    private let keys: KeyFile?
    private let limit: Int?
    private let duration: Duration?
    private var writer: PcapngWriter
    private var keyFile = ESPKeyFile()
    private var capture = 0
    private var keyRequest: Int?
    private var isStopping = false
    private var isEnded = false
    /// Whoever reads the output has gone, as of `-w - | head`.
    private var isReaderGone = false
    private var failure: (any Error)?

    /// How often SAs are looked for: an SA lives for minutes, except while gateways are reset all the time.
    private static let keyInterval = Duration.seconds(2)

    init(
        _ lab: LabClient, _ request: CaptureRequest, output: Int32, keys: KeyFile?, limit: Int?, duration: Duration?
    ) throws {
        self.lab = lab
        self.request = request
        self.output = output
        self.keys = keys
        self.limit = limit
        self.duration = duration
        loop = try EventLoop()
        writer = PcapngWriter(
            node: lab.description.plan.nodes[request.node].name, snapLength: request.snapLength, application: "resetlab \(resetlabVersion)")
    }

    /// As tcpdump says it.
    var summary: String { "\(writer.packetCount) packets captured, \(writer.dropped) dropped by the kernel" }

    /// Captures until a signal, the limit, or until whoever reads the output has gone. The file is complete when this returns.
    func run() throws {
        let signals = try SignalWatch([SIGINT, SIGTERM, SIGHUP])
        defer { signals.restore() }
        signal(SIGPIPE, SIG_IGN)
        let watches = [
            try loop.watch(signals.fileDescriptor) { [unowned self] _ in
                while signals.next() != nil { stop() }
            },
            try loop.watch(lab.fileDescriptor, for: [.readable, .hungUp]) { [unowned self] _ in receive() },
        ]
        defer { for watch in watches { loop.cancel(watch) } }
        write(writer.begin())
        if keys != nil { askForKeys() }
        attempt { capture = try lab.request(.capture(request)) }
        if let duration { loop.timer(after: duration) { [unowned self] in stop() } }
        if !isOver { try loop.run() }
        if let refusal = failure as? AgentMessage.Failure { throw refusal }
        // What has been captured is complete, whatever has happened to the lab.
        write(writer.end(at: SystemClock.realtime.nanoseconds))
        if let failure { throw failure }
    }

    /// Nothing more is to come: the capture's last packets, and the keys of SAs that they may have gone by.
    private var isOver: Bool { failure != nil || isEnded && keyRequest == nil }

    private func stop() {
        guard !isStopping else { return }
        isStopping = true
        attempt { _ = try lab.request(.stop(request: capture)) }
        if keys != nil, keyRequest == nil { askForKeys() }
    }

    private func askForKeys() { attempt { keyRequest = try lab.request(.associations(withKeys: true)) } }

    private func receive() {
        attempt {
            for message in try lab.receive() {
                switch message {
                case .captured(capture, let captured): try take(captured)
                case .answer(capture, .failed(let refusal)): throw refusal
                case .answer(capture, _): isEnded = true
                case .answer(let id, let answer) where id == keyRequest: try take(answer)
                default: break
                }
            }
        }
        if isOver { loop.stop() }
    }

    private func take(_ captured: CapturedPackets) throws {
        let bytes = captured.packets.reduce(0) { $0 + $1.bytes.bytes.count }
        var captured = captured
        if let limit { captured.packets = Array(captured.packets.prefix(max(0, limit - Int(writer.packetCount)))) }
        write(writer.blocks(captured))
        if bytes > 0 { _ = try lab.request(.input(execution: capture, .taken(bytes))) }
        if let limit, writer.packetCount >= limit { stop() }
    }

    private func take(_ answer: AgentMessage.Answer) throws {
        keyRequest = nil
        if case .failed(let refusal) = answer { throw refusal }
        guard case .associations(let associations) = answer, let keys else { return }
        // The file is there from the start, though no tunnel may be up.
        let isFirst = keyFile.isEmpty
        if keyFile.add(associations) || isFirst { try keys.write(keyFile.text) }
        guard !isStopping else { return }
        loop.timer(after: Self.keyInterval) { [unowned self] in
            if !isStopping, keyRequest == nil { askForKeys() }
        }
    }

    private func write(_ bytes: [UInt8]) {
        guard failure == nil, !bytes.isEmpty, !isReaderGone else { return }
        guard !writeAll(bytes, to: output) else { return }
        let error = Errno.last
        if error.code == EPIPE {
            isReaderGone = true
            stop()
        } else {
            failure = CommandFailure(.failed, "the capture cannot be written: \(error.message)")
            loop.stop()
        }
    }

    private func attempt(_ body: () throws -> Void) {
        do { try body() } catch {
            if failure == nil { failure = error }
            loop.stop()
        }
    }
}
