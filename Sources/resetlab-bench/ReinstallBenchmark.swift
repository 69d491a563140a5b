import CRawReplay
import LabPlan
import LinuxKernel
import Netlink
import Processes
import XFRM

/// What the ways of replacing a gateway's and all its sites' SAs and policies took in one round; in nanoseconds of virtual time.
struct ReinstallRound: Codable {
    var batch: Int64
    var raw: Int64
    var ip: Int64
}

/// What a guest tells of both ends' reinstallation.
struct ReinstallMeasurement: Codable {
    var connections: Int
    var rounds: [ReinstallRound]

    /// In milliseconds, all of it.
    func series(_ way: KeyPath<ReinstallRound, Int64>) -> Series { Series(rounds.map { Double($0[keyPath: way]) / 1e6 }) }
}

/// Flushes and installs everything that a gateway of many sites and the sites have, each in a namespace of its own, in turn: one batch for each
/// namespace, the same bytes replayed raw, and `ip -batch` for each namespace.
final class ReinstallBenchmark {
    static let connections = 1_000
    private static let rounds = 3

    private final class Place {
        let name: String
        let namespace: NetworkNamespace
        let socket: XFRMSocket
        let raw: FileDescriptor
        let security: NodeSecurity
        /// As they were sent.
        var requests: [UInt8] = []

        init(_ security: NodeSecurity, on thread: NamespaceThread) throws {
            self.security = security
            name = "reinstall-\(security.node)"
            namespace = try thread.makeNamespace(named: name)
            socket = try thread.run(in: namespace) { try XFRMSocket() }
            let opened = try thread.run(in: namespace) { raw_replay_open(NetlinkProtocol.xfrm.rawValue) }
            guard opened >= 0 else { throw SystemCallError("socket", "the raw replay", Errno(code: -opened)) }
            raw = FileDescriptor(owning: opened)
        }
    }

    private let thread: NamespaceThread
    private let places: [Place]
    private let folder: String

    /// - Parameter folder: for the commands' files; exists.
    init(folder: String) throws {
        self.folder = folder
        let thread = try NamespaceThread()
        self.thread = thread
        let security = NodeSecurity.all(of: try BenchLab.plan(sites: Self.connections, hasDummies: true))
        try ResourceLimits.raiseOpenFiles(to: UInt64(security.count * 3 + 1_024))
        places = try security.map { try Place($0, on: thread) }
        for place in places {
            var lines = ["xfrm state flush", "xfrm policy flush"]
            lines += place.security.policies.map { IPCommands.line(for: $0) }
            lines += place.security.associations.map { IPCommands.line(for: $0, key: NodeSecurity.key(of: $0)) }
            try OutputFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "\(folder)/\(place.name)")
        }
    }

    func measure() throws -> ReinstallMeasurement {
        // Not counted: the first SA of an algorithm loads it.
        _ = try batch()
        let rounds = try (0..<Self.rounds).map { _ in
            ReinstallRound(batch: try time(batch), raw: try time(raw), ip: try time(ip))
        }
        let result = ReinstallMeasurement(
            connections: Self.connections, rounds: rounds)
        for place in places { try NetworkNamespace.remove(named: place.name, identity: place.namespace.identity) }
        return result
    }

    /// Takes the time of one way, and sees to it that the gateway has what it must.
    private func time(_ work: () throws -> Void) throws -> Int64 {
        let start = SystemClock.monotonic.nanoseconds
        try work()
        let time = SystemClock.monotonic.nanoseconds - start
        for place in [places[0], places[1], places[places.count - 1]] {
            let found = (try place.socket.associations().count, try place.socket.policies().count)
            guard found == (place.security.associations.count, place.security.policies.count) else {
                throw BenchFailure("\(place.name) has \(found.0) SAs and \(found.1) policies that are not those that were to be installed")
            }
        }
        return time
    }

    private func batch() throws {
        var batch = XFRMBatch()
        for place in places {
            batch.removeAll()
            try batch.append(.flushAssociations)
            try batch.append(.flushPolicies)
            for policy in place.security.policies { try batch.add(policy) }
            for association in place.security.associations { try batch.add(association) }
            if let failure = try place.socket.apply(&batch).first { throw failure }
            if place.requests.isEmpty { place.requests = Array(batch.bytes) }
        }
    }

    private func raw() throws {
        for place in places {
            let error = place.requests.withUnsafeBytes { raw_replay_send(place.raw.rawValue, $0.baseAddress, $0.count) }
            guard error == 0 else { throw SystemCallError("send", "the raw replay", Errno(code: error)) }
        }
    }

    private func ip() throws {
        for place in places {
            _ = try Command(AssociationBenchmark.ipProgram, ["-n", place.name, "-batch", "\(folder)/\(place.name)"]).runToEnd().checked()
        }
    }
}
