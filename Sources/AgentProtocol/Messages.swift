import LabPlan
import Measurement

/// What the controller asks of the agent.
///
/// JSON Lines: each request and each message is one JSON object on one line, in UTF-8. Requests are served one after the other, in the order
/// they come. In virtual time they are all in the guest's job before it boots: live input would arrive at a moment that depends on the
/// machine, and the run could not be repeated.
public struct AgentRequest: Codable, Sendable {
    public enum Operation: Codable, Sendable {
        /// Tries out what this kernel can do, in a namespace of its own.
        case probeCapabilities
        /// Builds the lab and brings its connections up.
        case build(LabPlan)
        /// Lets probes run in the lab that was built from now on, so that losses are known at any time: for labs that people work in.
        case watch
        /// Runs the plan's rehearsal in the lab that was built.
        case rehearse
        /// Injects known outages into a link of its own and measures them. There must be no lab.
        case calibrate(CalibrationPlan)
        /// Does something to the lab that was built; answered when its effect is over. Other requests are served meanwhile, here and below.
        case perform(LabAction)
        case status
        /// Changes what the gateway is configured with for a connection: its old SAs are deleted, and it is agreed on anew at once. Where that
        /// does not fit what the site has (another key, policy or prefix), the exchange fails as it would between real devices.
        case configure(connection: Int, ConnectionPlan.GatewayConfiguration)
        /// Builds what the plan has more than the one that stands: sites, with their connections.
        case extend(LabPlan)
        /// Runs a program; answered at its end. What it says comes as `AgentMessage.output` with the request's number.
        case execute(Execution)
        /// For the program that the request with this number runs, or (`taken` only) for its capture.
        case input(execution: Int, ExecutionInput)
        /// Captures packets until it is stopped; they come as `AgentMessage.captured` with the request's number.
        case capture(CaptureRequest)
        /// Ends a program (SIGHUP) or a capture.
        case stop(request: Int)
        /// Every SA of every node, with its keys on request.
        case associations(withKeys: Bool)
        /// Every counter of dropped packets.
        case counters
        /// What the kernel has had of its processors.
        case processorUse
        /// Removes everything that was built.
        case tearDown
        /// Ends the agent (a guest: powers off). Tears down what still stands.
        case shutDown
        /// Removes what the journals of ended agents say was left behind. Host only.
        case cleanUp
    }

    /// Chosen by the controller; the answer carries it.
    public var id: Int
    public var operation: Operation

    public init(id: Int, operation: Operation) {
        self.id = id
        self.operation = operation
    }
}

/// What the agent says: once `hello`, then events and progress as they happen, and one `answer` to each request.
public enum AgentMessage: Codable, Sendable {
    case hello(Hello)
    case progress(Progress)
    case event(TimelineEvent)
    case output(id: Int, ExecutionOutput)
    case captured(id: Int, CapturedPackets)
    case answer(id: Int, Answer)

    public struct Hello: Codable, Sendable, Equatable {
        /// `agentProtocolVersion` of the agent's build.
        public var protocolVersion: Int
        /// `uname -r` of the kernel it runs on.
        public var kernel: String
        /// Since the kernel's start, in nanoseconds (CLOCK_BOOTTIME).
        public var uptime: Int64

        public init(protocolVersion: Int, kernel: String, uptime: Int64) {
            self.protocolVersion = protocolVersion
            self.kernel = kernel
            self.uptime = uptime
        }
    }

    public enum Answer: Codable, Sendable {
        case done
        case capabilities([Capability])
        case rehearsed(RehearsalResult)
        case calibrated(CalibrationResult)
        case performed(ActionOutcome)
        case status(LabStatus)
        case ended(ExecutionEnd)
        case associations([AssociationRecord])
        case counters([CounterRecord])
        case processorUse(ProcessorUse)
        case cleanedUp(CleanUpReport)
        case failed(Failure)
    }

    public struct Failure: Codable, Sendable, Error, CustomStringConvertible {
        public enum Kind: String, Codable, Sendable {
            /// The kernel or the privileges do not suffice: exit code 3.
            case unsupported
            /// The request cannot be met as it is: exit code 2.
            case badRequest = "bad-request"
            /// Anything else went wrong.
            case failed
        }

        public var kind: Kind
        public var message: String

        public init(kind: Kind, message: String) {
            self.kind = kind
            self.message = message
        }

        public var description: String { message }
    }
}

/// Raised whenever a message changes its meaning or shape.
public let agentProtocolVersion = 6

/// How far a long operation is.
public struct Progress: Codable, Sendable, Equatable {
    /// `building`, `connecting`, `measuring`: in this order; or `calibrating`.
    public var phase: String
    /// What is done and what there is to do, in the unit the phase counts: nodes, connections, seconds, outages.
    public var done: Double
    public var total: Double

    public init(phase: String, done: Double, total: Double) {
        self.phase = phase
        self.done = done
        self.total = total
    }
}

/// One thing a lab needs of its kernel, and what came of trying it.
public struct Capability: Codable, Sendable, Equatable {
    public enum Name: String, Codable, Sendable, CaseIterable {
        case namespaces
        case veth
        case bridge
        case dummy
        case ipv6
        case xfrm
        case espGCM = "esp-gcm"
        case espCBC = "esp-cbc"
        case espOverIPv6 = "esp-ipv6"
        case netem
        case packetSockets = "packet-sockets"
    }

    public var name: Name
    public var works: Bool
    /// What was tried and what the kernel said.
    public var detail: String
    /// Whether a lab cannot do without it.
    public var isRequired: Bool

    public init(name: Name, works: Bool, detail: String, isRequired: Bool) {
        self.name = name
        self.works = works
        self.detail = detail
        self.isRequired = isRequired
    }
}

/// What a clean-up found and removed.
public struct CleanUpReport: Codable, Sendable, Equatable {
    /// Namespaces removed, by name.
    public var removed: [String]
    /// What a journal names but could not be removed, with the reason.
    public var failures: [String]
    /// Labs left alone since their agent still runs.
    public var running: [String]

    public init(removed: [String] = [], failures: [String] = [], running: [String] = []) {
        self.removed = removed
        self.failures = failures
        self.running = running
    }
}
