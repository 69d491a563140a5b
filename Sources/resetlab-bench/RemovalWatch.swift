import Addressing
import CRawReplay
import Glibc
import Links
import LinuxKernel
import Netlink

/// Tells when the kernel has really removed the namespaces that were given up: it does so later, by one thread for the whole machine.
///
/// It works off what it is given in order (`cleanup_net`), so that a namespace given up last, with one end of a veth pair in it, goes last: once the
/// other end is gone, so are all others' interfaces. A namespace is given up with the last socket in it, and the kernel lets go of a closed socket
/// later too (`netlink_release`), in order on each processor: hence one such namespace for each, whose socket is closed there.
final class RemovalWatch {
    private static let limit = Duration.seconds(300)

    private struct Sentinel {
        let interface: String
        let namespace: NetworkNamespace
        let socket: Int32
    }

    private var sentinels: [Sentinel] = []
    private let interfaces: [String]

    /// To be made before namespaces are given up.
    init(_ thread: NamespaceThread) throws {
        let stack = try NetworkStack(of: .ofThisThread(), on: thread)
        let processors = 0..<sysconf(Int32(_SC_NPROCESSORS_ONLN))
        interfaces = processors.map { "rlbench-end\($0)" }
        for processor in processors {
            let namespace = try thread.makeNamespace(named: "resetlab-bench-end\(processor)")
            let socket = try thread.run(in: namespace) { raw_replay_open(NetlinkProtocol.route.rawValue) }
            guard socket >= 0 else { throw SystemCallError("socket", "the watch of removals", Errno(code: -socket)) }
            sentinels.append(Sentinel(interface: interfaces[processor], namespace: namespace, socket: socket))
            let ends = [0, 1].map {
                VethPair.End(interface: interfaces[processor], mac: .local(block: 0xfb, index: UInt32(2 * processor + $0)))
            }
            try stack.apply(.addVethPair(VethPair(ends[0], peer: ends[1], in: namespace)))
        }
    }

    /// Whatever happens, nothing is left.
    deinit { giveUp() }

    private func giveUp() {
        for (processor, sentinel) in sentinels.enumerated() {
            if let name = sentinel.namespace.name {
                _ = try? NetworkNamespace.remove(named: name, identity: sentinel.namespace.identity)
            }
            raw_close_on(Int32(processor), sentinel.socket)
        }
        sentinels = []
    }

    /// Gives the last namespaces up, and returns once everything given up before is gone.
    func wait() throws {
        giveUp()
        let deadline = SystemClock.monotonic.nanoseconds + Self.limit.nanoseconds
        while interfaces.contains(where: { if_nametoindex($0) != 0 }) {
            guard SystemClock.monotonic.nanoseconds < deadline else {
                throw BenchFailure("the kernel did not remove the namespaces within \(Self.limit)")
            }
            usleep(200)
        }
    }
}
