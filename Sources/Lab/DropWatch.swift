import Addressing
import EventLoop
import LabPlan
import Measurement
import PacketDrops
import Probing

/// Counts what the kernel tells of the packets it drops while a rehearsal is measured: those of the lab's flows, by reason and place.
final class DropWatch {
    private struct Place: Hashable {
        var reason: String?
        var function: String?
        var interface: UInt32?
    }

    private struct Pair: Hashable {
        var source: IPAddress
        var destination: IPAddress
    }

    private let monitor: DropMonitor
    private let loop: EventLoop
    private let numbers: InterfaceNumbers
    /// Between whom probes run, in clear and sealed.
    private let probes: Set<Pair>
    private let tunnels: Set<Pair>
    /// From the first drop until it is read.
    private let pause: Duration
    private var packets: [Place: Int] = [:]
    private var watch: EventLoop.Watch?
    private var timer: EventLoop.Timer?
    private var missedBefore: UInt64 = 0
    /// Whether the socket had no room: then an unknown number is missing.
    private var hasLost = false

    /// In bytes of the kernel's accounting, about 1 KiB a drop.
    private static let buffer = 32 << 20
    /// So many drops are read in one go. Fewer would be more wake-ups, more would make the next probes late.
    private static let dropsAtOnce = 30.0
    /// A lost probe that a bridge floods dies at its spare port too.
    private static let dropsPerProbe = 2.0

    /// - Returns: nil where nobody wants to know, where the kernel belongs to others too (it would tell of their packets), and where it has no
    ///   drop monitor.
    init?(plan: LabPlan, loop: EventLoop, environment: LabEnvironment) {
        guard plan.rehearsal.wantsDropReasons, !environment.isShared,
            let monitor = try? DropMonitor(receiveBufferSize: Self.buffer)
        else { return nil }
        self.monitor = monitor
        self.loop = loop
        numbers = InterfaceNumbers(plan: plan)
        func bothWays(_ one: IPAddress, _ other: IPAddress) -> [Pair] {
            [Pair(source: one, destination: other), Pair(source: other, destination: one)]
        }
        probes = Set(plan.connections.flatMap { bothWays($0.probes.site, $0.probes.gateway) })
        tunnels = Set(
            plan.connections.flatMap { connection in
                connection.tunnels.flatMap { bothWays(connection.siteAddress, $0.gatewayAddress) }
            })
        let dropsPerSecond = plan.rehearsal.probeRate * Double(plan.connections.count * 2) * Self.dropsPerProbe
        pause = .milliseconds(max(5, Int(Self.dropsAtOnce / dropsPerSecond * 1_000)))
    }

    /// Begins to count.
    func begin() {
        drain()
        packets = [:]
        missedBefore = (try? monitor.missed()) ?? 0
        hasLost = false
        wait()
    }

    /// Nothing is done while nothing is dropped.
    private func wait() {
        do {
            watch = try loop.watch(monitor.fileDescriptor) { [unowned self] _ in
                stopWaiting()
                timer = loop.timer(after: pause) { [unowned self] in
                    drain()
                    wait()
                }
            }
        } catch {
            hasLost = true
        }
    }

    private func stopWaiting() {
        watch.map(loop.cancel)
        watch = nil
        timer.map(loop.cancel)
        timer = nil
    }

    /// Ends, and tells what was counted.
    func end() -> DropTally {
        stopWaiting()
        drain()
        let missed = ((try? monitor.missed()) ?? 0) - missedBefore
        monitor.stop()
        let places = numbers.places
        let totals = packets.map { place, count in
            let interface = place.interface.flatMap { places[$0] }
            return DropTally.Total(
                reason: place.reason, function: place.function, node: interface?.node, interface: interface?.interface, packets: count)
        }
        return DropTally(totals: totals.sorted(by: Self.isBefore), missed: max(missed, hasLost ? 1 : 0))
    }

    private func drain() {
        do {
            for drop in try monitor.receive() where isOurs(drop.packet) {
                packets[Place(reason: drop.reason, function: drop.function, interface: drop.interface), default: 0] += 1
            }
        } catch {
            hasLost = true
        }
    }

    private func isOurs(_ packet: DroppedPacket?) -> Bool {
        guard let packet else { return false }
        let pair = Pair(source: packet.source, destination: packet.destination)
        switch packet.content {
        case .esp: return tunnels.contains(pair)
        case .udp(_, let port): return port == ProbeSocket.port && probes.contains(pair)
        case .other: return false
        }
    }

    /// Most first; what is left to chance in a dictionary is decided by names.
    private static func isBefore(_ one: DropTally.Total, _ other: DropTally.Total) -> Bool {
        func key(_ total: DropTally.Total) -> (Int, String, String, Int, String) {
            (-total.packets, total.reason ?? "", total.function ?? "", total.node ?? -1, total.interface ?? "")
        }
        return key(one) < key(other)
    }
}
