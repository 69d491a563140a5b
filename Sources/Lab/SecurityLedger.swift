import KeyExchange
import LabPlan
import Measurement
import XFRM

/// Which SAs are installed where, and how many packets each connection's SAs have carried, the replaced and flushed ones included.
///
/// The kernel forgets an SA's counters with the SA, so they are read before it goes.
final class SecurityLedger {
    /// What both SAs of an end have carried.
    struct Carried {
        /// By inbound SAs: opened.
        var opened: UInt64 = 0
        /// By outbound SAs: sealed.
        var sealed: UInt64 = 0
    }

    private struct End: Hashable {
        let connection: Int
        let side: ConnectionEnd.Side
    }

    private struct Installed {
        let node: Int
        let inbound: SecurityAssociation.ID
        let outbound: SecurityAssociation.ID
    }

    private var installed: [End: Installed] = [:]
    private var carried: [End: Carried] = [:]
    private let socket: (_ node: Int) -> XFRMSocket

    init(socket: @escaping (_ node: Int) -> XFRMSocket) { self.socket = socket }

    /// Installs a connection's SAs at one end, then removes the ones they replace there.
    func install(_ child: NegotiatedChild, of security: TunnelSecurity, connection: Int, at node: Int) throws {
        let associations = try security.associations(child)
        var batch = XFRMBatch()
        for association in associations { try batch.append(.add(association)) }
        if let failure = try socket(node).apply(&batch).first { throw failure.error }
        let end = End(connection: connection, side: security.side)
        try retire(end)
        installed[end] = Installed(node: node, inbound: associations[0].id, outbound: associations[1].id)
    }

    /// Removes every SA and policy of a node, as a restart does.
    func flush(_ node: Int) throws {
        let associations = try counters(of: node)
        for (end, known) in installed where known.node == node {
            collect(end, known, associations)
            installed[end] = nil
        }
        try socket(node).flushAssociations()
        try socket(node).flushPolicies()
    }

    /// What the SAs of an end have carried up to now.
    func carried(connection: Int, side: ConnectionEnd.Side) throws -> Carried {
        let end = End(connection: connection, side: side)
        var sum = carried[end] ?? Carried()
        if let known = installed[end] {
            sum.opened += try socket(known.node).association(known.inbound).packets
            sum.sealed += try socket(known.node).association(known.outbound).packets
        }
        return sum
    }

    private func retire(_ end: End) throws {
        guard let old = installed.removeValue(forKey: end) else { return }
        let socket = socket(old.node)
        // Outbound first: by now the new one is used for sending. What still arrives by the old inbound one is counted before it goes.
        carried[end, default: Carried()].sealed += try socket.association(old.outbound).packets
        try socket.delete(old.outbound)
        carried[end, default: Carried()].opened += try socket.association(old.inbound).packets
        try socket.delete(old.inbound)
    }

    private func collect(_ end: End, _ known: Installed, _ packets: [SecurityAssociation.ID: UInt64]) {
        carried[end, default: Carried()].opened += packets[known.inbound] ?? 0
        carried[end, default: Carried()].sealed += packets[known.outbound] ?? 0
    }

    private func counters(of node: Int) throws -> [SecurityAssociation.ID: UInt64] {
        Dictionary(try socket(node).associations().map { ($0.association.id, $0.packets) }, uniquingKeysWith: { first, _ in first })
    }
}
