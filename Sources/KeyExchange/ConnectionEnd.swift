import Addressing
import LabPlan

/// A connection as one of its ends is configured for it.
public struct ConnectionEnd: Sendable, Equatable {
    public enum Side: Sendable, Hashable, CaseIterable {
        case site
        case gateway
    }

    /// The connection's name in the plan.
    public var name: String
    public var localAddress: IPAddress
    public var remoteAddress: IPAddress
    public var preSharedKey: PreSharedKey
    public var policy: IPsecPolicy
    /// The prefixes at this end, each once, in order.
    public var localPrefixes: [IPPrefix]
    /// The prefixes at the other end, each once, in order.
    public var remotePrefixes: [IPPrefix]

    public init(
        name: String, localAddress: IPAddress, remoteAddress: IPAddress, preSharedKey: PreSharedKey, policy: IPsecPolicy,
        localPrefixes: some Sequence<IPPrefix>, remotePrefixes: some Sequence<IPPrefix>
    ) {
        self.name = name
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
        self.preSharedKey = preSharedKey
        self.policy = policy
        self.localPrefixes = Self.inOrder(localPrefixes)
        self.remotePrefixes = Self.inOrder(remotePrefixes)
    }

    /// - Parameter tunnel: which of the connection's tunnels.
    public init(_ plan: ConnectionPlan, tunnel: Int = 0, side: Side) {
        let isSite = side == .site
        let own = isSite ? plan.siteSide : plan.gatewaySide
        let sitePrefixes = own.selectors.map(\.site)
        let gatewayPrefixes = own.selectors.map(\.gateway)
        let tunnel = plan.tunnels[tunnel]
        self.init(
            name: plan.name,
            localAddress: isSite ? plan.siteAddress : tunnel.gatewayAddress,
            remoteAddress: isSite ? tunnel.gatewayAddressAtSite : tunnel.siteAddressAtGateway,
            preSharedKey: own.preSharedKey, policy: own.policy,
            localPrefixes: isSite ? sitePrefixes : gatewayPrefixes,
            remotePrefixes: isSite ? gatewayPrefixes : sitePrefixes)
    }

    private static func inOrder(_ prefixes: some Sequence<IPPrefix>) -> [IPPrefix] {
        Set(prefixes.map(\.network)).sorted { ($0.address, $0.length) < ($1.address, $1.length) }
    }
}

extension ConnectionEnd {
    var localTrafficSelectors: [TrafficSelector] { localPrefixes.map { TrafficSelector($0) } }
    var remoteTrafficSelectors: [TrafficSelector] { remotePrefixes.map { TrafficSelector($0) } }
}
