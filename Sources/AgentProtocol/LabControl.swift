import LabPlan
import Measurement

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

// What a lab that people work in tells and takes besides: status, outcomes of actions, programs run in its nodes, captured packets.

/// The lab at one moment.
public struct LabStatus: Codable, Sendable, Equatable {
    public struct Instance: Codable, Sendable, Equatable {
        public var name: String
        /// `active`, `standby`, `restarting` or `gone`.
        public var state: String
        /// The gateway's internet addresses that it holds.
        public var addresses: [String]

        public init(name: String, state: String, addresses: [String]) {
            self.name = name
            self.state = state
            self.addresses = addresses
        }
    }

    public struct Association: Codable, Sendable, Equatable {
        /// `to-gateway` or `to-site`.
        public var direction: FlowDirection
        /// `0x` and eight hexadecimal digits.
        public var spi: String
        /// In nanoseconds since it was installed.
        public var age: Int64
        public var bytes: UInt64
        public var packets: UInt64

        public init(direction: FlowDirection, spi: String, age: Int64, bytes: UInt64, packets: UInt64) {
            self.direction = direction
            self.spi = spi
            self.age = age
            self.bytes = bytes
            self.packets = packets
        }
    }

    public struct Tunnel: Codable, Sendable, Equatable {
        public enum State: String, Codable, Sendable {
            case connected = "Connected"
            case connecting = "Connecting"
            case notConnected = "NotConnected"
        }

        public var gatewayAddress: String
        /// The instance that it ends at now; nil when no instance has the address.
        public var instance: String?
        public var state: State
        /// In nanoseconds since the tunnel came up; nil while it is not.
        public var age: Int64?
        /// Those in use at the gateway's end.
        public var associations: [Association]
        /// Why the last key exchange failed; nil when it did not.
        public var failure: String?

        public init(
            gatewayAddress: String, instance: String?, state: State, age: Int64?, associations: [Association], failure: String?
        ) {
            self.gatewayAddress = gatewayAddress
            self.instance = instance
            self.state = state
            self.age = age
            self.associations = associations
            self.failure = failure
        }
    }

    /// What a connection's probes of the last seconds met with.
    public struct Loss: Codable, Sendable, Equatable {
        public var direction: FlowDirection
        public var sent: Int
        public var lost: Int

        public init(direction: FlowDirection, sent: Int, lost: Int) {
            self.direction = direction
            self.sent = sent
            self.lost = lost
        }
    }

    public struct Connection: Codable, Sendable, Equatable {
        public var name: String
        public var site: String
        public var tunnels: [Tunnel]
        /// Of both directions; empty while nothing is measured.
        public var loss: [Loss]

        public init(name: String, site: String, tunnels: [Tunnel], loss: [Loss]) {
            self.name = name
            self.site = site
            self.tunnels = tunnels
            self.loss = loss
        }
    }

    /// A link that is not as planned.
    public struct ChangedLink: Codable, Sendable, Equatable {
        /// As `LabPlan.linkName` has it.
        public var name: String
        /// `cut`, or the impairment in words.
        public var change: String

        public init(name: String, change: String) {
            self.name = name
            self.change = change
        }
    }

    /// The lab's clock (CLOCK_MONOTONIC of its kernel) in nanoseconds: the clock of `AgentMessage.event`.
    public var at: Int64
    public var instances: [Instance]
    public var connections: [Connection]
    /// Over how long `Connection.loss` counts, in nanoseconds.
    public var lossWindow: Int64
    public var changedLinks: [ChangedLink]
    /// Actions under way, in words.
    public var underWay: [String]

    public init(
        at: Int64, instances: [Instance], connections: [Connection], lossWindow: Int64, changedLinks: [ChangedLink], underWay: [String]
    ) {
        self.at = at
        self.instances = instances
        self.connections = connections
        self.lossWindow = lossWindow
        self.changedLinks = changedLinks
        self.underWay = underWay
    }
}

/// What came of an action: whether it succeeded, when it happened, and what it cost.
public struct ActionOutcome: Codable, Sendable, Equatable {
    /// What it cost a flow.
    public struct Cost: Codable, Sendable, Equatable {
        public var connection: String
        public var direction: FlowDirection
        public var sent: Int
        public var lost: Int
        /// By the frame-loss method, in nanoseconds; 0 is "no loss".
        public var outage: Int64
        public var state: Outage.State

        public init(connection: String, direction: FlowDirection, sent: Int, lost: Int, outage: Int64, state: Outage.State) {
            self.connection = connection
            self.direction = direction
            self.sent = sent
            self.lost = lost
            self.outage = outage
            self.state = state
        }
    }

    public var succeeded: Bool
    /// Why it did not.
    public var reason: String?
    /// What it happened to: an instance's, a connection's or a link's name.
    public var subject: String
    /// When it began and when everything was as it had been, in nanoseconds of the lab's clock.
    public var began: Int64
    public var ended: Int64
    /// Wall-clock time of `began`: nanoseconds since 1970 of the lab's kernel.
    public var beganWallClock: Int64
    /// Every flow that lost a probe in it or had not recovered; empty for no loss.
    public var costs: [Cost]

    public init(
        succeeded: Bool, reason: String?, subject: String, began: Int64, ended: Int64, beganWallClock: Int64, costs: [Cost]
    ) {
        self.succeeded = succeeded
        self.reason = reason
        self.subject = subject
        self.began = began
        self.ended = ended
        self.beganWallClock = beganWallClock
        self.costs = costs
    }
}

/// A program to be run in a node.
public struct Execution: Codable, Sendable, Equatable {
    public struct TerminalSize: Codable, Sendable, Equatable {
        public var rows: Int
        public var columns: Int

        public init(rows: Int, columns: Int) {
            self.rows = rows
            self.columns = columns
        }
    }

    public var node: Int
    /// The program, looked up in PATH where it has no slash, and its arguments.
    public var arguments: [String]
    /// `NAME=VALUE`, on top of the agent's own.
    public var environment: [String]
    /// A terminal of this size, or pipes.
    public var terminal: TerminalSize?
    /// Where it starts; `/` where there is no such folder, as in a guest. nil: where the agent is.
    public var directory: String?

    public init(node: Int, arguments: [String], environment: [String], terminal: TerminalSize?, directory: String? = nil) {
        self.node = node
        self.arguments = arguments
        self.environment = environment
        self.terminal = terminal
        self.directory = directory
    }
}

/// What goes to a program that runs, or happens to it.
public enum ExecutionInput: Codable, Sendable, Equatable {
    /// For its standard input. Answered once the program's pipe or terminal has taken all of it, so that whoever sends waits for a slow program.
    case bytes(Base64Bytes)
    /// Nothing more is coming.
    case end
    case resize(Execution.TerminalSize)
    /// To its process group; of a terminal, to the group in the foreground.
    case signal(Int32)
    /// So many bytes of its output, or of a capture's packets, have arrived where they were to go. Once `flowWindow` bytes are under way, no more
    /// are read until some of them have arrived: a slow reader stops the program that it reads from, and nothing else in the lab.
    case taken(Int)

    /// In bytes of output, or of captured packets.
    public static let flowWindow = 1 << 20
}

/// What a program says.
public struct ExecutionOutput: Codable, Sendable, Equatable {
    /// 1 for standard output (and a terminal's), 2 for standard error.
    public var descriptor: Int32
    public var bytes: Base64Bytes

    public init(descriptor: Int32, bytes: Base64Bytes) {
        self.descriptor = descriptor
        self.bytes = bytes
    }
}

/// How a program ended.
public struct ExecutionEnd: Codable, Sendable, Equatable {
    /// The exit status; 128 and the signal's number for one that a signal ended, as shells have it.
    public var status: Int32

    public init(status: Int32) { self.status = status }
}

/// Which packets are to be captured.
public struct CaptureRequest: Codable, Sendable, Equatable {
    public var node: Int
    /// nil for every interface of the node.
    public var interface: String?
    /// How much of each packet is kept, in bytes.
    public var snapLength: Int

    /// In bytes: more than any packet has.
    public static let largestSnapLength = 262_144

    public init(node: Int, interface: String?, snapLength: Int = Self.largestSnapLength) {
        self.node = node
        self.interface = interface
        self.snapLength = snapLength
    }
}

/// Captured packets, in the order of their time.
public struct CapturedPackets: Codable, Sendable, Equatable {
    public struct Interface: Codable, Sendable, Equatable {
        public var index: Int32
        public var name: String
        /// ARPHRD_* of its frames (1: Ethernet, 772: loopback).
        public var hardwareType: UInt16

        public init(index: Int32, name: String, hardwareType: UInt16) {
            self.index = index
            self.name = name
            self.hardwareType = hardwareType
        }
    }

    public struct Packet: Codable, Sendable, Equatable {
        /// Index of the interface, as the kernel numbers it.
        public var interface: Int32
        /// Wall clock: nanoseconds since 1970.
        public var at: Int64
        /// On the wire, in bytes.
        public var length: Int
        public var isOutgoing: Bool
        /// From the link-layer header on, cut to the snap length. Base64 in JSON.
        public var bytes: Base64Bytes

        public init(interface: Int32, at: Int64, length: Int, isOutgoing: Bool, bytes: Base64Bytes) {
            self.interface = interface
            self.at = at
            self.length = length
            self.isOutgoing = isOutgoing
            self.bytes = bytes
        }
    }

    /// In the first message every interface there is, later ones that are new.
    public var interfaces: [Interface]
    public var packets: [Packet]
    /// How many the kernel had to drop for want of room, up to now.
    public var dropped: UInt64

    public init(interfaces: [Interface], packets: [Packet], dropped: UInt64) {
        self.interfaces = interfaces
        self.packets = packets
        self.dropped = dropped
    }
}

/// An SA as it is installed in a node.
public struct AssociationRecord: Codable, Sendable, Equatable {
    public var node: String
    public var source: String
    public var destination: String
    /// `0x` and eight hexadecimal digits.
    public var spi: String
    public var requestID: UInt32
    /// The kernel's names of the algorithms, such as `rfc4106(gcm(aes))` or `cbc(aes)` and `hmac(sha256)`.
    public var encryption: String
    public var integrity: String?
    /// In bits: of the integrity check value.
    public var truncation: UInt32
    public var packets: UInt64
    public var bytes: UInt64
    /// In nanoseconds since it was installed.
    public var age: Int64
    public var sequenceSent: UInt64
    public var sequenceReceived: UInt64
    /// Only when asked for: a cipher's key with its salt, and the integrity key, in lower-case hexadecimal digits.
    public var encryptionKey: String?
    public var integrityKey: String?

    public init(
        node: String, source: String, destination: String, spi: String, requestID: UInt32, encryption: String, integrity: String?,
        truncation: UInt32, packets: UInt64, bytes: UInt64, age: Int64, sequenceSent: UInt64, sequenceReceived: UInt64,
        encryptionKey: String?, integrityKey: String?
    ) {
        self.node = node
        self.source = source
        self.destination = destination
        self.spi = spi
        self.requestID = requestID
        self.encryption = encryption
        self.integrity = integrity
        self.truncation = truncation
        self.packets = packets
        self.bytes = bytes
        self.age = age
        self.sequenceSent = sequenceSent
        self.sequenceReceived = sequenceReceived
        self.encryptionKey = encryptionKey
        self.integrityKey = integrityKey
    }
}

/// A counter's reading.
public struct CounterRecord: Codable, Sendable, Equatable {
    public var node: String
    public var interface: String?
    public var name: String
    public var value: UInt64

    public init(node: String, interface: String?, name: String, value: UInt64) {
        self.node = node
        self.interface = interface
        self.name = name
        self.value = value
    }
}

/// Bytes that are Base64 text in JSON (RFC 4648 §4): a third more than they are, not four times as much.
public struct Base64Bytes: Codable, Sendable, Equatable {
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let data = Data(base64Encoded: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not Base64")
        }
        bytes = Array(data)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(bytes).base64EncodedString())
    }
}
