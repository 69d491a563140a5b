import Addressing
import AgentProtocol
import LabPlan
import LinuxKernel
import ManagementAPI
import Measurement
import Topology

/// What a read of the management API takes with many labs in it: of a connection, whose state is the lab's. The labs answer at once, so that it is
/// the service's own time.
struct APIBenchmark {
    static let gateways = 100
    static let connections = 10

    /// A lab that answers from memory.
    private final class QuickLab: LabBackend {
        let plan: LabPlan
        private let known: LabStatus

        init(_ plan: LabPlan) {
            self.plan = plan
            known = LabStatus(
                at: 0, instances: [],
                connections: plan.connections.map { connection in
                    .init(
                        name: connection.name, site: plan.nodes[connection.site].name,
                        tunnels: [
                            .init(
                                gatewayAddress: "203.0.113.10", instance: "gateway-0", state: .connected, age: 1,
                                associations: [
                                    .init(direction: .toGateway, spi: "0x00000001", age: 1, bytes: 1, packets: 1),
                                    .init(direction: .toSite, spi: "0x00000002", age: 1, bytes: 1, packets: 1),
                                ], failure: nil)
                        ], loss: [])
                }, lossWindow: 0, changedLinks: [], underWay: [])
        }

        struct NotAsked: Error {}

        func status() async throws -> LabStatus { known }
        func perform(_ action: LabAction) async throws -> ActionOutcome { throw NotAsked() }
        func associations() async throws -> [AssociationRecord] { [] }
        func health() async throws -> [HealthEntry] { [] }
        func preSharedKey(ofConnection connection: Int) async throws -> PreSharedKey { throw NotAsked() }
        func configuration(
            ofConnection connection: Int, by resource: JSONValue, localGateway: JSONValue, key: PreSharedKey
        ) throws -> ConnectionPlan.GatewayConfiguration { throw NotAsked() }
        func configure(connection: Int, as configuration: ConnectionPlan.GatewayConfiguration) async throws { throw NotAsked() }
        func add(connection: JSONValue, localGateway: JSONValue, key: PreSharedKey) async throws { throw NotAsked() }
        func takeDown() async throws { throw NotAsked() }
    }

    /// - Returns: nanoseconds of each read, and of each list of everything.
    static func run(reads: Int, lists: Int) async throws -> (reads: [Int64], lists: [Int64]) {
        let identity = ServiceIdentity(endpoint: "https://127.0.0.1:8443")
        let service = ManagementService(identity: identity, token: AccessToken(secret: Array(repeating: 1, count: 32), identity: identity))
        for gateway in 0..<gateways {
            let text = """
                resetlab: 1
                name: lab-\(gateway)
                gateway: {name: "GW\(gateway)", addresses: [203.0.113.10], prefixes: [10.1.0.0/16]}
                sites:
                  - {name: site, address: 198.51.100.1, prefixes: [10.20.0.0/24], count: \(connections)}

                """
            let plan = try Topology.load(text: text, file: "bench.yaml").plan(seed: 1)
            try await service.add(ManagedLab(resourceGroup: "RG", backend: QuickLab(plan), identity: identity))
        }
        let headers = ["authorization": "Bearer \(service.token.text)"]
        let base = "/subscriptions/\(identity.subscription)/resourceGroups/RG/providers/Microsoft.Network"
        let names = await service.managedLabs.flatMap { lab in lab.backend.plan.connections.map(\.name) }
        func time(_ path: String) async throws -> Int64 {
            let start = SystemClock.monotonic.nanoseconds
            let response = await service.respond(to: APIRequest("GET", path, headers: headers))
            guard response.status == 200 else { throw BenchFailure(path: path, status: response.status) }
            return SystemClock.monotonic.nanoseconds - start
        }
        var times: (reads: [Int64], lists: [Int64]) = ([], [])
        for read in 0..<reads { times.reads.append(try await time("\(base)/connections/\(names[read * 7 % names.count])")) }
        for _ in 0..<lists { times.lists.append(try await time("\(base)/connections")) }
        return times
    }
}

struct BenchFailure: Error {
    var path: String
    var status: Int
}
