import CMnl

extension xfrm_lifetime_cfg {
    init(_ lifetime: Lifetime) {
        self.init()
        soft_byte_limit = lifetime.soft.bytes ?? XFRM_NO_LIMIT
        hard_byte_limit = lifetime.hard.bytes ?? XFRM_NO_LIMIT
        soft_packet_limit = lifetime.soft.packets ?? XFRM_NO_LIMIT
        hard_packet_limit = lifetime.hard.packets ?? XFRM_NO_LIMIT
        // Of seconds, 0 is no limit.
        soft_add_expires_seconds = lifetime.soft.age.map(Self.wholeSeconds) ?? 0
        hard_add_expires_seconds = lifetime.hard.age.map(Self.wholeSeconds) ?? 0
    }

    private static func wholeSeconds(_ age: Duration) -> UInt64 {
        let (seconds, attoseconds) = age.components
        // At least one: 0 would mean that there is no limit.
        return UInt64(clamping: max(seconds + (attoseconds > 0 ? 1 : 0), 1))
    }
}

extension Lifetime {
    init(_ limits: xfrm_lifetime_cfg) {
        func count(_ limit: UInt64) -> UInt64? { limit == XFRM_NO_LIMIT ? nil : limit }
        func age(_ seconds: UInt64) -> Duration? { seconds == 0 ? nil : .seconds(Int64(clamping: seconds)) }
        self.init(
            soft: Limits(
                age: age(limits.soft_add_expires_seconds), bytes: count(limits.soft_byte_limit), packets: count(limits.soft_packet_limit)),
            hard: Limits(
                age: age(limits.hard_add_expires_seconds), bytes: count(limits.hard_byte_limit), packets: count(limits.hard_packet_limit)))
    }
}
