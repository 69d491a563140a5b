import EventLoop
import KeyExchange
import LabPlan
import Netlink
import XFRM

/// Carries the active instance's SAs and their replay state to the standby, so that it can go on with them (`stateSync`).
///
///     active    XFRM_MSG_GETSA (dump)  ── every second ──>   XFRM_MSG_NEWSA, XFRM_MSG_NEWAE    standby
///
/// What the active instance did since the last carrying dies with it. An outbound SA therefore goes on at the standby a good way further than it
/// was known to have come (RFC 4303 §3.3.3 allows gaps), and the inbound window may let a packet of the last second pass twice.
final class StateSynchroniser {
    private let plan: LabPlan
    private let loop: EventLoop
    private let ledger: SecurityLedger
    private let socket: (_ node: Int) -> XFRMSocket
    private let failed: (any Error) -> Void
    private var timer: EventLoop.Timer?
    /// What the standby has.
    private var carried: Set<SecurityAssociation.ID> = []
    private var machines: [TunnelEndID: TunnelEnd] = [:]
    private var between: (active: Int, standby: Int)?

    static let interval = Duration.seconds(1)
    /// More packets than any SA sends in an interval, and little of the 2³² that it has.
    static let margin: UInt64 = 1 << 20

    init(
        plan: LabPlan, loop: EventLoop, ledger: SecurityLedger, socket: @escaping (_ node: Int) -> XFRMSocket,
        failed: @escaping (any Error) -> Void
    ) {
        self.plan = plan
        self.loop = loop
        self.ledger = ledger
        self.socket = socket
        self.failed = failed
    }

    /// Begins to carry from one node to another.
    ///
    /// - Parameter snapshot: the state machines of the active instance's tunnels, as they are.
    func begin(from active: Int, to standby: Int, snapshot: @escaping () -> [TunnelEndID: TunnelEnd]) {
        stop()
        between = (active, standby)
        repeatedly(snapshot)
    }

    /// Carries no more; what the standby has, it keeps.
    func stop() {
        timer.map(loop.cancel)
        timer = nil
    }

    /// A node has lost everything.
    func forget(whatWasCarriedTo node: Int) {
        if between?.standby == node { forget() }
    }

    private func forget() {
        stop()
        carried = []
        machines = [:]
        between = nil
    }

    /// Hands over what a node was carried: it is that node's from now on, and no more carried here.
    func handOver(to node: Int) -> [TunnelEndID: TunnelEnd] {
        defer { forget() }
        return between?.standby == node ? machines : [:]
    }

    private func repeatedly(_ snapshot: @escaping () -> [TunnelEndID: TunnelEnd]) {
        do {
            try carry(snapshot())
        } catch {
            failed(error)
        }
        timer = loop.timer(after: Self.interval) { [weak self] in self?.repeatedly(snapshot) }
    }

    private func carry(_ machines: [TunnelEndID: TunnelEnd]) throws {
        guard let (active, standby) = between else { return }
        self.machines = machines
        let isInbound = Dictionary(ledger.all(at: active).map { ($0.id, $0.isInbound) }, uniquingKeysWith: { first, _ in first })
        let installed = try socket(active).associations().filter { isInbound[$0.association.id] != nil }
        var batch = XFRMBatch()
        for gone in carried.subtracting(installed.map(\.association.id)).sorted(by: { $0.spi.rawValue < $1.spi.rawValue }) {
            try batch.append(.delete(gone))
        }
        for known in installed {
            let id = known.association.id
            if !carried.contains(id) { try batch.add(known.association) }
            guard var state = known.replayState else { continue }
            if isInbound[id] == false { state.sent += Self.margin }
            try batch.append(.setReplayState(id, state))
        }
        for failure in try socket(standby).apply(&batch) where !failure.error.isNotFound { throw failure.error }
        carried = Set(installed.map(\.association.id))
    }
}
