import Addressing
import Applications
import LabPlan
import Links
import LinuxKernel
import Probing

extension Laboratory {
    /// The applications of every connection, from the sites to the virtual network; nil where the rehearsal has none.
    func makeApplications() throws -> ConnectionApplications? {
        guard let settings = plan.rehearsal.applications else { return nil }
        let addresses = Set(plan.connections.map(\.probes.gateway)).sorted()
        let listeners = try thread.run(in: nodes[LabPlan.virtualNetwork].namespace) {
            try addresses.flatMap { address in
                try [MeasurementPorts.messages, MeasurementPorts.requests].map {
                    try TCPSocket.listening(on: address, port: $0, userTimeout: settings.userTimeout)
                }
            }
        }
        let connections = plan.connections.map { connection in
            let (site, gateway) = (connection.probes.site, connection.probes.gateway)
            return ConnectionApplications.Connection(name: connection.name) { [unowned self] port in
                try thread.run(in: nodes[connection.site].namespace) {
                    try TCPSocket.connecting(from: site, to: gateway, port: port, userTimeout: settings.userTimeout)
                }
            }
        }
        return try ConnectionApplications(
            loop: loop,
            settings: .init(
                messageRate: settings.messageRate, messageSize: settings.messageSize, requestRate: settings.requestRate,
                requestSize: settings.requestSize, answerSize: settings.answerSize, requestTimeout: settings.requestTimeout),
            connections: connections, listeners: listeners)
    }
}

/// TCP's own counters where the applications run: what they sent and received, whichever of their sockets it was.
///
/// `TcpOutSegs` does not count segments that are sent again (`__tcp_transmit_skb`), `TcpRetransSegs` counts every attempt to (
/// `__tcp_retransmit_skb`): together they are at least what left. `TcpInSegs` counts what came after merging (`tcp_v4_rcv`, behind GRO), so
/// that it is at most what arrived.
struct SegmentCounter {
    struct Count {
        var sent: UInt64
        var received: UInt64
    }

    private let reader: CounterReader

    init(of namespace: NetworkNamespace, on thread: NamespaceThread) throws {
        reader = try CounterReader(of: namespace, on: thread) { ["TcpInSegs", "TcpOutSegs", "TcpRetransSegs"].contains($0) }
    }

    func read() throws -> Count {
        let values = Dictionary(uniqueKeysWithValues: zip(reader.names, try reader.read()))
        return Count(
            sent: values["TcpOutSegs", default: 0] + values["TcpRetransSegs", default: 0], received: values["TcpInSegs", default: 0])
    }
}
