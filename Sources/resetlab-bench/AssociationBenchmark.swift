import Addressing
import CRawReplay
import Glibc
import LinuxKernel
import Netlink
import Processes
import XFRM

/// Flushes and installs many SAs in four ways, in a namespace of its own, on virtual time.
///
/// The ways take turns round by round, so that what changes with the namespace's age (caches, hash table sizes) meets all of them alike. One
/// round goes before that is not counted: the first SA of an algorithm loads it.
final class AssociationBenchmark {
    static let count = 1_000
    static let rounds = 7
    /// Where the guest finds `ip` and the commands for it.
    static let ipProgram = "/bench/ip"
    static let ipCommands = "/bench/associations"

    /// A tunnel's SAs with AES-GCM of 256 bits, as a gateway of many sites has them.
    static let associations: [SecurityAssociation] = (0..<count).map { number in
        SecurityAssociation(
            source: IPAddress(family: .v4, value: 0xC633_6400 + UInt128(number / 200)),
            destination: IPAddress(family: .v4, value: 0xCB00_710A),
            spi: SPI(rawValue: 0x1000_0000 + UInt32(number)), requestID: UInt32(number + 1),
            transform: .aead(.gcm, key: KeyMaterial(key(number)), icvBits: 128))
    }

    /// 32 bytes and the salt of 4 (RFC 4106 §8.1).
    private static func key(_ number: Int) -> [UInt8] { (0..<36).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) } }

    /// The same for `ip -batch`.
    static var ipBatch: String {
        var text = "xfrm state flush\n"
        for (number, association) in associations.enumerated() {
            let key = key(number).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            text += "xfrm state add src \(association.source) dst \(association.destination) proto esp spi \(association.spi.rawValue)"
            text += " reqid \(association.requestID) mode tunnel replay-window \(association.replayWindow) flag af-unspec"
            text += " aead rfc4106(gcm(aes)) 0x\(key) 128\n"
        }
        return text
    }

    private let thread: NamespaceThread
    private let namespace: NetworkNamespace
    private let socket: XFRMSocket
    private let rawSocket: FileDescriptor
    private let flushRequest: [UInt8]
    private let addRequests: [UInt8]

    init() throws {
        thread = try NamespaceThread()
        namespace = try thread.makeNamespace(named: "bench")
        socket = try thread.run(in: namespace) { try XFRMSocket() }
        let raw = try thread.run(in: namespace) { raw_replay_open(NetlinkProtocol.xfrm.rawValue) }
        guard raw >= 0 else { throw SystemCallError("socket", "the raw replay", Errno(code: -raw)) }
        rawSocket = FileDescriptor(owning: raw)
        // Sent once, so that they are numbered and cut into datagrams.
        flushRequest = try Self.sent([.flushAssociations], to: socket)
        addRequests = try Self.sent(Self.associations.map { .add($0) }, to: socket)
    }

    private static func sent(_ changes: [XFRMChange], to socket: XFRMSocket) throws -> [UInt8] {
        var batch = XFRMBatch()
        for change in changes { try batch.append(change) }
        if let failure = try socket.apply(&batch).first { throw failure }
        return Array(batch.bytes)
    }

    func measure() throws -> AssociationMeasurement {
        var batch = XFRMBatch()
        _ = try round(&batch)
        return AssociationMeasurement(
            count: Self.count, rounds: try (0..<Self.rounds).map { _ in try round(&batch) })
    }

    /// Flushes and installs in one batch, so many times and nothing else; returns when the kernel has destroyed what was flushed.
    func replace(times: Int) throws {
        var batch = XFRMBatch()
        for _ in 0..<times {
            try socket.flushAssociations()
            batch.removeAll()
            for association in Self.associations { try batch.add(association) }
            if let failure = try socket.apply(&batch).first { throw failure }
            // The kernel destroys them in a work item of its own, after a grace period (`xfrm_state_gc_task`).
            usleep(200_000)
        }
    }

    private func round(_ batch: inout XFRMBatch) throws -> AssociationRound {
        var encoding: Int64 = 0
        let whole = try time {
            try socket.flushAssociations()
            encoding = try Self.nanoseconds {
                batch.removeAll()
                for association in Self.associations { try batch.add(association) }
            }
            if let failure = try socket.apply(&batch).first { throw failure }
        }
        let raw = try time {
            try replay(flushRequest)
            try replay(addRequests)
        }
        let ip = try time { try runIP(Self.ipCommands) }
        let ipStart = try Self.nanoseconds { try runIP("/dev/null") }
        let single = try time {
            try socket.flushAssociations()
            for association in Self.associations { try socket.add(association) }
        }
        return AssociationRound(batch: whole, encoding: encoding, raw: raw, ip: ip, ipStart: ipStart, single: single)
    }

    /// Takes the time of one way, and sees to it that it did the work: the kernel must have exactly the SAs that were meant.
    private func time(_ work: () throws -> Void) throws -> Int64 {
        let time = try Self.nanoseconds(work)
        let installed = try socket.associations().map(\.association).sorted { $0.spi < $1.spi }
        guard installed == Self.associations else {
            throw BenchFailure("the kernel has \(installed.count) SAs that are not those that were to be installed")
        }
        return time
    }

    private static func nanoseconds(_ work: () throws -> Void) rethrows -> Int64 {
        let start = SystemClock.monotonic.nanoseconds
        try work()
        return SystemClock.monotonic.nanoseconds - start
    }

    private func replay(_ requests: [UInt8]) throws {
        let error = requests.withUnsafeBytes { raw_replay_send(rawSocket.rawValue, $0.baseAddress, $0.count) }
        guard error == 0 else { throw SystemCallError("send", "the raw replay", Errno(code: error)) }
    }

    private func runIP(_ commands: String) throws {
        try thread.run(in: namespace) {
            _ = try Command(Self.ipProgram, ["-batch", commands]).runToEnd().checked()
        }
    }
}
