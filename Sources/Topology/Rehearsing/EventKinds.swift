/// The kinds of events that a lab's timeline has, as `TimelineEvent.kind` names them: what a step can wait for.
enum EventKinds {
    static let all = [
        "reset-requested", "maintenance-started", "instance-failed", "connection-reset-requested", "active-down", "standby-down",
        "gateway-down",
        "failure-detected", "configuration-applied", "standby-took-addresses", "next-hops-returned", "announced", "announcement-dropped",
        "instance-back",
        "key-exchange-started", "key-exchange-completed", "key-exchange-failed", "site-security-installed", "gateway-security-installed",
        "peer-dead", "tunnel-down", "traffic-moved", "rekeyed", "rekey-failed", "reset-finished", "maintenance-finished",
        "failure-finished", "connection-reset-finished",
        "link-cut", "link-restored", "link-impaired", "recovered", "step-timed-out", "step-refused",
    ]
}
