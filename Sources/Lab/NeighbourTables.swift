import AgentProtocol
import Glibc
import LabPlan
import LinuxKernel

/// The kernel's tables of neighbours (ARP, neighbour discovery): one of each family for all namespaces together, bounded by settings of the
/// first one. A full table looks like a broken network, since packets die for want of an entry.
enum NeighbourTables {
    /// For a guest's kernel, where nobody else is: room for any lab.
    static func enlarge() throws {
        for family in ["ipv4", "ipv6"] {
            for (level, entries) in [(1, 16_384), (2, 32_768), (3, 65_536)] {
                try write("\(entries)", to: "/proc/sys/net/\(family)/neigh/default/gc_thresh\(level)")
            }
        }
    }

    /// For a kernel that others use too, whose settings are not the lab's to change.
    ///
    /// - Throws: `AgentMessage.Failure` when the lab's neighbours would not fit; nothing where the bound cannot be read (in a container).
    static func checkRoom(for plan: LabPlan) throws {
        // Each end of a link knows the other by one address, the bridges' ports by a few.
        let needed = plan.links.count * 2 + 32
        for family in plan.usesIPv6 ? ["ipv4", "ipv6"] : ["ipv4"] {
            guard let bound = read("/proc/sys/net/\(family)/neigh/default/gc_thresh3").flatMap({ Int($0) }), bound < needed else {
                continue
            }
            throw AgentMessage.Failure(
                kind: .unsupported,
                message: "this kernel keeps \(bound) \(family) neighbours, and a lab of this size has up to \(needed): raise "
                    + "net.\(family).neigh.default.gc_thresh3 (sysctl), or use --backend guest")
        }
    }

    private static func write(_ value: String, to path: String) throws {
        let raw = open(path, O_WRONLY | O_CLOEXEC)
        guard raw >= 0 else { throw SystemCallError("open", path, .last) }
        let file = FileDescriptor(owning: raw)
        let bytes = Array(value.utf8)
        guard Glibc.write(file.rawValue, bytes, bytes.count) == bytes.count else { throw SystemCallError("write", path, .last) }
    }

    private static func read(_ path: String) -> String? {
        let raw = open(path, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { return nil }
        let file = FileDescriptor(owning: raw)
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(file.rawValue, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count].prefix { $0 > 0x20 }, as: UTF8.self) : nil
    }
}
