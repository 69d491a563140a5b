import Addressing

/// What to change of an interface in one request; nil leaves a setting as it is.
public struct LinkSettings: Hashable, Sendable {
    public enum Port: Hashable, Sendable {
        /// A port of this bridge, in the same namespace.
        case of(bridge: String)
        /// No bridge's port.
        case none
    }

    /// Administratively up.
    public var isUp: Bool?
    public var port: Port?
    /// A text of up to 255 bytes that `ip link` shows: names are too short to say much.
    public var alias: String?
    public var mac: MACAddress?
    /// In bytes.
    public var mtu: UInt32?
    /// In packets.
    public var transmitQueueLength: UInt32?

    public init(
        isUp: Bool? = nil, port: Port? = nil, alias: String? = nil, mac: MACAddress? = nil, mtu: UInt32? = nil,
        transmitQueueLength: UInt32? = nil
    ) {
        self.isUp = isUp
        self.port = port
        self.alias = alias
        self.mac = mac
        self.mtu = mtu
        self.transmitQueueLength = transmitQueueLength
    }
}
