import AzureResources
import Foundation
import Glibc
import LabPlan
import LinuxKernel
import ManagementAPI
import Processes
import Topology

/// A lab that the server has started, and takes down again.
struct ServedLab: Sendable {
    var name: String { topology.name }
    /// With the sites that it has got since it was started.
    private var topology: Topology
    private let rate: Double
    /// As it stands, with keys.
    private(set) var plan: LabPlan

    /// - Throws: `PlanError` for options that do not fit the topology.
    private init(topology: Topology, seed: UInt64, rate: Double) throws {
        self.topology = topology
        self.rate = rate
        plan = try topology.plan(seed: seed, overrides: .init(probeRate: rate))
    }

    mutating func configure(_ connection: Int, as configuration: ConnectionPlan.GatewayConfiguration) {
        plan.connections[connection].gatewayConfiguration = configuration
    }

    /// With the site of a new connection.
    ///
    /// The resources of the lab and the new ones together are read as an import reads them, so that one is held against the others; what is of the
    /// lab's own topology stays as it is there.
    ///
    /// - Throws: `APIError` for what a lab cannot have.
    func adding(connection: JSONValue, localGateway: JSONValue, key: PreSharedKey) throws -> ServedLab {
        let name = connection["name"]?.string ?? ""
        let export = ResourceExport(everySiteOf: plan, like: localGateway)
        do {
            let imported = try TopologyImport(
                name: self.name, keys: [name: String(decoding: key.secret, as: UTF8.self)], allowsMissingKeys: true
            ).topology(from: [("the lab", export.resources.bytes), ("the request", JSONValue.array([localGateway, connection]).bytes)])
            let whole = try Topology.load(text: imported.text, file: "the lab with the new connection")
            guard let extended = topology.adding(connection: name, from: whole) else {
                throw APIError.badRequest("The connection \(name) is none of this gateway's.")
            }
            var lab = try ServedLab(topology: extended, seed: plan.seed, rate: rate)
            // What was changed since it was started stays so.
            for index in plan.connections.indices { lab.configure(index, as: plan.connections[index].gatewayConfiguration) }
            guard lab.plan.addition(to: plan) != nil else {
                throw APIError(
                    400, "OperationNotAllowed",
                    "The site cannot be built into a lab that stands: its addresses are of a family that no other site or the gateway has.")
            }
            return lab
        } catch let error as ImportError {
            throw APIError.badRequest("What was sent makes no site of a lab: \(error)")
        }
    }

    /// Starts it with the program's own command, as a user would.
    ///
    /// - Parameters:
    ///   - topology: the file.
    ///   - seed: what randomness is derived from, keys that the file does not have among it.
    /// - Throws: `PortalFailure` with what the command has said.
    static func start(_ topology: String, backend: String, seed: UInt64, rate: Double) throws -> ServedLab {
        let lab: ServedLab
        do {
            let text = try String(contentsOfFile: topology, encoding: .utf8)
            lab = try ServedLab(topology: try Topology.load(text: text, file: topology), seed: seed, rate: rate)
        } catch let errors as TopologyErrors {
            throw PortalFailure(.badInput, "\(topology) is not used, nothing was built:\n\(errors)")
        } catch let error as PlanError {
            throw PortalFailure(.badInput, "the options do not fit \(topology): \(error)")
        } catch {
            throw PortalFailure(.badInput, "\(topology) cannot be read: \(error.localizedDescription)")
        }
        let arguments = ["up", topology, "--backend", backend, "--seed", "\(seed)", "--rate", "\(rate)", "--quiet", "--format", "json"]
        let finished = try Command(try controller(), arguments).runToEnd(limit: .seconds(600))
        guard finished.status == .exited(0) else {
            let status: PortalFailure.Status =
                switch finished.status {
                case .exited(2): .badInput
                case .exited(3): .cannotRun
                default: .failed
                }
            throw PortalFailure(
                status,
                "the lab of \(topology) could not be started: \(finished.errorOutput.trimmingCharacters(in: .whitespacesAndNewlines))")
        }
        return lab
    }

    /// - Returns: what the command has said when that failed.
    func takeDown() -> String? {
        do {
            let finished = try Command(try Self.controller(), ["down", "--lab", name]).runToEnd(limit: .seconds(180))
            return finished.status == .exited(0) ? nil : finished.errorOutput
        } catch {
            return "\(error)"
        }
    }

    /// The controller: it stands beside this program, unless `RESETLAB_CONTROLLER` names another one.
    private static func controller() throws -> String {
        if let named = ProcessInfo.processInfo.environment["RESETLAB_CONTROLLER"] { return named }
        let path = try OwnExecutable.sibling("resetlab")
        guard access(path, X_OK) == 0 else {
            throw PortalFailure(.cannotRun, "\(path) is not there: build it with scripts/build, and keep both programs in one folder")
        }
        return path
    }
}

/// A failure with the exit code that it is to end with.
struct PortalFailure: Error, CustomStringConvertible {
    enum Status: Int32 {
        case badInput = 2
        case cannotRun = 3
        case failed = 4
    }

    var status: Status
    var description: String

    init(_ status: Status, _ description: String) {
        self.status = status
        self.description = description
    }
}
