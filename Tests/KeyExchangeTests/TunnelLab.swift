import Addressing
import LabPlan

@testable import KeyExchange

/// Both ends of a tunnel, the wire between them, their kernels' SAs and a clock, all in memory.
struct TunnelLab {
    enum Side: Int, CaseIterable, Sendable {
        case site, gateway

        var peer: Side { self == .site ? .gateway : .site }
    }

    /// What becomes of a datagram: how long each of its copies is under way. None: it is lost.
    typealias Fate = @Sendable (_ sender: Side, _ message: IKEMessage, _ random: inout SeededRandom) -> [Duration]

    /// A kernel's SAs of the tunnel.
    struct Kernel {
        var inbound: [ChildSPI: DirectionKeys] = [:]
        /// The newest last: the one that is used.
        var outbound: [(spi: ChildSPI, keys: DirectionKeys)] = []
        var opened: UInt64 = 0
    }

    struct Logged: Equatable {
        var time: Duration
        var side: Side
        var event: TunnelEvent
    }

    fileprivate enum Happening {
        case datagram(Side, [UInt8])
        case packet(Side, ChildSPI, DirectionKeys)
        case timer(Side, TunnelTimer)
        case script(@Sendable (inout TunnelLab) -> Void)
    }

    private(set) var ends: [TunnelEnd]
    var kernels = [Kernel(), Kernel()]
    var random: SeededRandom
    private(set) var now = Duration.zero
    /// The next one last.
    private var queue: [(time: Duration, what: Happening)] = []
    var fate: Fate
    var latency = Duration.milliseconds(10)

    private(set) var log: [Logged] = []
    private(set) var sent: [(time: Duration, side: Side, message: IKEMessage, bytes: [UInt8])] = []
    /// Data packets, by sender.
    private(set) var packetsSent = [0, 0]
    private(set) var packetsWithoutSA = [0, 0]
    private(set) var packetsLost = [0, 0]
    /// The sides whose exchanges have no room at the moment.
    var withoutRoom: Set<Side> = []
    /// Broken promises of an end to its driver.
    private(set) var faults: [String] = []
    /// Whether an end must not remove what its kernel does not have.
    var isRemovalStrict = true

    init(
        site: ConnectionEnd = .site(), gateway: ConnectionEnd = .gateway(), siteSettings: TunnelEnd.Settings = .site(),
        gatewaySettings: TunnelEnd.Settings = .gateway(), seed: UInt64 = 1, fate: @escaping Fate = { _, _, _ in [.milliseconds(10)] }
    ) {
        ends = [
            TunnelEnd(connection: site, settings: siteSettings), TunnelEnd(connection: gateway, settings: gatewaySettings),
        ]
        random = SeededRandom(seed: seed, label: "tunnel lab")
        self.fate = fate
    }

    subscript(side: Side) -> TunnelEnd { ends[side.rawValue] }

    // MARK: Doing

    /// As if the end were copied to another instance that has the SAs too: its timers stop, and start there.
    mutating func carryOver(_ side: Side) {
        queue.removeAll { $0.what.isTimer(of: side) { _ in true } }
        input(side, .resumed)
    }

    mutating func input(_ side: Side, _ input: TunnelInput) {
        if case .forget = input {
            kernels[side.rawValue].inbound = [:]
            kernels[side.rawValue].outbound = []
        }
        ends[side.rawValue].isAdmitted = !withoutRoom.contains(side)
        let outputs = ends[side.rawValue].handle(input, random: &random)
        if case .forget = input, !outputs.allSatisfy({ if case .cancelTimer = $0 { true } else { false } }) {
            faults.append("\(side) does more than to cancel timers when it forgets")
        }
        for output in outputs { perform(output, side) }
    }

    mutating func startBoth() {
        input(.gateway, .start)
        input(.site, .start)
    }

    mutating func at(_ time: Duration, _ script: @escaping @Sendable (inout TunnelLab) -> Void) { schedule(time, .script(script)) }

    /// The kernel's data path.
    mutating func sendPacket(_ side: Side) {
        packetsSent[side.rawValue] += 1
        guard let sa = kernels[side.rawValue].outbound.last else {
            packetsWithoutSA[side.rawValue] += 1
            input(side, .trafficWaiting)
            return
        }
        schedule(now + latency, .packet(side.peer, sa.spi, sa.keys))
    }

    /// From now on.
    mutating func sendPackets(_ sides: [Side] = Side.allCases, every interval: Duration, until end: Duration) {
        for side in sides { sendPacket(side) }
        guard now + interval <= end else { return }
        schedule(now + interval, .script { $0.sendPackets(sides, every: interval, until: end) })
    }

    /// - Parameter side: whose soft lifetime ends.
    mutating func expire(_ side: Side) {
        if let spi = self[side].current?.inbound.spi { input(side, .expiring(inbound: spi)) }
    }

    mutating func run(until end: Duration) {
        while let next = queue.last, next.time <= end { step() }
        now = max(now, end)
    }

    /// Until no message is under way and no timer but liveness runs.
    mutating func runUntilSettled(limit: Duration = .seconds(3_600)) {
        while !isSettled, let next = queue.last, next.time <= limit { step() }
    }

    var isSettled: Bool {
        queue.allSatisfy {
            if case .timer(_, let timer) = $0.what, timer.purpose == .liveness { return true }
            if case .packet = $0.what { return true }
            return false
        }
    }

    private mutating func step() {
        guard let (time, what) = queue.popLast() else { return }
        now = time
        switch what {
        case .datagram(let side, let bytes): input(side, .datagram(bytes, from: self[side.peer].connection.localAddress))
        case .packet(let side, let spi, let keys):
            if kernels[side.rawValue].inbound[spi] == keys {
                kernels[side.rawValue].opened += 1
            } else {
                packetsLost[side.peer.rawValue] += 1
            }
        case .timer(let side, let timer):
            input(
                side,
                timer.purpose == .liveness ? .livenessDue(timer, opened: kernels[side.rawValue].opened) : .timerFired(timer))
        case .script(let script): script(&self)
        }
    }

    private mutating func schedule(_ time: Duration, _ what: Happening) {
        // What is scheduled later for the same time comes later.
        var (low, high) = (0, queue.count)
        while low < high {
            let middle = (low + high) / 2
            if queue[middle].time > time { low = middle + 1 } else { high = middle }
        }
        queue.insert((time, what), at: low)
    }

    private mutating func perform(_ output: TunnelOutput, _ side: Side) {
        switch output {
        case .send(let bytes):
            guard let message = try? IKEMessage(decoding: bytes) else {
                faults.append("\(side) sends what is no message")
                return
            }
            sent.append((now, side, message, bytes))
            // To where the sender believes its peer to be.
            guard self[side].connection.remoteAddress == self[side.peer].connection.localAddress else { return }
            for delay in fate(side, message, &random) { schedule(now + delay, .datagram(side.peer, bytes)) }
        case .startTimer(let timer, let duration):
            if queue.contains(where: { $0.what.isTimer(of: side) { $0.purpose == timer.purpose } }) {
                faults.append("\(side) has two timers: \(timer.purpose)")
            }
            schedule(now + duration, .timer(side, timer))
        case .cancelTimer(let timer):
            guard let index = queue.firstIndex(where: { $0.what.isTimer(of: side) { $0 == timer } }) else {
                faults.append("\(side) cancels a timer that does not run: \(timer)")
                return
            }
            queue.remove(at: index)
        case .install(let child, let halves): install(child, halves, side)
        case .remove(let child, let halves): remove(child, halves, side)
        case .event(let event): log.append(Logged(time: now, side: side, event: event))
        }
    }

    private mutating func install(_ child: NegotiatedChild, _ halves: Halves, _ side: Side) {
        if halves.contains(.inbound) {
            let old = kernels[side.rawValue].inbound.updateValue(child.inbound.keys, forKey: child.inbound.spi)
            if old != nil { faults.append("\(side) installs an inbound SA twice") }
        }
        if halves.contains(.outbound) {
            if kernels[side.rawValue].outbound.contains(where: { $0.spi == child.outbound.spi }) {
                faults.append("\(side) installs an outbound SA twice")
            }
            kernels[side.rawValue].outbound.append((child.outbound.spi, child.outbound.keys))
        }
    }

    private mutating func remove(_ child: NegotiatedChild, _ halves: Halves, _ side: Side) {
        if halves.isEmpty { faults.append("\(side) removes nothing") }
        if halves.contains(.inbound) {
            let old = kernels[side.rawValue].inbound.removeValue(forKey: child.inbound.spi)
            if old == nil, isRemovalStrict { faults.append("\(side) removes an inbound SA that is not there") }
        }
        if halves.contains(.outbound) {
            let count = kernels[side.rawValue].outbound.count
            kernels[side.rawValue].outbound.removeAll { $0.spi == child.outbound.spi }
            if kernels[side.rawValue].outbound.count == count, isRemovalStrict {
                faults.append("\(side) removes an outbound SA that is not there")
            }
        }
    }
}

// MARK: - Judging

extension TunnelLab {
    /// Both are up, with the same two SAs, and their kernels have them.
    var isUp: Bool {
        guard let site = self[.site].current, let gateway = self[.gateway].current else { return false }
        return site.inbound == gateway.outbound && site.outbound == gateway.inbound
            && Side.allCases.allSatisfy { side in
                let kernel = kernels[side.rawValue]
                let child = side == .site ? site : gateway
                return kernel.inbound[child.inbound.spi] == child.inbound.keys && kernel.outbound.map(\.spi) == [child.outbound.spi]
            }
    }

    /// Neither is up, and their kernels have nothing.
    var isDown: Bool {
        ends.allSatisfy { $0.current == nil } && kernels.allSatisfy { $0.inbound.isEmpty && $0.outbound.isEmpty }
    }

    /// Whether each kernel has exactly the pair in use.
    var hasOnePair: Bool { kernels.allSatisfy { $0.inbound.count == 1 && $0.outbound.count == 1 } }

    func events(_ side: Side) -> [TunnelEvent] { log.filter { $0.side == side }.map(\.event) }

    func times(of side: Side? = nil, _ isWanted: (TunnelEvent) -> Bool) -> [Duration] {
        log.filter { (side == nil || $0.side == side) && isWanted($0.event) }.map(\.time)
    }

    func requests(_ exchange: IKEHeader.Exchange, by side: Side? = nil) -> [(time: Duration, bytes: [UInt8])] {
        sent.filter { (side == nil || $0.side == side) && $0.message.header.exchange == exchange && !$0.message.header.isResponse }
            .map { ($0.time, $0.bytes) }
    }
}

extension TunnelLab.Happening {
    fileprivate func isTimer(of side: TunnelLab.Side, _ isWanted: (TunnelTimer) -> Bool) -> Bool {
        if case .timer(side, let timer) = self { isWanted(timer) } else { false }
    }
}

extension TunnelEnd {
    var current: NegotiatedChild? { if case .up(let child) = state { child } else { nil } }
}

extension TunnelEvent {
    var isEstablished: Bool { if case .established = self { true } else { false } }
    var isRekeyed: Bool { if case .rekeyed = self { true } else { false } }
    var isPeerDead: Bool { if case .peerDead = self { true } else { false } }
    var failure: KeyExchangeFailure? { if case .exchangeFailed(let failure) = self { failure } else { nil } }
    var rekeyFailure: KeyExchangeFailure? { if case .rekeyFailed(let failure) = self { failure } else { nil } }
}

extension TunnelEnd.Settings {
    static func gateway(
        _ mode: ConnectionPlan.Mode = .default, _ detection: ConnectionPlan.DeadPeerDetection? = nil
    ) -> TunnelEnd.Settings {
        TunnelEnd.Settings(mode: mode, deadPeerDetection: detection, retransmission: .forTests, yield: .zero)
    }

    static func site(
        _ mode: ConnectionPlan.Mode = .default, _ detection: ConnectionPlan.DeadPeerDetection? = nil
    ) -> TunnelEnd.Settings {
        TunnelEnd.Settings(mode: mode, deadPeerDetection: detection, retransmission: .forTests, yield: .seconds(2))
    }
}
