import Addressing
import AgentProtocol
import CLinux
import EventLoop
import Glibc
import Links
import LinuxKernel
import Testing

@testable import Lab

/// Captures at both ends of a link, for real.
///
///     [near] a ──── b [far]
@Suite(
    .serialized, .enabled(if: ScratchNamespace.requirement.letTestsRun, "\(ScratchNamespace.requirement.reason)"), .timeLimit(.minutes(2)))
final class PacketCaptureTests {
    private let near: ScratchNamespace
    private let far: ScratchNamespace
    private let loop: EventLoop
    private let sender: FileDescriptor
    private let senderIndex: Int32

    init() throws {
        let (near, far) = (try ScratchNamespace("near"), try ScratchNamespace("far"))
        let (a, b) = (try NetworkStack(of: near.namespace, on: near.thread), try NetworkStack(of: far.namespace, on: far.thread))
        func end(_ interface: String, _ mac: String) throws -> VethPair.End {
            VethPair.End(interface: interface, mac: try #require(MACAddress(mac)))
        }
        try a.apply(.addVethPair(VethPair(end("a", "02:00:00:00:00:0a"), peer: end("b", "02:00:00:00:00:0b"), in: far.namespace)))
        try a.apply([.setUp("a"), .setUp("lo")])
        try b.apply([.setUp("b"), .setUp("lo")])
        try Self.awaitCarrier(a, "a")
        try Self.awaitCarrier(b, "b")
        (self.near, self.far) = (near, far)
        loop = try EventLoop()
        sender = try near.thread.run(in: near.namespace) {
            let raw = socket(AF_PACKET, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard raw >= 0 else { throw SystemCallError("socket", "the test's frames", .last) }
            return FileDescriptor(owning: raw)
        }
        senderIndex = linux_interface_index(sender.rawValue, "a")
    }

    /// Until the kernel has seen both ends up, it drops what is sent.
    private static func awaitCarrier(_ stack: NetworkStack, _ interface: String) throws {
        while try stack.link(named: interface)?.operationalState != .up { sched_yield() }
    }

    /// A frame to everybody of a kind that nothing else in the namespace has (ETH_P_802_EX1), with its number in it.
    private static func frame(_ number: Int, length: Int = 60) -> [UInt8] {
        var frame = [UInt8](repeating: 0xFF, count: 6) + [2, 0, 0, 0, 0, 0x0A, 0x88, 0xB5, UInt8(truncatingIfNeeded: number >> 8)]
        frame.append(UInt8(truncatingIfNeeded: number))
        return frame + [UInt8](repeating: 0x5A, count: length - frame.count)
    }

    private static func isOurs(_ packet: CapturedPackets.Packet) -> Bool { packet.bytes.bytes.dropFirst(12).starts(with: [0x88, 0xB5]) }

    private func send(_ frame: [UInt8]) {
        var address = sockaddr_ll()
        address.sll_family = sa_family_t(AF_PACKET)
        address.sll_ifindex = senderIndex
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(sender.rawValue, frame, frame.count, 0, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
        #expect(sent == frame.count)
    }

    private final class Heard {
        var interfaces: [CapturedPackets.Interface] = []
        var packets: [CapturedPackets.Packet] = []
        var dropped: UInt64 = 0
        var messages = 0

        func take(_ captured: CapturedPackets) {
            messages += 1
            interfaces += captured.interfaces
            packets += captured.packets.filter(PacketCaptureTests.isOurs)
            dropped = captured.dropped
        }
    }

    /// Runs the loop until the capture has told its interfaces.
    private func begin(
        _ scratch: ScratchNamespace, _ interface: String? = nil, snapLength: Int = 2_000, _ heard: Heard
    ) throws -> PacketCapture {
        let capture = try PacketCapture(
            CaptureRequest(node: 0, interface: interface, snapLength: snapLength), in: scratch.namespace, on: scratch.thread, loop: loop
        ) {
            heard.take($0)
            self.loop.stop()
        }
        try loop.run()
        return capture
    }

    @Test func incomingAtTheFarEnd() throws {
        let heard = Heard()
        let capture = try begin(far, "b", heard)
        let before = SystemClock.realtime.nanoseconds
        for number in 0..<3 { send(Self.frame(number)) }
        capture.stop()
        let after = SystemClock.realtime.nanoseconds
        #expect(heard.interfaces.map(\.name) == ["b"])
        #expect(heard.interfaces.map(\.hardwareType) == [1])
        #expect(heard.packets.map(\.bytes.bytes) == (0..<3).map { Self.frame($0) })
        #expect(heard.packets.allSatisfy { !$0.isOutgoing && $0.length == 60 && $0.interface == heard.interfaces[0].index })
        #expect(heard.packets.allSatisfy { before <= $0.at && $0.at <= after })
        #expect(heard.dropped == 0)
    }

    @Test func outgoingAtTheNearEnd() throws {
        let heard = Heard()
        let capture = try begin(near, "a", heard)
        send(Self.frame(1))
        capture.stop()
        #expect(heard.packets.map(\.isOutgoing) == [true])
    }

    /// While it runs, without being stopped.
    @Test func packetsAreToldAsTheyCome() throws {
        let heard = Heard()
        let capture = try begin(far, nil, heard)
        send(Self.frame(1))
        while heard.packets.isEmpty { try loop.run() }
        send(Self.frame(2))
        while heard.packets.count < 2 { try loop.run() }
        capture.stop()
        #expect(heard.packets.map { $0.bytes.bytes[15] } == [1, 2])
    }

    @Test func everyInterfaceWithItsType() throws {
        let heard = Heard()
        let capture = try begin(far, nil, heard)
        capture.stop()
        #expect(Set(heard.interfaces.map { "\($0.name) \($0.hardwareType)" }).isSuperset(of: ["lo 772", "b 1"]))
    }

    @Test func anInterfaceThatComesLater() throws {
        let heard = Heard()
        let capture = try begin(near, nil, heard)
        let stack = try NetworkStack(of: near.namespace, on: near.thread)
        let peer = try VethPair.End(interface: "later", mac: #require(MACAddress("02:00:00:00:00:0d")))
        let end = try VethPair.End(interface: "late", mac: #require(MACAddress("02:00:00:00:00:0c")))
        try stack.apply([.addVethPair(VethPair(end, peer: peer, in: far.namespace)), .setUp("late")])
        let other = try NetworkStack(of: far.namespace, on: far.thread)
        try other.apply(.setUp("later"))
        try Self.awaitCarrier(stack, "late")
        var late = Self.frame(7)
        late[5] = 0xFE
        var address = sockaddr_ll()
        address.sll_family = sa_family_t(AF_PACKET)
        address.sll_ifindex = linux_interface_index(sender.rawValue, "late")
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(sender.rawValue, late, late.count, 0, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
        capture.stop()
        #expect(heard.packets.map(\.bytes.bytes) == [late])
        #expect(heard.interfaces.last?.name == "late")
        #expect(heard.interfaces.last?.index == heard.packets.first?.interface)
    }

    @Test func packetsAreCutToTheSnapLength() throws {
        let heard = Heard()
        let capture = try begin(far, "b", snapLength: 20, heard)
        send(Self.frame(1, length: 1_000))
        capture.stop()
        #expect(heard.packets.map(\.length) == [1_000])
        #expect(heard.packets.map(\.bytes.bytes) == [Array(Self.frame(1).prefix(20))])
    }

    /// A reset takes a gateway's links down: a capture outlives that.
    @Test func goesOnAfterItsLinkWasDown() throws {
        let heard = Heard()
        let capture = try begin(far, "b", heard)
        let stack = try NetworkStack(of: far.namespace, on: far.thread)
        try stack.apply([.setDown("b"), .setUp("b")])
        // The near end takes its time to see that, and nothing tells when.
        while heard.packets.isEmpty {
            send(Self.frame(1))
            loop.timer(after: .milliseconds(30)) { [loop] in loop.stop() }
            try loop.run()
        }
        #expect(heard.packets.first?.bytes.bytes[15] == 1)
        capture.stop()
    }

    /// Nobody takes the packets: the kernel's queue fills, and what it drops is counted.
    @Test func whatIsDroppedIsCounted() throws {
        let heard = Heard()
        let capture = try begin(near, "a", heard)
        let count = 20_000
        for number in 0..<count { send(Self.frame(number, length: 1_400)) }
        capture.stop()
        #expect(heard.dropped > 0)
        // Some of the kernel's own, of IPv6, are dropped with them.
        #expect((count...count + 50).contains(heard.packets.count + Int(heard.dropped)))
    }

    @Test func packetsWaitUntilTheyAreTaken() throws {
        let heard = Heard()
        let capture = try begin(near, "a", heard)
        let count = 1_500
        for number in 0..<count { send(Self.frame(number, length: 1_400)) }
        var taken = 0
        while taken * 1_400 < ExecutionInput.flowWindow {
            try loop.run()
            taken = heard.packets.count
        }
        loop.timer(after: .milliseconds(100)) { [loop] in loop.stop() }
        try loop.run()
        // One batch can have begun below the window.
        #expect(heard.packets.count == taken && taken < count)
        capture.taken(taken * 1_400)
        while heard.packets.count < count { try loop.run() }
        capture.stop()
        #expect(heard.packets.count == count)
    }

    @Test func stoppingTwiceIsNothing() throws {
        let heard = Heard()
        let capture = try begin(far, nil, heard)
        capture.stop()
        let messages = heard.messages
        capture.stop()
        #expect(heard.messages == messages)
    }

    @Test func noSuchInterface() throws {
        let failure = #expect(throws: AgentMessage.Failure.self) { try begin(far, "wan", Heard()) }
        #expect(failure?.kind == .badRequest)
        #expect(failure?.message.hasPrefix("there is no interface wan in this node; there are lo") == true)
        #expect(failure?.message.contains(", b") == true)
    }
}
