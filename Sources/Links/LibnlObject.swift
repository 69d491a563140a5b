import Addressing
import CNlRoute
import Glibc
import Netlink

/// An object of libnl-route, released with its owner.
struct LibnlObject: ~Copyable {
    private let pointer: OpaquePointer
    private let release: (OpaquePointer?) -> Void

    /// - Throws: ENOMEM when libnl gave none.
    init(_ pointer: OpaquePointer?, release: @escaping (OpaquePointer?) -> Void) throws(NetlinkError) {
        guard let pointer else { throw NetlinkError(.systemCall("libnl", .outOfMemory)) }
        self.pointer = pointer
        self.release = release
    }

    deinit { release(pointer) }

    /// Lends the pointer for a call: it is good only while the object lives, and a temporary object would be gone before the call.
    borrowing func with<Result: ~Copyable>(_ body: (OpaquePointer) throws(NetlinkError) -> Result) throws(NetlinkError) -> Result {
        try body(pointer)
    }

    static func link() throws(NetlinkError) -> LibnlObject { try LibnlObject(rtnl_link_alloc(), release: rtnl_link_put) }
    static func veth() throws(NetlinkError) -> LibnlObject { try LibnlObject(rtnl_link_veth_alloc(), release: rtnl_link_veth_release) }
    static func address() throws(NetlinkError) -> LibnlObject { try LibnlObject(rtnl_addr_alloc(), release: rtnl_addr_put) }
    static func route() throws(NetlinkError) -> LibnlObject { try LibnlObject(rtnl_route_alloc(), release: rtnl_route_put) }
    static func neighbour() throws(NetlinkError) -> LibnlObject { try LibnlObject(rtnl_neigh_alloc(), release: rtnl_neigh_put) }

    /// An address in libnl's form, with the length of its prefix.
    static func value(_ prefix: IPPrefix) throws(NetlinkError) -> LibnlObject {
        let bytes = prefix.address.bytes
        let value = try LibnlObject(nl_addr_build(prefix.family.number, bytes, bytes.count), release: nl_addr_put)
        try value.with { nl_addr_set_prefixlen($0, Int32(prefix.length)) }
        return value
    }

    static func value(_ address: IPAddress) throws(NetlinkError) -> LibnlObject { try value(IPPrefix(host: address)) }

    static func value(_ mac: MACAddress) throws(NetlinkError) -> LibnlObject {
        let bytes = mac.bytes
        return try LibnlObject(nl_addr_build(AF_LLC, bytes, bytes.count), release: nl_addr_put)
    }
}

/// Takes a message over from libnl.
///
/// - Parameter build: one of libnl's `rtnl_…_build_…_request` functions: stores a message, returns a negative number of libnl's otherwise.
func libnlMessage(_ build: (UnsafeMutablePointer<OpaquePointer?>) -> Int32) throws(NetlinkError) -> NetlinkMessage {
    var message: OpaquePointer?
    try libnlCheck(build(&message))
    defer { nlmsg_free(message) }
    guard let message, let header = nlmsg_hdr(message) else { throw NetlinkError(.systemCall("libnl", .outOfMemory)) }
    return try NetlinkMessage(copying: UnsafeRawBufferPointer(start: header, count: Int(header.pointee.nlmsg_len)))
}

func libnlCheck(_ result: Int32) throws(NetlinkError) {
    if result < 0 { throw NetlinkError(.malformed("libnl: " + String(cString: nl_geterror(result)))) }
}

extension IPAddress.Family {
    /// `AF_INET` or `AF_INET6`.
    var number: Int32 { self == .v4 ? AF_INET : AF_INET6 }

    init?(number: UInt8) {
        switch Int32(number) {
        case AF_INET: self = .v4
        case AF_INET6: self = .v6
        default: return nil
        }
    }
}
