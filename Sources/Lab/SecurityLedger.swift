import KeyExchange
import LabPlan
import Measurement
import Netlink
import XFRM

/// One tunnel of a connection.
struct TunnelID: Hashable, Comparable {
    let connection: Int
    let tunnel: Int

    static func < (lhs: TunnelID, rhs: TunnelID) -> Bool { (lhs.connection, lhs.tunnel) < (rhs.connection, rhs.tunnel) }
}

/// One end of a tunnel.
struct TunnelEndID: Hashable, Comparable {
    let tunnel: TunnelID
    let side: ConnectionEnd.Side

    static func < (lhs: TunnelEndID, rhs: TunnelEndID) -> Bool {
        (lhs.tunnel, lhs.side == .site ? 0 : 1) < (rhs.tunnel, rhs.side == .site ? 0 : 1)
    }
}

/// Which SAs are installed where, and how many packets each tunnel's SAs have carried, the replaced and flushed ones included.
///
/// The kernel forgets an SA's counters with the SA, so they are read before it goes.
final class SecurityLedger {
    /// What the SAs of an end have carried.
    struct Carried {
        /// By inbound SAs: opened.
        var opened: UInt64 = 0
        /// By outbound SAs: sealed.
        var sealed: UInt64 = 0

        static func + (lhs: Carried, rhs: Carried) -> Carried {
            Carried(opened: lhs.opened + rhs.opened, sealed: lhs.sealed + rhs.sealed)
        }

        fileprivate mutating func add(_ packets: UInt64, isInbound: Bool) {
            if isInbound { opened += packets } else { sealed += packets }
        }
    }

    /// An SA of the lab, in the kernel.
    struct Installed {
        let end: TunnelEndID
        let node: Int
        let id: SecurityAssociation.ID
        let isInbound: Bool
        /// The inbound SPI of the pair that it belongs to.
        let pair: ChildSPI
        /// CLOCK_MONOTONIC.
        let since: Int64
    }

    private struct Place: Hashable {
        let node: Int
        let id: SecurityAssociation.ID
    }

    private var installed: [Place: Installed] = [:]
    private var places: [TunnelEndID: [Place]] = [:]
    private var carried: [TunnelEndID: Carried] = [:]
    /// SAs that the kernel has removed and not told of yet.
    private var expiring: [Place: Installed] = [:]
    private let socket: (_ node: Int) -> XFRMSocket
    private let now: () -> Int64

    init(now: @escaping () -> Int64, socket: @escaping (_ node: Int) -> XFRMSocket) {
        self.now = now
        self.socket = socket
    }

    /// Installs SAs of a pair at one end.
    func install(_ child: NegotiatedChild, _ halves: Halves, of security: TunnelSecurity, at end: TunnelEndID, node: Int) throws {
        let associations = try security.associations(child)
        var batch = XFRMBatch()
        // The inbound one first: from then on the peer may use it.
        let chosen = zip(associations, [true, false]).filter { halves.contains($0.1 ? .inbound : .outbound) }
        for (association, _) in chosen { try batch.add(association) }
        if let failure = try socket(node).apply(&batch).first { throw failure.error }
        for (association, isInbound) in chosen {
            record(association.id, isInbound: isInbound, pair: child.inbound.spi, at: end, node: node)
        }
    }

    /// Notes SAs that are in the kernel already: at an instance that they were carried to.
    func adopt(_ child: NegotiatedChild, of security: TunnelSecurity, at end: TunnelEndID, node: Int) throws {
        for (association, isInbound) in zip(try security.associations(child), [true, false]) {
            record(association.id, isInbound: isInbound, pair: child.inbound.spi, at: end, node: node)
        }
    }

    private func record(_ id: SecurityAssociation.ID, isInbound: Bool, pair: ChildSPI, at end: TunnelEndID, node: Int) {
        let place = Place(node: node, id: id)
        installed[place] = Installed(end: end, node: node, id: id, isInbound: isInbound, pair: pair, since: now())
        places[end, default: []].append(place)
    }

    /// Removes SAs of a pair, the outbound one first: what still arrives by the inbound one is counted before it goes.
    ///
    /// An SA that the kernel has removed by itself (its lifetime) is no error.
    func remove(_ child: NegotiatedChild, _ halves: Halves, at end: TunnelEndID) throws {
        for isInbound in [false, true] where halves.contains(isInbound ? .inbound : .outbound) {
            let known = (places[end] ?? []).compactMap { installed[$0] }.first { $0.pair == child.inbound.spi && $0.isInbound == isInbound }
            if let known { try retire(known) }
        }
    }

    private func retire(_ known: Installed) throws {
        let socket = socket(known.node)
        do throws(NetlinkError) {
            carried[known.end, default: Carried()].add(try socket.association(known.id).packets, isInbound: known.isInbound)
            try socket.delete(known.id)
        } catch  where error.isNotFound {
            // Its lifetime is over, and its last count comes with the event that says so.
            expiring[Place(node: known.node, id: known.id)] = known
        }
        forget(known)
    }

    private func forget(_ known: Installed) {
        let place = Place(node: known.node, id: known.id)
        installed[place] = nil
        places[known.end]?.removeAll { $0 == place }
    }

    /// The kernel has removed an SA, whose lifetime was over, when it had carried this much.
    func expired(_ id: SecurityAssociation.ID, at node: Int, packets: UInt64) {
        let place = Place(node: node, id: id)
        guard let known = installed[place] ?? expiring.removeValue(forKey: place) else { return }
        carried[known.end, default: Carried()].add(packets, isInbound: known.isInbound)
        forget(known)
    }

    /// Removes every SA and policy of a node, as a restart does.
    func flush(_ node: Int) throws {
        let packets = Dictionary(
            try socket(node).associations().map { ($0.association.id, $0.packets) }, uniquingKeysWith: { first, _ in first })
        for known in installed.values.filter({ $0.node == node }) {
            carried[known.end, default: Carried()].add(packets[known.id] ?? 0, isInbound: known.isInbound)
            forget(known)
        }
        try socket(node).flushAssociations()
        try socket(node).flushPolicies()
    }

    /// Which tunnel's an SA is.
    func owner(of id: SecurityAssociation.ID, at node: Int) -> Installed? { installed[Place(node: node, id: id)] }

    /// A node's SAs that the lab has installed.
    func all(at node: Int) -> [Installed] { installed.values.filter { $0.node == node } }

    /// Those of an end, the oldest first.
    func all(of end: TunnelEndID) -> [Installed] { (places[end] ?? []).compactMap { installed[$0] } }

    /// What the SAs of an end have carried up to now.
    func carried(_ end: TunnelEndID) throws -> Carried {
        var sum = carried[end] ?? Carried()
        for known in all(of: end) { sum.add(try socket(known.node).association(known.id).packets, isInbound: known.isInbound) }
        return sum
    }

    /// What the SAs of all of a connection's tunnels have carried at one side.
    func carried(connection: Int, tunnels: Int, side: ConnectionEnd.Side) throws -> Carried {
        try (0..<tunnels).reduce(Carried()) {
            try $0 + carried(TunnelEndID(tunnel: TunnelID(connection: connection, tunnel: $1), side: side))
        }
    }
}
