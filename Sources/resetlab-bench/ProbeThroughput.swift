import Addressing
import EventLoop
import Glibc
import Lab
import Links
import LinuxKernel
import Measurement
import Probing

/// What sending and receiving a probe takes: many flows over one veth pair between two namespaces, without a lab around it, so that nearly all of
/// it is the probes' own.
///
///     [a] 10.0.0.1 ──── 10.1.0.1, 10.1.0.2, … [b]     a socket at both ends for each connection, both directions probed
struct ProbeThroughput: Codable {
    /// Probes per second, all flows together.
    var offered: Double
    /// How long they were offered, in seconds.
    var duration: Double
    var sent: Int
    var unsent: Int
    var lost: Int
    /// Processor time of this process, kernel's part included, in nanoseconds.
    var processorTime: Int64

    /// In microseconds for each probe that was sent.
    var cost: Double { Double(processorTime) / Double(max(sent, 1)) / 1_000 }
    /// The part of this processor's time that it took.
    var load: Double { Double(processorTime) / duration / 1e9 }

    /// - Parameters:
    ///   - connections: up to 250.
    ///   - goesFirst: before the machine's other threads, as a lab's on this machine does.
    static func measure(connections: Int, rate: Double, duration: Duration, goesFirst: Bool) throws -> ProbeThroughput {
        try ResourceLimits.raiseOpenFiles(to: UInt64(connections * 2 + 256))
        let link = try BenchLink(connections: connections)
        defer { link.remove() }
        let loop = try EventLoop()
        let flows = link.sockets.enumerated().flatMap { index, ends in
            // As a lab has them: both directions of a few connections at one instant.
            let phase = Double(index / 4 * 4) / Double(connections)
            return [ends.a, ends.b].map { ProbeEngine.Flow(source: $0, rate: rate, phase: phase) }
        }
        let engine = try ProbeEngine(
            loop: loop, flows: flows, receivers: link.sockets.flatMap { [$0.a, $0.b] }, duration: duration, goesFirst: goesFirst)
        let start = loop.now + 100_000_000
        engine.begin(at: start)
        var before: Int64 = 0
        loop.timer(at: start) { before = processorTime() }
        loop.timer(at: start + duration.nanoseconds + 500_000_000) { loop.stop() }
        try loop.run()
        let spent = processorTime() - before
        let traces = engine.end()
        return ProbeThroughput(
            offered: rate * Double(2 * connections), duration: Double(duration.nanoseconds) / 1e9,
            sent: traces.reduce(0) { $0 + $1.sent }, unsent: traces.reduce(0) { $0 + $1.unsent },
            lost: traces.reduce(0) { $0 + $1.lost }, processorTime: spent)
    }

    private static func processorTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Two namespaces, a veth pair between them, and a pair of connected probe sockets for each connection.
private final class BenchLink {
    let sockets: [(a: ProbeSocket, b: ProbeSocket)]
    private let thread: NamespaceThread
    private let namespaces: [NetworkNamespace]

    init(connections: Int) throws {
        let thread = try NamespaceThread()
        var made: [NetworkNamespace] = []
        do {
            for end in ["a", "b"] { made.append(try thread.makeNamespace(named: "resetlab-bench-\(getpid())-\(end)")) }
            let stacks = try made.map { try NetworkStack(of: $0, on: thread) }
            let macs = [UInt32(1), 2].map { MACAddress.local(block: 0xfc, index: $0) }
            try stacks[0].apply(
                .addVethPair(VethPair(.init(interface: "eth0", mac: macs[0]), peer: .init(interface: "eth0", mac: macs[1]), in: made[1])))
            let near = IPAddress(family: .v4, value: 0x0a00_0001)
            let far = (1...connections).map { IPAddress(family: .v4, value: 0x0a01_0000 + UInt128($0)) }
            func add(_ address: IPAddress) throws -> NetworkChange {
                guard let prefix = IPPrefix("\(address)/8") else { throw BenchFailure("\(address)/8 is no prefix") }
                return .addAddress(AssignedAddress(prefix, on: "eth0"))
            }
            try stacks[0].apply([.setUp("eth0"), add(near)])
            try stacks[1].apply(try [.setUp("eth0")] + far.map(add))
            sockets = try far.map { address in
                (
                    try thread.run(in: made[0]) { try ProbeSocket(from: near, to: address, payload: 64) },
                    try thread.run(in: made[1]) { try ProbeSocket(from: address, to: near, payload: 64) }
                )
            }
        } catch {
            Self.remove(made)
            throw error
        }
        self.thread = thread
        namespaces = made
    }

    func remove() { Self.remove(namespaces) }

    private static func remove(_ namespaces: [NetworkNamespace]) {
        for namespace in namespaces {
            if let name = namespace.name { _ = try? NetworkNamespace.remove(named: name, identity: namespace.identity) }
        }
    }
}
