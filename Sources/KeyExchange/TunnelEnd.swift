import Addressing
import LabPlan

/// One end of one tunnel, for its whole life: it begins or answers key exchanges, finds out that its peer is dead, rekeys, resets.
///
///               start                       IKE_AUTH answered, or answer sent
///     idle ───────────> waiting ─> negotiating ───────────────────────────────> up ─┐ rekeying
///       ^                  ^   pause    │ refused                               │ ^─┘
///       │                  └────────────┴──────────────────────────────────────-┘
///       └── forget, close, from anywhere      reset, DELETE, dead peer, expired
///
/// It has neither clock nor sockets nor kernel: inputs in, outputs out. It is a plain value; a copy goes on where the original was (state
/// synchronisation), see `TunnelInput.resumed`. Messages are as in `Initiator`: IKEv2's own, unencrypted.
///
/// **Who begins.** With mode Default both ends may, and at once. The end with the smaller address then gives way: it abandons its own exchange
/// for the peer's as long as its own is unanswered. The other one goes on with its own, but answers the peer's all the same, since the peer
/// may be one that never gives way (InitiatorOnly): whichever exchange its peer carries on first is the one. From the answer to its own
/// IKE_SA_INIT on it takes no IKE_AUTH of an exchange that it had answered before. So one end alone decides, and both end with the same SAs.
/// (RFC 7296 §2.8 resolves simultaneous rekeying by the nonces instead, and closes the redundant SA; it leaves simultaneous IKE_SA_INITs,
/// which give two IKE SAs, to the ends.)
///
/// **When both are up.** Once no message is under way and no timer but `liveness` runs, both ends are up with the same SAs, or neither is,
/// unless one of them has lost its state on its own: by `forget`, by a `reset` or an expiry whose one DELETE was lost, or for having found
/// its peer dead. What is left then is the other end's to find out, by dead peer detection or by an expiry.
///
/// Ignored, never answered: what is malformed, comes from another address, or names an IKE SA that this end does not know. A real end may tell
/// the sender of the latter so (INVALID_IKE_SPI, RFC 7296 §2.21.4), who may not believe it, as it is not protected; charon keeps silent.
public struct TunnelEnd: Sendable {
    public struct Settings: Sendable, Equatable {
        public var mode: ConnectionPlan.Mode
        /// nil: this end never asks for a sign of life.
        public var deadPeerDetection: ConnectionPlan.DeadPeerDetection?
        public var retransmission: TimingPlan.Retransmission
        /// How long an end of mode Default leaves its peer the first word before it begins by itself.
        public var yield: Duration
        /// The pause before an exchange that the peer refused is begun again. One without an answer is begun again at once.
        public var retryPause: Duration
        /// How long a replaced inbound SA is kept for packets under way (strongSwan's `delete_rekeyed_delay`).
        public var keepReplaced: Duration

        public init(
            mode: ConnectionPlan.Mode, deadPeerDetection: ConnectionPlan.DeadPeerDetection?, retransmission: TimingPlan.Retransmission,
            yield: Duration, retryPause: Duration = .seconds(30), keepReplaced: Duration = .seconds(5)
        ) {
            self.mode = mode
            self.deadPeerDetection = deadPeerDetection
            self.retransmission = retransmission
            self.yield = yield
            self.retryPause = retryPause
            self.keepReplaced = keepReplaced
        }
    }

    public enum State: Sendable, Equatable {
        /// Not started, or forgotten.
        case idle
        /// For the peer, for traffic or for a pause to end.
        case waiting
        /// This end has begun an exchange or waits for its turn to, or the peer has begun one and is not done with it.
        case negotiating
        /// With the pair on which this end sends.
        case up(NegotiatedChild)
    }

    public let connection: ConnectionEnd
    public let settings: Settings
    /// Whether an exchange of this end's may begin. Whoever bounds how many go forward at once sets it before each input; an end that
    /// would begin without it waits for `TunnelInput.admitted`. What the peer begins is answered all the same.
    public var isAdmitted = true
    /// Why the last exchange or rekeying ended without keys; nil once one has succeeded.
    public internal(set) var lastFailure: KeyExchangeFailure?

    // What follows is for this type's extensions alone, which are in files of their own.

    var isStarted = false
    /// What makes this end begin while it is down.
    var awaited = Awaited.turn
    /// The exchange that this end has begun.
    var initiator: Initiator?
    var initiatorTimer: RetransmissionTimer?
    /// Exchanges that the peer has begun and not completed, and refused ones; the oldest first.
    var answering: [AnsweringExchange] = []
    var session: IKESession?
    var timers: [TunnelTimer.Purpose: PendingTimer] = [:]
    var timersStarted = 0
    /// What the SAs had opened at the last look for a sign of life.
    var lastOpened: UInt64 = 0
    /// Of the input that is being handled.
    var outputs: [TunnelOutput] = []

    enum Awaited: Sendable {
        /// Nothing but its turn: the end of a pause.
        case turn
        case traffic
        /// Too many exchanges of others: `TunnelInput.admitted`.
        case admission
        /// The peer has to.
        case peer
    }

    struct PendingTimer: Sendable {
        let timer: TunnelTimer
        let duration: Duration
    }

    /// How many exchanges of the peer are kept: memory stays bounded whoever sends what.
    static let exchangesKept = 8
    /// How long a peer that has begun may take before this end begins by itself: charon's `half_open_timeout`.
    static let halfOpenTime = Duration.seconds(30)
    /// The pause before a refused rekeying is begun again.
    static let rekeyPause = Duration.seconds(10)

    public init(connection: ConnectionEnd, settings: Settings) {
        self.connection = connection
        self.settings = settings
    }

    public var state: State {
        if !isStarted { return .idle }
        if let session { return .up(session.current) }
        return initiator != nil || isPending(.halfOpen) || isAwaitingAdmission ? .negotiating : .waiting
    }

    /// Whether an exchange goes forward here, whichever end began it. One whose request had to be repeated does not: a peer that is away takes
    /// nobody's turn.
    public var isExchanging: Bool { initiator.map { !$0.isRepeating } ?? false || isPending(.halfOpen) }

    /// Whether this end would begin if it were admitted.
    public var isAwaitingAdmission: Bool { awaited == .admission && isDown && !isPending(.halfOpen) }

    public mutating func handle(_ input: TunnelInput, random: inout some RandomSource) -> [TunnelOutput] {
        switch input {
        case .start:
            guard !isStarted else { break }
            isStarted = true
            beginOrWait(&random)
        case .forget: forget()
        case .reset: reset(&random)
        case .close:
            sendDeletionOfSession()
            dropSession()
            forget()
        case .datagram(let bytes, let source): receive(bytes, from: source, &random)
        case .timerFired(let timer): fired(timer, &random)
        case .livenessDue(let timer, let opened): lookForLife(timer, opened: opened, &random)
        case .admitted:
            if isAwaitingAdmission { begin(&random) }
        case .trafficWaiting:
            if awaited == .traffic, isDown, !isPending(.halfOpen) { begin(&random) }
        case .expiring(let spi): expiring(spi, &random)
        case .expired(let spi): expired(spi, &random)
        case .resumed:
            outputs += timersInOrder.map { .startTimer($0.timer, after: $0.duration) }
        }
        defer { outputs = [] }
        return outputs
    }

    /// Started, and neither up nor trying by itself.
    var isDown: Bool { isStarted && session == nil && initiator == nil }

    private mutating func receive(_ datagram: [UInt8], from source: IPAddress, _ random: inout some RandomSource) {
        guard isStarted, source == connection.remoteAddress, let message = try? IKEMessage(decoding: datagram) else { return }
        switch (message.header.exchange, message.header.isResponse) {
        case (.saInit, true), (.auth, true): receiveAnswer(message, datagram, &random)
        case (.saInit, false): answerInit(message, datagram, &random)
        case (.auth, false): answerAuth(message, datagram)
        case (.createChildSA, let isResponse), (.informational, let isResponse):
            if !isResponse, initiator?.isAuthenticating(by: message.header) == true { receiveEarlyRequest(message, &random) }
            guard session?.isNamed(by: message.header) == true else { return }
            if isResponse { receiveResponse(message, &random) } else { receiveRequest(message, datagram, &random) }
        }
    }

    private mutating func fired(_ timer: TunnelTimer, _ random: inout some RandomSource) {
        guard timer.purpose != .liveness, takeTimer(timer) != nil else { return }
        switch timer.purpose {
        case .yield, .retry, .halfOpen:
            if awaited == .turn || awaited == .admission, isDown { begin(&random) }
        case .retransmission:
            if session != nil { repeatRequest(&random) } else { repeatOfExchange(&random) }
        case .rekeyRetry:
            if let spi = session?.current.inbound.spi { rekey(spi, &random) }
        case .keepReplaced(let spi): removePair(spi)
        case .liveness: break
        }
    }

    private mutating func forget() {
        isStarted = false
        awaited = .turn
        initiator = nil
        answering = []
        session = nil
        for pending in timersInOrder { cancel(pending.timer.purpose) }
    }

    private mutating func reset(_ random: inout some RandomSource) {
        guard isStarted else { return }
        sendDeletionOfSession()
        dropSession()
        abandonExchange()
        forgetAnswering()
        cancel(.yield)
        cancel(.retry)
        beginOrWait(&random)
    }
}

// MARK: - Timers

extension TunnelEnd {
    mutating func start(_ purpose: TunnelTimer.Purpose, after duration: Duration) {
        cancel(purpose)
        timersStarted += 1
        let timer = TunnelTimer(purpose: purpose, generation: timersStarted)
        timers[purpose] = PendingTimer(timer: timer, duration: duration)
        outputs.append(.startTimer(timer, after: duration))
    }

    mutating func cancel(_ purpose: TunnelTimer.Purpose) {
        guard let pending = timers.removeValue(forKey: purpose) else { return }
        outputs.append(.cancelTimer(pending.timer))
    }

    /// - Returns: how long the timer ran; nil when it is an earlier one's late end.
    mutating func takeTimer(_ timer: TunnelTimer) -> Duration? {
        guard let pending = timers[timer.purpose], pending.timer == timer else { return nil }
        timers[timer.purpose] = nil
        return pending.duration
    }

    func isPending(_ purpose: TunnelTimer.Purpose) -> Bool { timers[purpose] != nil }

    /// As they were started: a dictionary's own order differs from run to run.
    var timersInOrder: [PendingTimer] { timers.values.sorted { $0.timer.generation < $1.timer.generation } }
}
