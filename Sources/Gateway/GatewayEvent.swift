/// An entry of the gateway's timeline.
public enum GatewayEvent: Sendable, Hashable {
    /// Resets are numbered from 1; the instance is the one that restarts.
    case resetRequested(reset: Int, InstanceID)
    /// The instance forwards nothing from here on.
    case activeDown(InstanceID)
    /// Both instances are away.
    case gatewayDown
    /// The standby has noticed that the active instance is away.
    case failureDetected(by: InstanceID)
    case configurationApplied(InstanceID)
    /// Also at the gateway's start and when an instance is back to find no other: whoever takes the addresses was no active instance before.
    case standbyTookAddresses(InstanceID)
    /// Repetitions are numbered from 1.
    case announced(InstanceID, repetition: Int)
    case keyExchangeStarted(KeyExchangeID, InstanceID)
    case keyExchangeCompleted(KeyExchangeID, InstanceID)
    case keyExchangeFailed(KeyExchangeID, InstanceID)
    case instanceBack(InstanceID)
    /// The instance that the reset restarted is back, an instance is active, and no key exchange is under way.
    case resetFinished(reset: Int)

    /// The kind as timelines spell it.
    public var kind: String {
        switch self {
        case .resetRequested: "reset-requested"
        case .activeDown: "active-down"
        case .gatewayDown: "gateway-down"
        case .failureDetected: "failure-detected"
        case .configurationApplied: "configuration-applied"
        case .standbyTookAddresses: "standby-took-addresses"
        case .announced: "announced"
        case .keyExchangeStarted: "key-exchange-started"
        case .keyExchangeCompleted: "key-exchange-completed"
        case .keyExchangeFailed: "key-exchange-failed"
        case .instanceBack: "instance-back"
        case .resetFinished: "reset-finished"
        }
    }

    public var instance: InstanceID? {
        switch self {
        case .resetRequested(_, let instance), .activeDown(let instance), .failureDetected(let instance),
            .configurationApplied(let instance), .standbyTookAddresses(let instance), .announced(let instance, _),
            .keyExchangeStarted(_, let instance), .keyExchangeCompleted(_, let instance), .keyExchangeFailed(_, let instance),
            .instanceBack(let instance):
            instance
        case .gatewayDown, .resetFinished: nil
        }
    }

    public var connection: ConnectionID? {
        switch self {
        case .keyExchangeStarted(let exchange, _), .keyExchangeCompleted(let exchange, _), .keyExchangeFailed(let exchange, _):
            exchange.connection
        default: nil
        }
    }

    /// The number of the reset that the event belongs to by itself.
    public var reset: Int? {
        switch self {
        case .resetRequested(let reset, _), .resetFinished(let reset): reset
        default: nil
        }
    }
}
