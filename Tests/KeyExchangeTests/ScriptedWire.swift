import Addressing
import LabPlan

@testable import KeyExchange

/// An initiator and a responder on a wire in memory, 10 ms long, with what happens to each datagram told beforehand.
struct ScriptedWire {
    enum Fate: Sendable {
        case deliver
        case lose
        case duplicate
        /// On top of the wire's own delay, so that later datagrams overtake.
        case delay(Duration)
        /// Flips all bits of a byte.
        case corrupt(Int)
    }

    private enum Event {
        case toResponder([UInt8])
        case toInitiator([UInt8])
        case timer(RetransmissionTimer)
    }

    static let latency = Duration.milliseconds(10)

    var initiator: Initiator
    var responder: Responder
    private var random = SeededRandom(seed: 1, label: "responder")
    private let requestFates: [Fate]
    private let responseFates: [Fate]
    private var now = Duration.zero
    private var queue: [(time: Duration, event: Event)] = []

    private(set) var requests: [(time: Duration, bytes: [UInt8])] = []
    private(set) var responses: [(time: Duration, bytes: [UInt8])] = []
    private(set) var initiatorResults: [KeyExchangeOutput] = []
    private(set) var responderResults: [KeyExchangeOutput] = []
    private(set) var discarded: [DiscardReason] = []
    private(set) var endTime: Duration?

    /// Datagrams beyond the lists of fates are delivered.
    init(site: ConnectionEnd = .site(), gateway: ConnectionEnd = .gateway(), requests: [Fate] = [], responses: [Fate] = []) {
        var random = SeededRandom(seed: 1, label: "initiator")
        initiator = Initiator(connection: gateway, retransmission: .forTests, random: &random)
        responder = Responder(connections: [site])
        requestFates = requests
        responseFates = responses
    }

    /// Runs until nothing is left to happen.
    mutating func run() {
        fromInitiator(initiator.start())
        while let next = queue.indices.min(by: { queue[$0].time < queue[$1].time }) {
            let (time, event) = queue.remove(at: next)
            now = time
            let (site, gateway) = (initiator.connection.remoteAddress, initiator.connection.localAddress)
            switch event {
            case .toResponder(let datagram): fromResponder(responder.receive(datagram, from: gateway, to: site, random: &random))
            case .toInitiator(let datagram): fromInitiator(initiator.receive(datagram, from: site))
            case .timer(let timer): fromInitiator(initiator.timerFired(timer))
            }
        }
    }

    private mutating func fromInitiator(_ outputs: [KeyExchangeOutput]) {
        for output in outputs {
            switch output {
            case .send(let bytes):
                let fate = requests.count < requestFates.count ? requestFates[requests.count] : .deliver
                requests.append((now, bytes))
                for (time, bytes) in arrivals(bytes, fate) { queue.append((time, .toResponder(bytes))) }
            case .startTimer(let timer, let duration): queue.append((now + duration, .timer(timer)))
            case .cancelTimer(let timer): queue.removeAll { if case .timer(timer) = $0.event { true } else { false } }
            case .completed, .failed:
                initiatorResults.append(output)
                endTime = now
            case .discarded(let reason): discarded.append(reason)
            }
        }
    }

    private mutating func fromResponder(_ outputs: [KeyExchangeOutput]) {
        for output in outputs {
            switch output {
            case .send(let bytes):
                let fate = responses.count < responseFates.count ? responseFates[responses.count] : .deliver
                responses.append((now, bytes))
                for (time, bytes) in arrivals(bytes, fate) { queue.append((time, .toInitiator(bytes))) }
            case .completed, .failed: responderResults.append(output)
            case .discarded(let reason): discarded.append(reason)
            case .startTimer, .cancelTimer: break
            }
        }
    }

    private func arrivals(_ bytes: [UInt8], _ fate: Fate) -> [(Duration, [UInt8])] {
        let time = now + Self.latency
        switch fate {
        case .deliver: return [(time, bytes)]
        case .lose: return []
        case .duplicate: return [(time, bytes), (time, bytes)]
        case .delay(let delay): return [(time + delay, bytes)]
        case .corrupt(let index): return [(time, bytes.with(~bytes[index], at: index))]
        }
    }

    var initiatorChildren: [NegotiatedChild] { initiatorResults.compactMap(\.child) }
    var responderChildren: [NegotiatedChild] { responderResults.compactMap(\.child) }
}

extension KeyExchangeOutput {
    var child: NegotiatedChild? { if case .completed(let child) = self { child } else { nil } }
    var failure: KeyExchangeFailure? { if case .failed(_, let failure) = self { failure } else { nil } }
    var datagram: [UInt8]? { if case .send(let bytes) = self { bytes } else { nil } }
}

extension TimingPlan.Retransmission {
    static let forTests = TimingPlan.Retransmission(timeout: .seconds(1), base: 2, tries: 3)
}

extension ConnectionEnd {
    static func site(_ change: (inout ConnectionEnd) -> Void = { _ in }) -> ConnectionEnd {
        var end = ConnectionEnd(.forTests, side: .site)
        change(&end)
        return end
    }

    static func gateway(_ change: (inout ConnectionEnd) -> Void = { _ in }) -> ConnectionEnd {
        var end = ConnectionEnd(.forTests, side: .gateway)
        change(&end)
        return end
    }
}

extension ConnectionPlan {
    static let forTests: ConnectionPlan = {
        let side = Side(
            preSharedKey: PreSharedKey(secret: "a shared secret".utf8), policy: .routeBasedDefault,
            selectors: [
                Selectors(site: IPPrefix("10.1.0.0/16")!, gateway: IPPrefix("10.5.0.0/16")!),
                Selectors(site: IPPrefix("10.2.0.0/16")!, gateway: IPPrefix("10.5.0.0/16")!),
                Selectors(site: IPPrefix("fd01::/48")!, gateway: IPPrefix("fd05::/48")!),
            ])
        let (site, gateway) = (IPAddress("198.51.100.10")!, IPAddress("203.0.113.1")!)
        return ConnectionPlan(
            name: "site-A", site: 4, siteInterface: "wan", siteAddress: site, siteSide: side, gatewaySide: side,
            tunnels: [Tunnel(gatewayAddress: gateway, gatewayAddressAtSite: gateway, siteAddressAtGateway: site)], requestID: 1,
            probes: ProbeEndpoints(site: IPAddress("10.1.0.1")!, gateway: IPAddress("10.5.0.1")!))
    }()
}
