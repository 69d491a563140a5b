import Addressing
import AgentProtocol
import LabPlan
import ManagementAPI
import Measurement
import Synchronization
import Topology

/// A lab that does what a test tells it.
final class FakeLab: LabBackend {
    struct State {
        var performed: [LabAction] = []
        /// While true, actions wait.
        var isHeld = false
        var outcome = ActionOutcome(succeeded: true, reason: nil, subject: "gateway-0", began: 0, ended: 1, beganWallClock: 0, costs: [])
        var refusal: AgentMessage.Failure?
        var keys: [PreSharedKey]
        var isConnected = true
        var health: [HealthEntry] = []
        var plan: LabPlan
        /// What was asked for, with the key.
        var added: [(connection: JSONValue, localGateway: JSONValue, key: PreSharedKey)] = []
        var addRefusal: APIError?
        var isTakenDown = false
        /// Resources that a configuration was asked of.
        var asked: [JSONValue] = []
    }

    var plan: LabPlan { state.withLock { $0.plan } }
    let state: Mutex<State>

    init(topology: String = FakeLab.topology) throws {
        let plan = try Topology.load(text: topology, file: "lab.yaml").plan(seed: 1)
        state = Mutex(State(keys: plan.connections.map(\.gatewaySide.preSharedKey), plan: plan))
    }

    static let topology = """
        resetlab: 1
        name: lab
        gateway:
          name: VNet5GW
          addresses: [203.0.113.10]
          prefixes: [10.1.0.0/16]
        sites:
          - name: tokyo
            address: 198.51.100.10
            prefixes: [10.20.0.0/16]
            connection: {name: VNet5toTokyo, preSharedKey: "a very secret key"}
          - name: osaka
            address: 198.51.100.20
            prefixes: [10.30.0.0/16, 10.31.0.0/16]
            connection: {name: VNet5toOsaka, policy: {dhGroup: DHGroup14}}

        """

    static let activeActive = topology.replacing("[203.0.113.10]", with: "[203.0.113.10, 203.0.113.11]").replacing(
        "name: VNet5GW", with: "name: VNet5GW\n  activeActive: true")

    func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }
    var performed: [LabAction] { state.withLock { $0.performed } }

    func status() async throws -> LabStatus {
        let isConnected = state.withLock { $0.isConnected }
        return LabStatus(
            at: 0, instances: [.init(name: "gateway-0", state: "active", addresses: ["203.0.113.10"])],
            connections: plan.connections.map { connection in
                .init(
                    name: connection.name, site: plan.nodes[connection.site].name,
                    tunnels: connection.tunnels.map { tunnel in
                        .init(
                            gatewayAddress: tunnel.gatewayAddress.description, instance: "gateway-0",
                            state: isConnected ? .connected : .notConnected, age: isConnected ? 5_000_000_000 : nil,
                            associations: isConnected
                                ? [
                                    .init(direction: .toGateway, spi: "0x000000ff", age: 5_000_000_000, bytes: 1_000, packets: 10),
                                    .init(direction: .toSite, spi: "0x00000100", age: 5_000_000_000, bytes: 2_000, packets: 20),
                                ] : [], failure: nil)
                    }, loss: [])
            }, lossWindow: 0, changedLinks: [], underWay: [])
    }

    func perform(_ action: LabAction) async throws -> ActionOutcome {
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        state.withLock { $0.performed.append(action) }
        while state.withLock({ $0.isHeld }) { try await Task.sleep(for: .milliseconds(2)) }
        return state.withLock { $0.outcome }
    }

    /// A copy of the last connection under the new name.
    func add(connection: JSONValue, localGateway: JSONValue, key: PreSharedKey) async throws {
        if let refusal = state.withLock({ $0.addRefusal }) { throw refusal }
        state.withLock { state in
            state.added.append((connection, localGateway, key))
            guard var copy = state.plan.connections.last else { return }
            copy.name = connection["name"]?.string ?? ""
            state.plan.connections.append(copy)
            state.keys.append(key)
        }
    }

    func associations() async throws -> [AssociationRecord] { [] }
    func health() async throws -> [HealthEntry] { state.withLock { $0.health } }
    func preSharedKey(ofConnection connection: Int) async throws -> PreSharedKey { state.withLock { $0.keys[connection] } }

    /// Of what a resource can say, its dead peer detection's timeout and its local gateway's address.
    func configuration(
        ofConnection connection: Int, by resource: JSONValue, localGateway: JSONValue, key: PreSharedKey
    ) throws -> ConnectionPlan.GatewayConfiguration {
        state.withLock { $0.asked.append(resource) }
        var configuration = plan.connections[connection].gatewayConfiguration
        configuration.exists = true
        configuration.name = resource["name"]?.string ?? ""
        configuration.side.preSharedKey = key
        if let timeout = resource["properties"]?["dpdTimeoutSeconds"] {
            guard let seconds = timeout.integer else { throw APIError.badRequest("dpdTimeoutSeconds: found a text") }
            configuration.side.deadPeerDetection?.timeout = .seconds(seconds)
        }
        if let address = localGateway["properties"]?["gatewayIpAddress"]?.string.flatMap(IPAddress.init) {
            configuration.siteAddress = address
        }
        return configuration
    }

    func configure(connection: Int, as configuration: ConnectionPlan.GatewayConfiguration) async throws {
        state.withLock { state in
            state.keys[connection] = configuration.side.preSharedKey
            state.plan.connections[connection].gatewayConfiguration = configuration
        }
    }

    func takeDown() async throws { state.withLock { $0.isTakenDown = true } }
}

/// Builds labs of what it is given, all alike.
final class FakeFactory: LabFactory {
    struct Built {
        var resources: [JSONValue]
        var key: PreSharedKey
    }

    let built = Mutex<[Built]>([])

    func build(_ resources: [JSONValue], connection: String, key: PreSharedKey) async throws -> any LabBackend {
        built.withLock { $0.append(Built(resources: resources, key: key)) }
        let gateway = resources.first { $0["type"] == "Microsoft.Network/virtualNetworkGateways" }
        return try FakeLab(
            topology: """
                {resetlab: 1, name: new, gateway: {name: "\(gateway?["name"]?.string ?? "")", addresses: [203.0.113.77], prefixes: [10.9.0.0/16]},
                 sites: [{name: kyoto, address: 198.51.100.30, prefixes: [10.40.0.0/16], connection: {name: "\(connection)"}}]}
                """)
    }
}

/// A service with one lab, and requests with its token.
struct TestService {
    let service: ManagementService
    let lab: FakeLab
    static let identity = ServiceIdentity(endpoint: "https://127.0.0.1:8443")
    static let network = "/subscriptions/\(identity.subscription)/resourceGroups/TestRG5/providers/Microsoft.Network"

    init(topology: String = FakeLab.topology, factory: FakeFactory? = nil) async throws {
        lab = try FakeLab(topology: topology)
        service = ManagementService(
            identity: Self.identity, token: AccessToken(secret: Array(repeating: 7, count: 32), identity: Self.identity), factory: factory)
        try await service.add(ManagedLab(resourceGroup: "TestRG5", backend: lab, identity: Self.identity))
    }

    func ask(
        _ method: String, _ path: String, query: [String: String] = [:], headers: [String: String] = [:], body: JSONValue? = nil
    ) async -> APIResponse {
        var headers = headers
        headers["authorization"] = headers["authorization"] ?? "Bearer \(service.token.text)"
        return await service.respond(to: APIRequest(method, path, query: query, headers: headers, body: body?.bytes ?? []))
    }

    /// An answer's JSON; its status must be this one.
    func json(_ response: APIResponse) throws -> JSONValue { try JSONValue(parsing: response.body) }

    /// Polls an operation as clients do, until it is not in progress.
    func outcome(of accepted: APIResponse) async throws -> (status: JSONValue, result: APIResponse) {
        let paths = ["Azure-AsyncOperation", "Location"].map { accepted.headers[$0].map(Self.path) }
        for _ in 0..<2_000 {
            let status = try json(await ask("GET", paths[0] ?? ""))
            if status["status"] != "InProgress" { return (status, await ask("GET", paths[1] ?? "")) }
            try await Task.sleep(for: .milliseconds(2))
        }
        return (.null, APIResponse(0))
    }

    /// Of an absolute URL, without its query.
    static func path(_ url: String) -> String {
        String(url.dropFirst(identity.endpoint.count).prefix { $0 != "?" })
    }
}
