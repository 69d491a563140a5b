import Addressing

/// An address of an interface, with the length of its network.
public struct AssignedAddress: Hashable, Sendable {
    public var address: IPPrefix
    public var interface: String

    public init(_ address: IPPrefix, on interface: String) {
        self.address = address
        self.interface = interface
    }
}

extension AssignedAddress: CustomStringConvertible {
    public var description: String { "\(address) on \(interface)" }
}
