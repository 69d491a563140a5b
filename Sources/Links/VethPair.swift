import Addressing
import LinuxKernel

/// Two interfaces joined like the ends of a cable, made directly in the namespaces that they belong to.
public struct VethPair: Sendable {
    /// One end as it is born: down, and without addresses.
    public struct End: Hashable, Sendable {
        /// At most 15 bytes.
        public var interface: String
        public var mac: MACAddress
        /// The largest packet without its Ethernet header, in bytes; nil for the kernel's 1,500.
        public var mtu: UInt32?
        /// In packets, for queueing disciplines that ask for it; nil for the kernel's 1,000.
        public var transmitQueueLength: UInt32?
        /// The interface's number in its namespace; nil for the kernel's choice.
        public var number: UInt32?

        public init(
            interface: String, mac: MACAddress, mtu: UInt32? = nil, transmitQueueLength: UInt32? = nil, number: UInt32? = nil
        ) {
            self.interface = interface
            self.mac = mac
            self.mtu = mtu
            self.transmitQueueLength = transmitQueueLength
            self.number = number
        }
    }

    /// The end in the namespace of the stack that makes the pair.
    public var end: End
    public var peer: End
    public var peerNamespace: NetworkNamespace

    public init(_ end: End, peer: End, in peerNamespace: NetworkNamespace) {
        self.end = end
        self.peer = peer
        self.peerNamespace = peerNamespace
    }
}
