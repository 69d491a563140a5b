import Addressing
import EventLoop
import Measurement
import Probing

/// The applications of all connections: clients at the sites, servers behind the gateway.
///
///     let applications = try ConnectionApplications(loop: loop, settings: settings, ends: ends)
///     applications.begin(at: start, for: duration)
///     …
///     let results = applications.end(disruption: reset)
public final class ConnectionApplications {
    /// What every connection's applications do.
    public struct Settings: Sendable {
        public var messageRate: Double
        public var messageSize: Int
        public var requestRate: Double
        public var requestSize: Int
        public var answerSize: Int
        public var requestTimeout: Duration

        public init(
            messageRate: Double, messageSize: Int, requestRate: Double, requestSize: Int, answerSize: Int, requestTimeout: Duration
        ) {
            self.messageRate = messageRate
            self.messageSize = messageSize
            self.requestRate = requestRate
            self.requestSize = requestSize
            self.answerSize = answerSize
            self.requestTimeout = requestTimeout
        }
    }

    /// A connection, and how its client comes by a socket to the server's port.
    public struct Connection {
        public var name: String
        public var connect: (_ port: UInt16) throws -> TCPSocket

        public init(name: String, connect: @escaping (_ port: UInt16) throws -> TCPSocket) {
            self.name = name
            self.connect = connect
        }
    }

    private let loop: EventLoop
    private let names: [String]
    private let messages: [MessageApplication]
    private let requests: [RequestApplication]
    private var servers: [ApplicationServer] = []

    /// - Parameter listeners: of both ports, at every address that clients connect to.
    public init(loop: EventLoop, settings: Settings, connections: [Connection], listeners: [TCPSocket]) throws {
        self.loop = loop
        names = connections.map(\.name)
        messages = connections.enumerated().map { index, connection in
            MessageApplication(loop: loop, connection: index, rate: settings.messageRate, size: settings.messageSize) {
                try connection.connect(MeasurementPorts.messages)
            }
        }
        let requestSettings = RequestApplication.Settings(
            rate: settings.requestRate, requestSize: settings.requestSize, answerSize: settings.answerSize,
            timeout: settings.requestTimeout.nanoseconds)
        requests = connections.enumerated().map { index, connection in
            RequestApplication(loop: loop, connection: index, settings: requestSettings) {
                try connection.connect(MeasurementPorts.requests)
            }
        }
        servers = try listeners.map { listener in
            try ApplicationServer(loop: loop, listener: listener) { [unowned self] in welcome($0, $1) }
        }
    }

    /// - Parameters:
    ///   - start: CLOCK_MONOTONIC in nanoseconds, not passed yet.
    ///   - duration: how long messages and requests are due.
    public func begin(at start: Int64, for duration: Duration) {
        for application in messages { application.begin(at: start, for: duration.nanoseconds) }
        for application in requests { application.begin(at: start, for: duration.nanoseconds) }
    }

    /// Ends all of them; their connections are reset.
    ///
    /// - Parameter disruption: when something was disrupted first, in nanoseconds since the start; nil for never.
    public func end(disruption: Int64?) -> [ApplicationResult] {
        for server in servers { server.end() }
        servers = []
        return names.indices.map { index in
            let (flows, breaks) = messages[index].finish()
            return ApplicationResult(
                connection: names[index], messages: flows, breaks: breaks, requests: requests[index].finish(disruption: disruption))
        }
    }

    private func welcome(_ greeting: ApplicationGreeting, _ socket: TCPSocket) {
        guard names.indices.contains(greeting.connection) else { return }
        switch greeting.kind {
        case .messages: messages[greeting.connection].accept(socket, attempt: greeting.attempt)
        case .requests: requests[greeting.connection].accept(socket, attempt: greeting.attempt)
        }
    }
}
