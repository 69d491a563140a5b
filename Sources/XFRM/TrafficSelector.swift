import Addressing

/// Which packets a policy is for, by their addresses (before they are sealed, or after they are opened).
public struct TrafficSelector: Hashable, Sendable {
    public let source: IPPrefix
    public let destination: IPPrefix
    /// The number of the protocol above IP, nil for any.
    public var transportProtocol: UInt8?
    /// Ports of TCP, UDP, SCTP and DCCP, nil for any; only together with a protocol that has ports.
    public var sourcePort: UInt16?
    public var destinationPort: UInt16?

    /// nil when the prefixes are of different families.
    public init?(source: IPPrefix, destination: IPPrefix) {
        guard source.family == destination.family else { return nil }
        self.source = source
        self.destination = destination
    }

    public var family: IPAddress.Family { source.family }
}

extension TrafficSelector: CustomStringConvertible {
    public var description: String {
        var text = "\(source) → \(destination)"
        if let transportProtocol { text += " protocol \(transportProtocol)" }
        if let sourcePort { text += " from port \(sourcePort)" }
        if let destinationPort { text += " to port \(destinationPort)" }
        return text
    }
}
