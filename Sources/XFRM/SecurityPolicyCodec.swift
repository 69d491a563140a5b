import Addressing
import CMnl
import Netlink

extension SecurityPolicy.Direction {
    var number: UInt8 {
        switch self {
        case .inbound: UInt8(XFRM_POLICY_IN)
        case .outbound: UInt8(XFRM_POLICY_OUT)
        case .forwarded: UInt8(XFRM_POLICY_FWD)
        }
    }

    /// - Throws: `malformed` for any other number; the kernel has more for sockets' own policies.
    init(number: UInt8) throws(NetlinkError) {
        guard let direction = Self.allCases.first(where: { $0.number == number }) else {
            throw NetlinkError(.malformed("policy direction \(number)"))
        }
        self = direction
    }
}

extension xfrm_userpolicy_id {
    init(_ id: SecurityPolicy.ID) {
        self.init()
        sel = xfrm_selector(id.selector)
        dir = id.direction.number
    }
}

extension SecurityPolicy.ID {
    init(_ id: xfrm_userpolicy_id) throws(NetlinkError) {
        self.init(direction: try SecurityPolicy.Direction(number: id.dir), selector: try TrafficSelector(id.sel))
    }

    init(_ info: xfrm_userpolicy_info) throws(NetlinkError) {
        self.init(direction: try SecurityPolicy.Direction(number: info.dir), selector: try TrafficSelector(info.sel))
    }
}

extension xfrm_user_tmpl {
    fileprivate init(_ template: SecurityPolicy.Template) {
        self.init()
        id.daddr = xfrm_address_t(template.destination)
        id.spi = (template.spi?.rawValue ?? 0).bigEndian
        id.proto = UInt8(IPPROTO_ESP)
        family = template.destination.family.number
        saddr = xfrm_address_t(template.source)
        reqid = template.requestID
        mode = template.mode.number
        optional = template.isOptional ? 1 : 0
        // Any algorithm: the SA decides.
        aalgos = .max
        ealgos = .max
        calgos = .max
    }
}

extension SecurityPolicy.Template {
    fileprivate init(_ template: xfrm_user_tmpl) throws(NetlinkError) {
        let family = try IPAddress.Family(number: template.family)
        let spi = UInt32(bigEndian: template.id.spi)
        self.init(
            source: template.saddr.address(family), destination: template.id.daddr.address(family), requestID: template.reqid,
            mode: try SecurityAssociation.Mode(number: template.mode), spi: spi == 0 ? nil : SPI(rawValue: spi),
            isOptional: template.optional != 0)
    }
}

extension SecurityPolicy {
    /// Appends `xfrm_userpolicy_info`, then the templates in one attribute.
    func encode(into encoder: inout MessageEncoder) throws(NetlinkError) {
        var info = xfrm_userpolicy_info()
        info.sel = xfrm_selector(selector)
        info.lft = xfrm_lifetime_cfg(lifetime)
        info.priority = priority
        info.dir = direction.number
        info.action = UInt8(action == .allow ? XFRM_POLICY_ALLOW : XFRM_POLICY_BLOCK)
        encoder.append(header: info)
        if templates.count == 1 {
            // The usual case, without an allocation.
            try encoder.put(AttributeType(XFRMA_TMPL), structure: xfrm_user_tmpl(templates[0]))
        } else if !templates.isEmpty {
            let bytes = templates.flatMap { template in withUnsafeBytes(of: xfrm_user_tmpl(template)) { Array($0) } }
            try encoder.put(AttributeType(XFRMA_TMPL), bytes: bytes)
        }
    }

    init(_ info: xfrm_userpolicy_info, _ attributes: NetlinkAttributes) throws(NetlinkError) {
        let id = try ID(info)
        self.init(
            direction: id.direction, selector: id.selector, priority: info.priority,
            action: Int32(info.action) == XFRM_POLICY_ALLOW ? .allow : .block, templates: try Template.decodeAll(attributes),
            lifetime: Lifetime(info.lft))
    }
}

extension SecurityPolicy.Template {
    static func decodeAll(_ attributes: NetlinkAttributes) throws(NetlinkError) -> [SecurityPolicy.Template] {
        guard let payload = attributes[AttributeType(XFRMA_TMPL)]?.payload else { return [] }
        let stride = MemoryLayout<xfrm_user_tmpl>.size
        guard payload.count % stride == 0 else {
            throw NetlinkError(.malformed("\(payload.count) bytes of templates, each of \(stride)"))
        }
        var templates: [SecurityPolicy.Template] = []
        for offset in Swift.stride(from: 0, to: payload.count, by: stride) {
            let raw = payload.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: xfrm_user_tmpl.self) }
            templates.append(try SecurityPolicy.Template(raw))
        }
        return templates
    }
}

extension IncomingMessage {
    func decodePolicy() throws(NetlinkError) -> SecurityPolicy {
        try SecurityPolicy(header(as: xfrm_userpolicy_info.self), attributes(after: xfrm_userpolicy_info.self))
    }
}
