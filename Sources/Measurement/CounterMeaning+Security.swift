extension CounterMeaning {
    /// `/proc/net/xfrm_stat` (Documentation/networking/xfrm_proc.rst).
    static let security: [String: CounterMeaning] = [
        // Opening.
        "XfrmInNoStates": CounterMeaning(
            .opening, .security, "unknown SA", "Sealed with a security association that the receiver does not know.",
            "xfrm_input()"),
        "XfrmInStateSeqError": CounterMeaning(
            .opening, .security, "seen as replay", "The sequence number lies outside the replay window, or was seen before.",
            "xfrm_input(), RFC 4303 §3.4.3"),
        "XfrmInStateProtoError": CounterMeaning(
            .opening, .security, "authentication failed", "The integrity check failed: both ends use different keys.",
            "xfrm_input(), RFC 4303 §3.4.4"),
        "XfrmInStateModeError": CounterMeaning(
            .opening, .security, "mode error", "The inner packet did not fit the security association's mode.", "xfrm_input()"),
        "XfrmInStateExpired": CounterMeaning(
            .opening, .security, "SA expired", "The receiver's security association had reached a hard limit.", "xfrm_input()"),
        "XfrmInStateInvalid": CounterMeaning(
            .opening, .security, "SA invalid", "The receiver's security association was being removed.", "xfrm_input()"),
        "XfrmInStateMismatch": CounterMeaning(
            .opening, .security, "SA mismatch", "The security association asks for another encapsulation than the packet has.",
            "xfrm_input()"),
        "XfrmAcquireError": CounterMeaning(
            .opening, .security, "SA not ready", "The security association was still being agreed.", "xfrm_input()"),
        "XfrmInTmplMismatch": CounterMeaning(
            .opening, .security, "wrong SA for policy",
            "The packet came in clear or by another security association than the policy demands.", "__xfrm_policy_check()"),
        "XfrmInNoPols": CounterMeaning(
            .opening, .security, "no inbound policy", "No policy admits what the security association carried.",
            "__xfrm_policy_check()"),
        "XfrmInPolBlock": CounterMeaning(
            .opening, .security, "blocked by policy", "An inbound policy blocks the packet.", "__xfrm_policy_check()"),
        "XfrmInPolError": CounterMeaning(
            .opening, .security, "policy error", "An inbound policy could not be applied.", "__xfrm_policy_check()"),
        "XfrmInHdrError": CounterMeaning(
            .opening, .security, "malformed ESP", "The packet's ESP header could not be read.", "xfrm_input()"),
        "XfrmInBufferError": CounterMeaning(
            .opening, .security, "no memory", "The receiver had no memory for the packet.", "xfrm_input()"),
        "XfrmInError": CounterMeaning(
            .opening, .security, "inbound error", "The receiver failed to open the packet for a reason without a counter.", "xfrm_input()"),

        // Sealing.
        "XfrmOutNoStates": CounterMeaning(
            .sealing, .security, "no SA at sender", "The sender's policy demands a security association that does not exist yet.",
            "xfrm_lookup_with_ifid()"),
        "XfrmOutPolBlock": CounterMeaning(
            .sealing, .security, "blocked by policy", "An outbound policy blocks the packet.", "xfrm_lookup_with_ifid()"),
        "XfrmOutPolDead": CounterMeaning(
            .sealing, .security, "policy removed", "The outbound policy was removed while it was applied.", "xfrm_lookup_with_ifid()"),
        "XfrmOutPolError": CounterMeaning(
            .sealing, .security, "policy error", "An outbound policy could not be applied.", "xfrm_lookup_with_ifid()"),
        "XfrmOutBundleGenError": CounterMeaning(
            .sealing, .security, "no way to the peer", "No route could be built around the outbound security association.",
            "xfrm_resolve_and_create_bundle()"),
        "XfrmOutBundleCheckError": CounterMeaning(
            .sealing, .security, "no way to the peer", "The route around the outbound security association was no longer valid.",
            "xfrm_lookup_with_ifid()"),
        "XfrmOutStateExpired": CounterMeaning(
            .sealing, .security, "SA expired", "The sender's security association had reached a hard limit.", "xfrm_output_one()"),
        "XfrmOutStateInvalid": CounterMeaning(
            .sealing, .security, "SA invalid", "The sender's security association was being removed.", "xfrm_output_one()"),
        "XfrmOutStateSeqError": CounterMeaning(
            .sealing, .security, "SA exhausted", "The security association has no sequence number left.",
            "xfrm_output_one(), RFC 4303 §3.3.3"),
        "XfrmOutStateProtoError": CounterMeaning(
            .sealing, .security, "sealing failed", "The packet could not be encrypted.", "xfrm_output_one()"),
        "XfrmOutStateModeError": CounterMeaning(
            .sealing, .security, "mode error", "The packet did not fit the security association's mode.", "xfrm_output_one()"),
        "XfrmOutError": CounterMeaning(
            .sealing, .security, "outbound error", "The sender failed to seal the packet for a reason without a counter.",
            "xfrm_output()"),
        "XfrmFwdHdrError": CounterMeaning(
            .sealing, .security, "malformed packet", "The header of a packet to be forwarded could not be read.",
            "__xfrm_route_forward()"),
    ]
}
