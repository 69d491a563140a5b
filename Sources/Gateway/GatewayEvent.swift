/// Why an instance restarts. Each has its own times (`TimingPlan`).
public enum RestartCause: Sendable, Hashable, CaseIterable {
    /// Asked for.
    case reset
    /// Planned.
    case maintenance
    /// Without warning.
    case failure
}

/// A restart: numbered from 1 in the order of the requests.
public struct Restart: Sendable, Hashable {
    public let number: Int
    public let cause: RestartCause
    public let instance: InstanceID

    public init(number: Int, cause: RestartCause, instance: InstanceID) {
        self.number = number
        self.cause = cause
        self.instance = instance
    }
}

/// An entry of the gateway's timeline.
public enum GatewayEvent: Sendable, Hashable {
    case restartRequested(Restart)
    /// The instance forwards nothing from here on.
    case activeDown(InstanceID)
    /// An instance that forwarded nothing is away: no outage by itself.
    case standbyDown(InstanceID)
    /// Both instances are away.
    case gatewayDown
    /// The peer has noticed that the instance that forwarded is away.
    case failureDetected(by: InstanceID)
    case configurationApplied(InstanceID)
    /// Also at the gateway's start and when an instance is back to find no other: whoever takes the addresses did not have them before.
    case standbyTookAddresses(InstanceID)
    /// An active-active gateway's instance has its own next hops again.
    case nextHopsReturned(InstanceID)
    /// Repetitions are numbered from 1.
    case announced(InstanceID, repetition: Int)
    case instanceBack(InstanceID)
    /// The instance is back, the gateway forwards, and every tunnel is up or refused.
    case restartFinished(Restart)

    /// The kind as timelines spell it.
    public var kind: String {
        switch self {
        case .restartRequested(let restart):
            switch restart.cause {
            case .reset: "reset-requested"
            case .maintenance: "maintenance-started"
            case .failure: "instance-failed"
            }
        case .activeDown: "active-down"
        case .standbyDown: "standby-down"
        case .gatewayDown: "gateway-down"
        case .failureDetected: "failure-detected"
        case .configurationApplied: "configuration-applied"
        case .standbyTookAddresses: "standby-took-addresses"
        case .nextHopsReturned: "next-hops-returned"
        case .announced: "announced"
        case .instanceBack: "instance-back"
        case .restartFinished(let restart):
            switch restart.cause {
            case .reset: "reset-finished"
            case .maintenance: "maintenance-finished"
            case .failure: "failure-finished"
            }
        }
    }

    public var instance: InstanceID? {
        switch self {
        case .activeDown(let instance), .standbyDown(let instance), .failureDetected(let instance), .configurationApplied(let instance),
            .standbyTookAddresses(let instance), .nextHopsReturned(let instance), .announced(let instance, _), .instanceBack(let instance):
            instance
        case .restartRequested(let restart), .restartFinished(let restart): restart.instance
        case .gatewayDown: nil
        }
    }

    /// The restart that the event is about by itself.
    public var restart: Restart? {
        switch self {
        case .restartRequested(let restart), .restartFinished(let restart): restart
        default: nil
        }
    }
}
