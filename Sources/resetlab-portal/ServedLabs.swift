import AzureResources
import Foundation
import LabPlan
import LinuxKernel
import ManagementAPI
import Synchronization

/// All labs of a server: those that it was started with, and those of gateways that clients create and delete.
final class ServedLabs: LabFactory {
    private struct Options {
        var backend: String
        var seed: UInt64
        var rate: Double
        /// Where topologies of created gateways are kept while their labs stand.
        var folder: String
    }

    private let options: Options
    private let standing = Mutex<[ServedLab]>([])
    /// Whether the server ends: a lab that goes then is not told of.
    private let isEnding: @Sendable () -> Bool

    init(backend: String, seed: UInt64, rate: Double, folder: String, isEnding: @escaping @Sendable () -> Bool) {
        options = Options(backend: backend, seed: seed, rate: rate, folder: folder)
        self.isEnding = isEnding
    }

    /// Starts the lab of a file.
    ///
    /// - Throws: `PortalFailure`.
    func start(_ topology: String) throws -> LabConnection {
        let lab = try ServedLab.start(topology, backend: options.backend, seed: options.seed, rate: options.rate)
        standing.withLock { $0.append(lab) }
        do {
            return try LabConnection(lab, of: self) { [self] error in
                let isExpected = isEnding() || !standing.withLock { $0.contains { $0.name == lab.name } }
                if !isExpected { standardError("resetlab-portal: the lab \(lab.name): \(error)") }
            }
        } catch {
            throw PortalFailure(.failed, "\(error)")
        }
    }

    func build(_ resources: [JSONValue], connection: String, key: PreSharedKey) async throws -> any LabBackend {
        let imported: TopologyImport.Result
        do {
            imported = try TopologyImport(name: freeName(of: resources), keys: [connection: String(decoding: key.secret, as: UTF8.self)])
                .topology(from: [("the request", JSONValue.array(resources).bytes)])
        } catch {
            throw APIError.badRequest("What was sent makes no lab: \(error)")
        }
        // With the key in it, for its owner alone, and as long as it takes to read it.
        let file = "\(options.folder)/\(UUID().uuidString).yaml"
        defer { unlink(file) }
        do {
            try OwnFile.write(imported.text, to: file, mode: 0o600)
            return try await onThread { try self.start(file) }
        } catch let failure as PortalFailure {
            throw APIError(failure.status == .badInput ? 400 : 500, "LabNotBuilt", failure.description)
        }
    }

    /// The gateway's, with a number where a lab has it.
    private func freeName(of resources: [JSONValue]) -> String {
        let wanted = TopologyImport.labName(of: resources)
        let taken = Set(standing.withLock { $0.map(\.name) })
        return ([wanted] + (2...1_000).map { "\(wanted.prefix(15))-\($0)" }).first { !taken.contains($0) } ?? wanted
    }

    /// - Returns: what the command has said when that failed.
    func takeDown(_ name: String) async -> String? {
        await onThread { [self] in takeDownNow(name) }
    }

    private func takeDownNow(_ name: String) -> String? {
        let lab = standing.withLock { standing -> ServedLab? in
            guard let index = standing.firstIndex(where: { $0.name == name }) else { return nil }
            return standing.remove(at: index)
        }
        guard let lab, let failure = lab.takeDown() else { return nil }
        return "taking \(lab.name) down: \(failure.trimmingCharacters(in: .whitespacesAndNewlines))"
    }

    /// Takes all of them down, and tells what could not be.
    func takeDownAll() {
        for name in standing.withLock({ $0.map(\.name) }) {
            if let failure = takeDownNow(name) { standardError("resetlab-portal: \(failure)") }
        }
    }

    /// Runs what blocks for long, a command, without keeping a thread of the pool.
    private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result(catching: body)) }.start()
        }
    }

    private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: body()) }.start()
        }
    }
}
