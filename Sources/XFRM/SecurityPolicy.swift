import Addressing

/// What the kernel does with packets that a selector matches: an `xfrm_policy`.
public struct SecurityPolicy: Hashable, Sendable {
    public enum Direction: Hashable, Sendable, CaseIterable {
        /// Packets opened for this namespace itself.
        case inbound
        case outbound
        /// Packets opened here and forwarded.
        case forwarded
    }

    public enum Action: Hashable, Sendable {
        case allow
        case block
    }

    /// Which SA a packet takes on its way out, or must have come by.
    public struct Template: Hashable, Sendable {
        /// The tunnel's ends.
        public var source: IPAddress
        public var destination: IPAddress
        public var requestID: UInt32
        public var mode: SecurityAssociation.Mode
        /// One SA only; nil for any that fits.
        public var spi: SPI?
        /// Whether packets that came by no such SA pass too. Of no effect outbound.
        public var isOptional: Bool

        public init(
            source: IPAddress, destination: IPAddress, requestID: UInt32 = 0, mode: SecurityAssociation.Mode = .tunnel, spi: SPI? = nil,
            isOptional: Bool = false
        ) {
            self.source = source
            self.destination = destination
            self.requestID = requestID
            self.mode = mode
            self.spi = spi
            self.isOptional = isOptional
        }
    }

    /// By selector and direction: the kernel keeps one policy for both.
    public struct ID: Hashable, Sendable {
        public var direction: Direction
        public var selector: TrafficSelector

        public init(direction: Direction, selector: TrafficSelector) {
            self.direction = direction
            self.selector = selector
        }
    }

    public var direction: Direction
    public var selector: TrafficSelector
    /// The lowest number wins.
    public var priority: UInt32
    public var action: Action
    /// None lets matching packets pass in clear (or blocks them); at most 6, the innermost first.
    public var templates: [Template]
    public var lifetime: Lifetime

    public init(
        direction: Direction, selector: TrafficSelector, priority: UInt32 = 0, action: Action = .allow, templates: [Template],
        lifetime: Lifetime = .unlimited
    ) {
        self.direction = direction
        self.selector = selector
        self.priority = priority
        self.action = action
        self.templates = templates
        self.lifetime = lifetime
    }

    public var id: ID { ID(direction: direction, selector: selector) }
}

extension SecurityPolicy: CustomStringConvertible {
    public var description: String { "\(id)" }
}

extension SecurityPolicy.ID: CustomStringConvertible {
    public var description: String { "\(direction) policy \(selector)" }
}
