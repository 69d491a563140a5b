import Addressing
import EventLoop
import Gateway
import KeyExchange
import LabPlan

/// Runs the key exchanges: sockets on port 500 of every gateway instance and site, the exchanges' state machines, their timers.
///
/// The gateway initiates, from its virtual address on whichever instance is active; the sites answer.
final class KeyExchangeDriver {
    /// What an ended exchange was and how it ended.
    enum Outcome {
        case completed(NegotiatedChild)
        case failed(KeyExchangeFailure)
    }

    /// A site has agreed on keys: its SAs are to be installed before this returns, since the answer that lets the gateway use them follows.
    var siteCompleted: ((_ connection: Int, NegotiatedChild) throws -> Void)?
    /// An exchange that the gateway began has ended.
    var gatewayEnded: ((KeyExchangeID, Outcome) -> Void)?
    /// Something could not be installed: the lab is not what the plan says any more.
    var failed: ((any Error) -> Void)?

    private struct Running {
        var initiator: Initiator
        let instance: InstanceID
        var timer: EventLoop.Timer?
    }

    private let plan: LabPlan
    private let loop: EventLoop
    private var random: any RandomSource
    private var running: [KeyExchangeID: Running] = [:]
    private var responders: [Int: Responder] = [:]
    /// By node and family.
    private var sockets: [Int: [IPAddress.Family: KeyExchangeSocket]] = [:]
    private var watches: [EventLoop.Watch] = []
    private let connectionIndex: [String: Int]

    init(plan: LabPlan, loop: EventLoop, random: any RandomSource) {
        self.plan = plan
        self.loop = loop
        self.random = random
        connectionIndex = Dictionary(uniqueKeysWithValues: plan.connections.enumerated().map { ($1.name, $0) })
        for (site, connections) in Dictionary(grouping: plan.connections, by: \.site) {
            responders[site] = Responder(connections: connections.map { ConnectionEnd($0, side: .site) })
        }
    }

    /// Opens a node's sockets. To be called in the node's namespace.
    func openSockets(of node: Int) throws {
        for family in plan.usesIPv6 ? [IPAddress.Family.v4, .v6] : [.v4] {
            sockets[node, default: [:]][family] = try KeyExchangeSocket(family: family)
        }
    }

    /// Begins to listen on every socket opened.
    func listen() throws {
        for (node, family) in sockets.keys.sorted().flatMap({ node in sockets[node]!.keys.sorted().map { (node, $0) } }) {
            let socket = sockets[node]![family]!
            watches.append(
                try loop.watch(socket.fileDescriptor) { [unowned self] _ in
                    socket.receive { self.received($0, at: node, by: socket) }
                })
        }
    }

    func stop() {
        for watch in watches { loop.cancel(watch) }
        watches = []
        for exchange in Array(running.keys) { abandon(exchange) }
        sockets = [:]
    }

    func begin(_ exchange: KeyExchangeID, from instance: InstanceID) {
        let end = ConnectionEnd(plan.connections[exchange.connection.rawValue], side: .gateway)
        let initiator = Initiator(connection: end, retransmission: plan.timing.keyExchange, random: &random)
        running[exchange] = Running(initiator: initiator, instance: instance)
        step(exchange) { $0.start() }
    }

    func abandon(_ exchange: KeyExchangeID) {
        guard let ended = running.removeValue(forKey: exchange) else { return }
        ended.timer.map(loop.cancel)
    }

    // MARK: - The gateway's side

    private func step(_ exchange: KeyExchangeID, _ input: (inout Initiator) -> [KeyExchangeOutput]) {
        guard var state = running[exchange] else { return }
        let outputs = input(&state.initiator)
        running[exchange] = state
        for output in outputs { perform(output, of: exchange) }
    }

    private func perform(_ output: KeyExchangeOutput, of exchange: KeyExchangeID) {
        let connection = plan.connections[exchange.connection.rawValue]
        switch output {
        case .send(let bytes):
            guard let instance = running[exchange]?.instance else { return }
            let node = plan.gateway.instances[instance.rawValue].node
            let tunnel = connection.tunnels[0]
            sockets[node]?[tunnel.gatewayAddress.family]?
                .send(bytes, from: tunnel.gatewayAddress, to: tunnel.siteAddressAtGateway)
        case .startTimer(let timer, let duration):
            running[exchange]?.timer.map(loop.cancel)
            running[exchange]?.timer = loop.timer(after: duration) { [unowned self] in step(exchange) { $0.timerFired(timer) } }
        case .cancelTimer:
            running[exchange]?.timer.map(loop.cancel)
        case .completed(let child):
            abandon(exchange)
            gatewayEnded?(exchange, .completed(child))
        case .failed(_, let failure):
            abandon(exchange)
            gatewayEnded?(exchange, .failed(failure))
        case .discarded:
            break
        }
    }

    // MARK: - Arrivals

    private func received(_ datagram: KeyExchangeSocket.Datagram, at node: Int, by socket: KeyExchangeSocket) {
        if case .gatewayInstance(let index) = plan.nodes[node].kind {
            for exchange in exchanges(at: index, with: datagram.source) {
                step(exchange) { $0.receive(datagram.bytes, from: datagram.source) }
            }
        } else {
            answer(datagram, at: node, by: socket)
        }
    }

    /// The running exchanges of an instance with a site: one, unless the site has several connections.
    private func exchanges(at instance: Int, with site: IPAddress) -> [KeyExchangeID] {
        running
            .filter { $0.value.instance.rawValue == instance && plan.connections[$0.key.connection.rawValue].siteAddress == site }
            .map(\.key)
            .sorted { ($0.connection, $0.number) < ($1.connection, $1.number) }
    }

    private func answer(_ datagram: KeyExchangeSocket.Datagram, at site: Int, by socket: KeyExchangeSocket) {
        guard var responder = responders[site] else { return }
        let outputs = responder.receive(datagram.bytes, from: datagram.source, to: datagram.destination, random: &random)
        responders[site] = responder
        for output in outputs {
            switch output {
            case .send(let bytes):
                socket.send(bytes, from: datagram.destination, to: datagram.source)
            case .completed(let child):
                guard let connection = connectionIndex[child.connection.name] else { continue }
                do { try siteCompleted?(connection, child) } catch { failed?(error) }
            // The gateway, which began, tells the end of the exchange; a responder has no timers.
            case .failed, .discarded, .startTimer, .cancelTimer:
                break
            }
        }
    }
}
