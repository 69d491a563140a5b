import Addressing
import EventLoop
import Glibc
import Links
import LinuxKernel
import Measurement
import Probing

/// What becomes of a probe that the network refuses, and of one that comes after an ICMP error.
let probingChecks: [KernelCheck] = [
    KernelCheck("probing.refused-probe-is-sent-once") {
        try withSender { sender, network, counters in
            try network.apply(.removeRoute(RouteEntry(to: prefix("198.51.100.0/24"), via: address("192.0.2.2"), on: "eth0")))
            let before = try counters.read()
            for number in 0..<10 {
                try expectEqual(sender.send(probe(number)), .refused(.networkUnreachable), "probe \(number)")
            }
            // The first is tried again, since its error may be an earlier packet's.
            try expectEqual(try counters.read().growth(since: before)["IpOutNoRoutes"], 11, "counted as without a route")
            // And sent again as soon as there is a way.
            try network.apply(.addRoute(RouteEntry(to: prefix("198.51.100.0/24"), via: address("192.0.2.2"), on: "eth0")))
            for number in 10..<15 { try expectEqual(sender.send(probe(number)), .sent, "probe \(number)") }
            try expectEqual(try counters.read().growth(since: before)["IpOutNoRoutes"], 11, "counted as without a route, later")
        }
    },
    // Nobody listens at the other end: each probe that gets there is answered with an ICMP error, which must not take the next one's place.
    KernelCheck("probing.icmp-error-swallows-no-probe") {
        try withSender { sender, _, counters in
            let before = try counters.read()
            for number in 0..<10 {
                try expectEqual(sender.send(probe(number)), .sent, "probe \(number)")
                // The answer is there before the next: the socket says so.
                var watched = pollfd(fd: sender.fileDescriptor, events: 0, revents: 0)
                try expectEqual(poll(&watched, 1, 2_000), 1, "an ICMP error after probe \(number)")
            }
            let growth = try counters.read().growth(since: before)
            try expectEqual(growth["UdpOutDatagrams"], 10, "probes that left")
            try expectEqual(growth["IcmpInDestUnreachs"], 10, "errors that came")
        }
    },
    KernelCheck("probing.the-thread-goes-first-while-probes-are-sent") {
        try withConnections(1) { connections in
            let loop = try EventLoop()
            let engine = try ProbeEngine(
                loop: loop, flows: [.init(source: connections[0].a, rate: 100, phase: 0)], receivers: [connections[0].b],
                duration: .milliseconds(300), goesFirst: true)
            try expect(sched_getscheduler(0) == SCHED_OTHER, "the thread goes first before the engine begins")
            engine.begin(at: loop.now + 50_000_000)
            // With SCHED_RESET_ON_FORK.
            try expect(sched_getscheduler(0) == SCHED_FIFO | 0x4000_0000, "the thread does not go first, or what it starts would")
            _ = engine.end()
            try expect(sched_getscheduler(0) == SCHED_OTHER, "the thread goes first for ever")
        }
    },
    // More sockets than are read in one go, and arrivals that nobody is woken up for.
    KernelCheck("probing.every-arrival-is-recorded-without-a-wake-up") {
        try withConnections(40) { connections in
            let loop = try EventLoop()
            let engine = try ProbeEngine(
                loop: loop, flows: connections.flatMap { [$0.a, $0.b] }.map { .init(source: $0, rate: 100, phase: 0) },
                receivers: connections.flatMap { [$0.a, $0.b] }, duration: .milliseconds(300), goesFirst: false)
            let start = loop.now + 50_000_000
            engine.begin(at: start)
            // Before the engine takes arrivals of its own accord.
            var early: [FlowTrace] = []
            loop.timer(at: start + 45_000_000) { early = engine.traces }
            loop.timer(at: start + 400_000_000) { loop.stop() }
            try loop.run()
            let traces = engine.end()
            try expectEqual(early.map(\.lost), early.map { _ in 0 }, "probes that had not arrived 5 ms after they were sent")
            try expect(early.count == 80 && early.allSatisfy { $0.received > 0 }, "the traces were behind: \(early.map(\.received))")
            try expectEqual(traces.map { $0.sent + $0.unsent }, traces.map { _ in 30 }, "probes")
            try expectEqual(traces.map(\.lost), traces.map { _ in 0 }, "lost probes")
            try expect(traces.allSatisfy { $0.received > 0 && $0.duplicates == 0 }, "arrivals: \(traces.map(\.received))")
        }
    },
]

private func address(_ text: String) throws -> IPAddress { try prefix("\(text)/32").address }

private func prefix(_ text: String) throws -> IPPrefix {
    guard let prefix = IPPrefix(text) else { throw Failure(description: "\(text) is no prefix") }
    return prefix
}

private func probe(_ number: Int) -> ProbePacket { ProbePacket(flow: 0, sequence: UInt64(number), sentAt: 0) }

/// Pairs of connected sockets in two joined namespaces.
private func withConnections(_ count: Int, _ check: ([(a: ProbeSocket, b: ProbeSocket)]) throws -> Void) throws {
    try NamespaceNames.unchanged {
        let thread = try NamespaceThread()
        let names = ["a", "b"].map { "resetlab-check-\(getpid())-\($0)" }
        defer { for name in names { _ = try? NetworkNamespace.remove(named: name) } }
        let namespaces = try names.map { try thread.makeNamespace(named: $0) }
        let stacks = try namespaces.map { try NetworkStack(of: $0, on: thread) }
        let ends = (1...2).map { VethPair.End(interface: "eth0", mac: .local(block: 3, index: UInt32($0))) }
        try stacks[0].apply(.addVethPair(VethPair(ends[0], peer: ends[1], in: namespaces[1])))
        let near = try prefix("192.0.2.1/24")
        let far = try (1...count).map { try prefix("192.0.2.\(100 + $0)/24") }
        try stacks[0].apply([.setUp("eth0"), .addAddress(AssignedAddress(near, on: "eth0"))])
        try stacks[1].apply([.setUp("eth0")] + far.map { .addAddress(AssignedAddress($0, on: "eth0")) })
        try check(
            try far.map { end in
                (
                    try thread.run(in: namespaces[0]) { try ProbeSocket(from: near.address, to: end.address, payload: 64) },
                    try thread.run(in: namespaces[1]) { try ProbeSocket(from: end.address, to: near.address, payload: 64) }
                )
            })
    }
}

/// A sender in one of two joined namespaces, whose peer is an address of the other one behind a route.
private func withSender(_ check: (ProbeSocket, NetworkStack, NetworkCounters) throws -> Void) throws {
    try NamespaceNames.unchanged {
        let thread = try NamespaceThread()
        let names = ["a", "b"].map { "resetlab-check-\(getpid())-\($0)" }
        defer { for name in names { _ = try? NetworkNamespace.remove(named: name) } }
        let namespaces = try names.map { try thread.makeNamespace(named: $0) }
        // Every error is told: they come faster than the kernel's limit.
        try KernelSetting.write([KernelSetting("ipv4/icmp_ratemask", "0")], in: namespaces[1], on: thread)
        let stacks = try namespaces.map { try NetworkStack(of: $0, on: thread) }
        let ends = (1...2).map { VethPair.End(interface: "eth0", mac: .local(block: 3, index: UInt32($0))) }
        try stacks[0].apply(.addVethPair(VethPair(ends[0], peer: ends[1], in: namespaces[1])))
        try stacks[0].apply([.setUp("eth0"), .addAddress(AssignedAddress(prefix("192.0.2.1/24"), on: "eth0"))])
        try stacks[1].apply([
            .setUp("lo"), .setUp("eth0"), .addAddress(AssignedAddress(prefix("192.0.2.2/24"), on: "eth0")),
            .addAddress(AssignedAddress(prefix("198.51.100.1/32"), on: "lo")),
        ])
        try stacks[0].apply(.addRoute(RouteEntry(to: prefix("198.51.100.0/24"), via: address("192.0.2.2"), on: "eth0")))
        let sender = try thread.run(in: namespaces[0]) {
            try ProbeSocket(from: address("192.0.2.1"), to: address("198.51.100.1"), payload: 64)
        }
        try check(sender, stacks[0], NetworkCounters(of: namespaces[0], on: thread))
    }
}
