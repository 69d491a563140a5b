import Addressing
import Glibc
import Links
import LinuxKernel
import Probing

/// The watch that finds probes which cross the internet unencrypted.
let clearTextChecks: [KernelCheck] = [
    KernelCheck("clear-text.counts-exactly-what-is-measured-v4", needs: [.packetSockets]) {
        try watchCountsExactlyTheProbes(.v4, prefixes: ["192.0.2.1/24", "192.0.2.2/24"])
    },
    KernelCheck("clear-text.counts-exactly-what-is-measured-v6", needs: [.packetSockets]) {
        try watchCountsExactlyTheProbes(.v6, prefixes: ["2001:db8::1/64", "2001:db8::2/64"])
    },
]

/// Two joined namespaces: the first sends to the probes' port and to others, the second watches.
private func watchCountsExactlyTheProbes(_ version: ClearTextWatch.Version, prefixes: [String]) throws {
    try NamespaceNames.unchanged {
        let thread = try NamespaceThread()
        let names = ["a", "b"].map { "resetlab-check-\(getpid())-\($0)" }
        defer { for name in names { _ = try? NetworkNamespace.remove(named: name) } }
        let namespaces = try names.map { try thread.makeNamespace(named: $0) }
        for namespace in namespaces {
            // A new address may be used at once.
            try KernelSetting.write([KernelSetting("ipv6/conf/default/accept_dad", "0")], in: namespace, on: thread)
        }
        let stacks = try namespaces.map { try NetworkStack(of: $0, on: thread) }
        let ends = (1...2).map { VethPair.End(interface: "eth0", mac: .local(block: 3, index: UInt32($0))) }
        try stacks[0].apply(.addVethPair(VethPair(ends[0], peer: ends[1], in: namespaces[1])))
        let addresses = prefixes.compactMap { IPPrefix($0) }
        for (stack, address) in zip(stacks, addresses) {
            try stack.apply([.setUp("eth0"), .addAddress(AssignedAddress(address, on: "eth0"))])
        }

        let watch = try thread.run(in: namespaces[1]) { try ClearTextWatch(version) }
        // The other version's watch sees nothing of it.
        let otherWatch = try thread.run(in: namespaces[1]) { try ClearTextWatch(version == .v4 ? .v6 : .v4) }
        let received = try thread.run(in: namespaces[1]) {
            try ProbeSocket(from: addresses[1].address, to: addresses[0].address, payload: 64)
        }
        let sender = try thread.run(in: namespaces[0]) {
            try ProbeSocket(from: addresses[0].address, to: addresses[1].address, payload: 64)
        }
        let other = try thread.run(in: namespaces[0]) { socket(version == .v4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue), 0) }
        defer { close(other) }
        func send(_ count: UInt64) throws {
            for number in 0..<count {
                try expectEqual(sender.send(ProbePacket(flow: 0, sequence: number, sentAt: 0)), .sent, "sending \(number)")
            }
        }
        func sendOther(to port: UInt16) throws {
            let payload: [UInt8] = [1, 2, 3]
            let sent = SocketAddress(addresses[1].address, port: port).withPointer { sendto(other, payload, payload.count, 0, $0, $1) }
            try expectEqual(sent, payload.count, "sending to port \(port)")
        }
        try expectEqual(watch.count, 0, "before anything was sent")
        // ESP's own UDP port, and the neighbours of the measurement's ports.
        for port in [4500, MeasurementPorts.all.lowerBound - 1, MeasurementPorts.all.upperBound + 1] { try sendOther(to: port) }
        try send(5)
        try awaitArrival(of: 5, at: received)
        try expectEqual(watch.count, 5, "clear probes")
        try send(2)
        try awaitArrival(of: 2, at: received)
        try expectEqual(watch.count, 7, "clear probes, counted on")
        // A connection request of an application, which is answered by a refusal; and one to another port.
        for port in [MeasurementPorts.requests, MeasurementPorts.all.upperBound + 1] {
            let stream = try thread.run(in: namespaces[0]) { socket(version == .v4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue), 0) }
            defer { close(stream) }
            let refused = SocketAddress(addresses[1].address, port: port).withPointer {
                connect(stream, $0, $1) == -1 && errno == ECONNREFUSED
            }
            try expect(refused, "connecting to port \(port) was not refused")
        }
        try expectEqual(watch.count, 8, "clear segments of an application")
        try expectEqual(otherWatch.count, 0, "clear probes of the other IP version")
    }
}

private func awaitArrival(of count: Int, at socket: ProbeSocket) throws {
    let batch = ProbeBatch()
    var arrived = 0
    for _ in 0..<1_000 {
        socket.receive(batch) { _, _ in arrived += 1 }
        if arrived >= count { return }
        var watched = pollfd(fd: socket.fileDescriptor, events: Int16(POLLIN), revents: 0)
        poll(&watched, 1, 10)
    }
    throw Failure(description: "only \(arrived) of \(count) probes arrived")
}
