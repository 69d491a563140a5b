import CMnl
import Netlink

/// A C struct that is plain bytes, but not `BitwiseCopyable` to the compiler: it looks into no union (`xfrm_address_t`) and no open array,
/// and does not let another module say so.
protocol KernelStruct {}

extension xfrm_aevent_id: KernelStruct {}
extension xfrm_algo: KernelStruct {}
extension xfrm_algo_aead: KernelStruct {}
extension xfrm_algo_auth: KernelStruct {}
extension xfrm_replay_state_esn: KernelStruct {}
extension xfrm_user_acquire: KernelStruct {}
extension xfrm_user_expire: KernelStruct {}
extension xfrm_user_polexpire: KernelStruct {}
extension xfrm_user_tmpl: KernelStruct {}
extension xfrm_userpolicy_id: KernelStruct {}
extension xfrm_userpolicy_info: KernelStruct {}
extension xfrm_usersa_id: KernelStruct {}
extension xfrm_usersa_info: KernelStruct {}

extension MessageEncoder {
    mutating func append(header: some KernelStruct) { withUnsafeBytes(of: header) { append(headerBytes: $0) } }

    mutating func put(_ attribute: AttributeType, structure: some KernelStruct) throws(NetlinkError) {
        try withUnsafeBytes(of: structure) { bytes throws(NetlinkError) in try put(attribute, bytes) }
    }
}

extension IncomingMessage {
    func header<Header: KernelStruct>(as type: Header.Type) throws(NetlinkError) -> Header { try payload.load(type, "a message's header") }

    func attributes<Header: KernelStruct>(after type: Header.Type) throws(NetlinkError) -> NetlinkAttributes {
        try attributes(afterBytes: MemoryLayout<Header>.size)
    }
}

extension NetlinkAttributes {
    func load<Value: KernelStruct>(_ attribute: AttributeType, as type: Value.Type) throws(NetlinkError) -> Value? {
        guard let attribute = self[attribute] else { return nil }
        return try attribute.load(as: type)
    }
}

extension NetlinkAttributes.Attribute {
    func load<Value: KernelStruct>(as type: Value.Type) throws(NetlinkError) -> Value {
        try payload.load(type, "attribute \(self.type.rawValue)")
    }
}

extension ArraySlice<UInt8> {
    fileprivate func load<Value: KernelStruct>(_ type: Value.Type, _ place: @autoclosure () -> String) throws(NetlinkError) -> Value {
        guard count >= MemoryLayout<Value>.size else {
            throw NetlinkError(.malformed("\(place()) of \(count) bytes is too short for \(Value.self)"))
        }
        return withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
    }
}
