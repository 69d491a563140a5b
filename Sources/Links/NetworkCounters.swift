import Glibc
import LinuxKernel

/// A namespace's counters of one moment: why the kernel dropped what it dropped.
///
/// Named as the kernel names them, IPv4's with the protocol before: `XfrmInNoStates`, `IpOutNoRoutes`, `IpExtInNoRoutes`,
/// `Ip6InNoRoutes`, `IcmpOutDestUnreachs`.
public struct CounterSnapshot: Hashable, Sendable {
    /// All counters above zero.
    public let nonzero: [String: UInt64]

    public init(nonzero: [String: UInt64]) { self.nonzero = nonzero.filter { $0.value != 0 } }

    /// Zero for a counter that this kernel does not have, as for one that never counted.
    public subscript(name: String) -> UInt64 { nonzero[name] ?? 0 }

    /// By how much each counter grew since an earlier snapshot. The few that are gauges and fell (`TcpCurrEstab`) are left out.
    public func growth(since earlier: CounterSnapshot) -> CounterSnapshot {
        var growth: [String: UInt64] = [:]
        for (name, value) in nonzero where value > earlier[name] { growth[name] = value - earlier[name] }
        return CounterSnapshot(nonzero: growth)
    }
}

/// Reads a namespace's counters again and again, from files of `/proc/net` that stay open.
public final class NetworkCounters: Sendable {
    private let files: [CounterFile]

    /// Opens the files in the namespace. One that the kernel lacks (`snmp6` without IPv6, `xfrm_stat` without its statistics) is left out.
    public init(of namespace: NetworkNamespace, on thread: NamespaceThread) throws {
        files = try CounterFile.openAll(of: namespace, on: thread)
    }

    /// The counters now.
    public func read() throws -> CounterSnapshot {
        var counters: [String: UInt64] = [:]
        var text = [UInt8](repeating: 0, count: 16 << 10)
        for file in files {
            let count = try file.read(into: &text)
            let contents = Array(text[..<count])
            switch file.form {
            case .tables: CounterText.readTables(contents, into: &counters)
            case .list: CounterText.readList(contents, into: &counters)
            }
        }
        return CounterSnapshot(nonzero: counters)
    }
}
