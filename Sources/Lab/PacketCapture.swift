import AgentProtocol
import EventLoop
import LinuxKernel

/// A capture in a node: what its socket sees, in batches.
package final class PacketCapture {
    private let loop: EventLoop
    private let socket: CaptureSocket
    private let captured: (CapturedPackets) -> Void
    private var watch: EventLoop.Watch?
    private var timer: EventLoop.Timer?
    /// By index; those that were told of.
    private var known: Set<Int32> = []
    private var hasBegun = false
    private var isStopped = false
    /// Bytes of packets that are under way.
    private var untaken = 0

    /// How long packets are collected: each message costs as much as dozens of packets.
    private static let collecting = Duration.milliseconds(20)
    /// Of one message.
    private static let mostPackets = 256
    private static let mostBytes = 128 << 10

    /// Opens the socket; packets are told of from the loop.
    ///
    /// - Throws: `AgentMessage.Failure` for an interface that is not there, `SystemCallError` otherwise.
    package init(
        _ request: CaptureRequest, in namespace: NetworkNamespace, on thread: NamespaceThread, loop: EventLoop,
        captured: @escaping (CapturedPackets) -> Void
    ) throws {
        self.loop = loop
        self.captured = captured
        socket = try thread.run(in: namespace) { try CaptureSocket(interface: request.interface, snapLength: request.snapLength) }
        // The interfaces at once, so that whoever waits for packets knows that they would be seen.
        timer = loop.timer(at: loop.now) { [unowned self] in collect() }
    }

    /// So many bytes of packets have arrived where they were to go.
    package func taken(_ count: Int) {
        untaken = max(0, untaken - count)
        waitForPackets()
    }

    /// Tells of what the kernel has still in its queue, and captures no more. Safe to call twice.
    package func stop() {
        guard !isStopped else { return }
        isStopped = true
        watch.map(loop.cancel)
        watch = nil
        timer.map(loop.cancel)
        timer = nil
        // A socket that goes on receiving while it is drained would never be empty on a busy link.
        socket.receiveNoMore()
        while tellBatch() {}
        tell([])
    }

    private func waitForPackets() {
        guard !isStopped, watch == nil, timer == nil, untaken < ExecutionInput.flowWindow else { return }
        // A watch that cannot be had is tried for again a little later.
        watch = try? loop.watch(socket.fileDescriptor) { [unowned self] _ in
            watch.map(loop.cancel)
            watch = nil
            timer = loop.timer(after: Self.collecting) { [unowned self] in collect() }
        }
        if watch == nil { timer = loop.timer(after: Self.collecting) { [unowned self] in collect() } }
    }

    private func collect() {
        timer = nil
        if !hasBegun { tell([]) }
        // One batch at a time: the loop has more to do.
        if tellBatch(), untaken < ExecutionInput.flowWindow {
            timer = loop.timer(at: loop.now) { [unowned self] in collect() }
        } else {
            waitForPackets()
        }
    }

    /// - Returns: whether there may be more.
    private func tellBatch() -> Bool {
        var packets: [CapturedPackets.Packet] = []
        var bytes = 0
        while packets.count < Self.mostPackets, bytes < Self.mostBytes {
            guard let packet = socket.next() else {
                if !packets.isEmpty { tell(packets) }
                return false
            }
            packets.append(packet)
            bytes += packet.bytes.bytes.count
        }
        tell(packets)
        return true
    }

    private func tell(_ packets: [CapturedPackets.Packet]) {
        socket.countDropped()
        var interfaces = hasBegun ? [] : socket.interfaces
        hasBegun = true
        for interface in interfaces { known.insert(interface.index) }
        for packet in packets where known.insert(packet.interface).inserted { interfaces.append(socket.interface(at: packet.interface)) }
        untaken += packets.reduce(0) { $0 + $1.bytes.bytes.count }
        captured(CapturedPackets(interfaces: interfaces, packets: packets, dropped: socket.dropped))
    }
}
