import Addressing
import CSocket
import Glibc

/// An address and a port in the shape the socket calls take. Made once per peer, used for every packet.
public struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private let length: socklen_t

    public init(_ address: IPAddress, port: UInt16) {
        switch address.family {
        case .v4:
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { raw in
                raw.withMemoryRebound(to: sockaddr_in.self) {
                    $0[0].sin_family = sa_family_t(AF_INET)
                    $0[0].sin_port = port.bigEndian
                    $0[0].sin_addr.s_addr = UInt32(address.value).bigEndian
                }
            }
        case .v6:
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { raw in
                raw.withMemoryRebound(to: sockaddr_in6.self) {
                    $0[0].sin6_family = sa_family_t(AF_INET6)
                    $0[0].sin6_port = port.bigEndian
                    withUnsafeMutableBytes(of: &$0[0].sin6_addr) { $0.copyBytes(from: address.bytes) }
                }
            }
        }
    }

    /// The address and port in what the kernel filled in; nil for another family.
    public init?(_ storage: sockaddr_storage) {
        guard let (address, port) = Self.parse(storage) else { return nil }
        self.init(address, port: port)
    }

    public var address: IPAddress { Self.parse(storage)!.0 }
    public var port: UInt16 { Self.parse(storage)!.1 }

    public func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private static func parse(_ storage: sockaddr_storage) -> (IPAddress, UInt16)? {
        withUnsafeBytes(of: storage) { raw in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let inet = raw.loadUnaligned(as: sockaddr_in.self)
                return (IPAddress(family: .v4, value: UInt128(UInt32(bigEndian: inet.sin_addr.s_addr))), UInt16(bigEndian: inet.sin_port))
            case AF_INET6:
                let inet = raw.loadUnaligned(as: sockaddr_in6.self)
                let bytes = withUnsafeBytes(of: inet.sin6_addr) { Array($0) }
                return IPAddress(bytes: bytes).map { ($0, UInt16(bigEndian: inet.sin6_port)) }
            default:
                return nil
            }
        }
    }
}
