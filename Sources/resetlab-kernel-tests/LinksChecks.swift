import Addressing
import Glibc
import Links
import LinuxKernel
import Netlink

let linksChecks: [KernelCheck] = [
    KernelCheck("namespaces.made-opened-removed", run: namespacesAreMadeOpenedAndRemoved),
    KernelCheck("namespaces.end-with-their-name", run: namespacesEndWithTheirName),
    KernelCheck("links.veth-in-both-namespaces", run: vethIsMadeInBothNamespaces),
    KernelCheck("links.bridge", run: bridgeAndItsPort),
    KernelCheck("links.dummy", needs: [.dummy], run: dummy),
    KernelCheck("links.addresses", run: addresses),
    KernelCheck("links.routes", run: routes),
    KernelCheck("links.neighbours", run: neighbours),
    KernelCheck("links.times-of-neighbours", run: timesOfNeighbours),
    KernelCheck("links.batch-names-what-failed", run: batchNamesWhatFailed),
    KernelCheck("links.batch-of-a-hundred-sites", run: batchOfAHundredSites),
    KernelCheck("links.bridge-passes-exactly-what-is-sent-v4") { try bridgePassesExactlyWhatIsSent(.v4) },
    KernelCheck("links.bridge-passes-exactly-what-is-sent-v6") { try bridgePassesExactlyWhatIsSent(.v6) },
    KernelCheck("links.counters-tell-why", run: countersTellWhy),
    KernelCheck("links.packets-without-a-route-are-counted", run: packetsWithoutARouteAreCounted),
    KernelCheck("links.gratuitous-arp-moves-an-address") { try announcementMovesAnAddress(.v4) },
    KernelCheck("links.unsolicited-advertisement-moves-an-address") { try announcementMovesAnAddress(.v6) },
    KernelCheck("links.netem-repeats-itself", needs: [.netem], run: netemRepeatsItself),
    KernelCheck("links.netem-delays", needs: [.netem], run: netemDelays),
]

// MARK: - Namespaces for one check

/// Fresh namespaces with loopback up and their stacks; removed at the end whatever happens, and that is asserted.
private struct TestNetwork {
    let thread: NamespaceThread
    let namespaces: [NetworkNamespace]
    let stacks: [NetworkStack]

    static func with(_ count: Int, ipv6: Bool = false, _ body: (TestNetwork) throws -> Void) throws {
        let before = try NamespaceNames.own()
        let thread = try NamespaceThread()
        var made: [String] = []
        let result = Result {
            var namespaces: [NetworkNamespace] = []
            for index in 0..<count {
                let name = "resetlab-check-\(getpid())-\(index)"
                namespaces.append(try thread.makeNamespace(named: name))
                made.append(name)
                // Without IPv6 no interface sends anything of its own accord, so that packets can be counted exactly.
                try KernelSetting.write(
                    ["all", "default"].map { KernelSetting("ipv6/conf/\($0)/disable_ipv6", ipv6 ? "0" : "1") }, in: namespaces[index],
                    on: thread)
            }
            let stacks = try namespaces.map { try NetworkStack(of: $0, on: thread) }
            for stack in stacks { try stack.apply(.setUp("lo")) }
            try body(TestNetwork(thread: thread, namespaces: namespaces, stacks: stacks))
        }
        for name in made { try NetworkNamespace.remove(named: name) }
        try result.get()
        try expectEqual(try NamespaceNames.own(), before, "names of namespaces left behind")
    }

    /// Joins every namespace but the first to a bridge `br` in the first, by a veth pair `pN` – `wan`; the `wan` of namespace N has `mac(N)`.
    func joinByBridge() throws {
        try stacks[0].apply(.addBridge("br", mac: mac(0)))
        for index in 1..<namespaces.count {
            try stacks[0].apply([
                .addVethPair(
                    VethPair(
                        .init(interface: "p\(index)", mac: .local(block: 9, index: UInt32(index))), peer: wan(index), in: namespaces[index])
                ),
                .set("p\(index)", LinkSettings(isUp: true, port: .of(bridge: "br"))),
            ])
            try stacks[index].apply(.setUp("wan"))
        }
        try stacks[0].apply(.setUp("br"))
    }

    /// Two joined interfaces in the first namespace, up: for checks that need interfaces and send nothing.
    func joinInOneNamespace(_ a: String, _ b: String) throws {
        let pair = VethPair(.init(interface: a, mac: mac(1)), peer: .init(interface: b, mac: mac(2)), in: namespaces[0])
        try stacks[0].apply([.addVethPair(pair), .setUp(a), .setUp(b)])
    }

    func wan(_ index: Int) -> VethPair.End { VethPair.End(interface: "wan", mac: mac(index)) }
    func mac(_ index: Int) -> MACAddress { .local(block: 1, index: UInt32(index)) }
}

private func address(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text) else { throw Failure(description: "\(text) is no address") }
    return address
}

private func prefix(_ text: String) throws -> IPPrefix {
    guard let prefix = IPPrefix(text) else { throw Failure(description: "\(text) is no prefix") }
    return prefix
}

/// Asks again until it holds; for what the kernel does a moment later.
private func eventually(_ what: String, _ condition: () throws -> Bool) throws {
    for _ in 0..<500 {
        if try condition() { return }
        usleep(10_000)
    }
    throw Failure(description: "never came: \(what)")
}

/// Makes a change that must be refused.
private func refusal(_ stack: NetworkStack, _ change: NetworkChange) throws -> NetlinkError {
    do {
        try stack.apply(change)
    } catch {
        return error
    }
    throw Failure(description: "\(change) was not refused")
}

// MARK: - Namespaces

private func namespacesAreMadeOpenedAndRemoved() throws {
    let own = try NetworkNamespace.ofThisThread().identity
    try TestNetwork.with(2) { network in
        let (thread, namespace) = (network.thread, network.namespaces[0])
        let name = namespace.label
        try expect(namespace.identity != own, "the new namespace is the caller's")
        try expectEqual(try NetworkNamespace.open(named: name).identity, namespace.identity, "identity by name")
        try expectEqual(try thread.run(in: namespace) { try NetworkNamespace.ofThisThread().identity }, namespace.identity, "entered")
        try expectEqual(try NetworkNamespace.ofThisThread().identity, own, "the caller's namespace afterwards")
        let (inner, outer) = try thread.run(in: namespace) {
            let inner = try thread.run(in: network.namespaces[1]) { try NetworkNamespace.ofThisThread().identity }
            return (inner, try NetworkNamespace.ofThisThread().identity)
        }
        try expectEqual(inner, network.namespaces[1].identity, "entered from another")
        try expectEqual(outer, namespace.identity, "back in the other")
        do {
            _ = try thread.makeNamespace(named: name)
            throw Failure(description: "a name was given twice")
        } catch let error as SystemCallError {
            try expectEqual(error.errno, .exists, "making the same name again")
        }
        let other = NetworkNamespace.Identity(device: namespace.identity.device, inode: namespace.identity.inode + 1)
        try expectEqual(try NetworkNamespace.remove(named: name, identity: other), false, "removed with another's identity")
        try expect(NetworkNamespace.exists(named: name), "the name is gone")
        try expectEqual(try NetworkNamespace.remove(named: name, identity: namespace.identity), true, "removed")
        try expect(!NetworkNamespace.exists(named: name), "the name is still there")
        try expectEqual(try NetworkNamespace.remove(named: name), false, "removed twice")
    }
}

private func namespacesEndWithTheirName() throws {
    try TestNetwork.with(1) { network in
        let name = "resetlab-check-\(getpid())-ends"
        do {
            let short = try network.thread.makeNamespace(named: name)
            try network.stacks[0].apply(
                .addVethPair(VethPair(.init(interface: "there", mac: network.mac(7)), peer: network.wan(8), in: short)))
            // Entered and left: the thread must not be what keeps it.
            try expectEqual(try NetworkStack(of: short, on: network.thread).links().count, 2, "loopback and wan")
            try NetworkNamespace.remove(named: name, identity: short.identity)
        }
        // The end of a veth goes when the namespace of its peer ends.
        try eventually("the namespace's end") { try network.stacks[0].link(named: "there") == nil }
    }
}

// MARK: - Objects of each kind

private func vethIsMadeInBothNamespaces() throws {
    try TestNetwork.with(2) { network in
        let (a, b) = (network.stacks[0], network.stacks[1])
        let near = VethPair.End(interface: "s0001", mac: network.mac(1), mtu: 1_400, transmitQueueLength: 77)
        let far = VethPair.End(interface: "wan", mac: network.mac(2), mtu: 1_400)
        try a.apply([
            .addVethPair(VethPair(near, peer: far, in: network.namespaces[1])),
            .set("s0001", LinkSettings(isUp: true, alias: "internet – site-a")),
        ])
        guard let found = try a.link(named: "s0001"), let peer = try b.link(named: "wan") else {
            throw Failure(description: "an end is missing")
        }
        try expectEqual(found.kind, "veth", "kind")
        try expectEqual(found.mac, near.mac, "MAC")
        try expectEqual(found.mtu, 1_400, "MTU")
        try expectEqual(found.transmitQueueLength, 77, "queue length")
        try expectEqual(found.alias, "internet – site-a", "alias")
        try expectEqual(peer.mac, far.mac, "peer's MAC")
        try expectEqual(peer.mtu, 1_400, "peer's MTU")
        try expectEqual(peer.isUp, false, "peer is up")
        try expectEqual(found.operationalState, .down, "state with the peer down")
        try expect(try a.link(named: "wan") == nil, "the peer was left in the first namespace")
        try b.apply(.setUp("wan"))
        try eventually("carrier") { try a.link(named: "s0001")?.operationalState == .up }
        try expect(
            try refusal(a, .addVethPair(VethPair(near, peer: far, in: network.namespaces[1]))).isAlreadyExists, "EEXIST for the same again")
        try expect(try b.links().contains { $0.name == "wan" }, "the list lacks wan")
        try a.apply(.removeLink("s0001"))
        try expect(try a.link(named: "s0001") == nil, "the end is still there")
        try expect(try b.link(named: "wan") == nil, "the peer is still there")
        try expect(try refusal(a, .removeLink("s0001")).isNotFound, "ENODEV for what is not there")
    }
}

private func bridgeAndItsPort() throws {
    try TestNetwork.with(1) { network in
        let stack = network.stacks[0]
        try stack.apply(.addBridge("gw", mac: network.mac(3)))
        try network.joinInOneNamespace("lan", "x")
        try stack.apply([.setUp("gw"), .set("lan", LinkSettings(port: .of(bridge: "gw")))])
        guard let bridge = try stack.link(named: "gw") else { throw Failure(description: "not made") }
        try expectEqual(bridge.kind, "bridge", "kind")
        try expectEqual(bridge.mac, network.mac(3), "bridge's MAC")
        try expectEqual(try stack.link(named: "lan")?.bridgeIndex, bridge.index, "port of")
        for (name, value) in [("stp_state", "0"), ("forward_delay", "0"), ("multicast_snooping", "0")] {
            try expectEqual(try bridgeSetting(name, of: "gw", network), value, name)
        }
        try stack.apply(.set("lan", LinkSettings(isUp: false, port: LinkSettings.Port.none)))
        try expectEqual(try stack.link(named: "lan")?.bridgeIndex, nil, "port of no bridge")
        try expectEqual(try stack.link(named: "lan")?.isUp, false, "up")
        try stack.apply([.removeLink("lan"), .removeLink("gw")])
        try expectEqual(try stack.links().map(\.name), ["lo"], "links left")
    }
}

private func dummy() throws {
    try TestNetwork.with(1) { network in
        let stack = network.stacks[0]
        try stack.apply([.addDummy("lan", mac: network.mac(4)), .setUp("lan")])
        let dummy = try stack.link(named: "lan")
        try expectEqual(dummy?.kind, "dummy", "kind")
        try expectEqual(dummy?.mac, network.mac(4), "MAC")
        try expectEqual(dummy?.isUp, true, "up")
        try expect(try refusal(stack, .addDummy("lan")).isAlreadyExists, "EEXIST for the same again")
        try stack.apply(.removeLink("lan"))
        try expect(try stack.link(named: "lan") == nil, "still there")
    }
}

/// sysfs shows the links of the namespace in which it was mounted, so that the check mounts one of its own, as `ip netns exec` does.
private func bridgeSetting(_ name: String, of bridge: String, _ network: TestNetwork) throws -> String {
    let folder = "/run/resetlab-check-\(getpid())-sys"
    return try network.thread.run(in: network.namespaces[0]) {
        guard mkdir(folder, 0o700) == 0 else { throw SystemCallError("mkdir", folder, .last) }
        defer { _ = rmdir(folder) }
        guard mount("sysfs", folder, "sysfs", 0, nil) == 0 else { throw SystemCallError("mount", folder, .last) }
        defer { _ = umount2(folder, Int32(MNT_DETACH)) }
        let path = "\(folder)/class/net/\(bridge)/bridge/\(name)"
        guard let file = fopen(path, "r") else { throw SystemCallError("open", path, .last) }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 64)
        let count = fread(&line, 1, line.count, file)
        return String(decoding: line.prefix(count).prefix { $0 != 0x0a }, as: UTF8.self)
    }
}

private func addresses() throws {
    try TestNetwork.with(1, ipv6: true) { network in
        let stack = network.stacks[0]
        try network.joinInOneNamespace("lan", "x")
        let entries = [AssignedAddress(try prefix("10.1.0.1/16"), on: "lan"), AssignedAddress(try prefix("2001:db8:1::1/64"), on: "lan")]
        for entry in entries {
            try stack.apply(.addAddress(entry))
            try expect(try stack.addresses().contains(entry), "\(entry) is not listed")
            try expect(try refusal(stack, .addAddress(entry)).isAlreadyExists, "EEXIST for \(entry) again")
            // Usable at once: bind refuses a tentative address.
            _ = try network.thread.run(in: network.namespaces[0]) { try UDPSocket(bound: entry.address.address, port: 4_000) }
            try stack.apply(.removeAddress(entry))
            try expect(try !stack.addresses().contains(entry), "\(entry) is still listed")
            let error = try refusal(stack, .removeAddress(entry))
            try expectEqual(error.errno, .addressNotAvailable, "removing \(entry) twice")
        }
    }
}

private func routes() throws {
    try TestNetwork.with(1, ipv6: true) { network in
        let stack = network.stacks[0]
        try network.joinInOneNamespace("wan", "other")
        try stack.apply([
            .addAddress(AssignedAddress(try prefix("192.0.2.1/32"), on: "wan")),
            .addAddress(AssignedAddress(try prefix("2001:db8::1/128"), on: "wan")),
        ])
        let entries = [
            RouteEntry(
                to: try prefix("10.0.0.0/8"), via: try address("198.51.100.1"), on: "wan", preferredSource: try address("192.0.2.1")),
            RouteEntry(to: try prefix("0.0.0.0/0"), via: try address("198.51.100.1"), on: "wan"),
            RouteEntry(to: try prefix("198.51.100.0/24"), on: "wan"),
            RouteEntry(to: try prefix("2001:db8:5::/48"), via: try address("2001:db8:9::1"), on: "wan"),
            RouteEntry(to: try prefix("::/0"), via: try address("fe80::9"), on: "wan", preferredSource: try address("2001:db8::1")),
            RouteEntry(to: try prefix("2001:db8:6::/48"), on: "wan"),
        ]
        let none = try stack.routes()
        for entry in entries {
            try stack.apply(.addRoute(entry))
            try expect(try stack.routes().contains(entry), "\(entry) is not listed")
            try expect(try refusal(stack, .addRoute(entry)).isAlreadyExists, "EEXIST for \(entry) again")
            var moved = entry
            moved.interface = "other"
            try stack.apply(.replaceRoute(moved))
            try expectEqual(try stack.routes().filter { $0.destination == entry.destination }, [moved], "after replacing")
            try stack.apply(.removeRoute(moved))
            try expectEqual(try stack.routes(), none, "routes after \(entry)")
            try expect(try refusal(stack, .removeRoute(moved)).isNotFound, "ESRCH for removing \(entry) twice")
        }
    }
}

private func neighbours() throws {
    try TestNetwork.with(1, ipv6: true) { network in
        let stack = network.stacks[0]
        try network.joinInOneNamespace("wan", "x")
        for text in ["192.0.2.9", "2001:db8::9"] {
            let target = try address(text)
            try expect(try stack.neighbour(target, on: "wan") == nil, "\(text) is there before")
            var entry = NeighbourEntry(target, on: "wan", mac: network.mac(5))
            try stack.apply(.setNeighbour(entry))
            try expectEqual(try stack.neighbour(target, on: "wan"), entry, "got")
            try expect(try stack.neighbours().contains(entry), "\(entry) is not listed")
            entry.mac = network.mac(6)
            try stack.apply(.setNeighbour(entry))
            try expectEqual(try stack.neighbour(target, on: "wan")?.mac, network.mac(6), "changed")
            try stack.apply(.removeNeighbour(target, on: "wan"))
            // The kernel keeps a removed entry, as failed, while packets refer to it.
            let left = try stack.neighbour(target, on: "wan")
            try expect(left == nil || left?.state == .failed, "still there: \(String(describing: left?.state))")
        }
    }
}

/// As the kernel's settings show them, in seconds and milliseconds, and of that interface alone.
private func timesOfNeighbours() throws {
    try TestNetwork.with(1, ipv6: true) { network in
        try network.joinInOneNamespace("wan", "x")
        func settings(_ family: String, _ interface: String) throws -> [String] {
            try ["base_reachable_time_ms", "delay_first_probe_time"].map {
                try KernelSetting.read("\(family)/neigh/\(interface)/\($0)", in: network.namespaces[0], on: network.thread)
            }
        }
        for (family, name) in [(IPAddress.Family.v4, "ipv4"), (.v6, "ipv6")] {
            let before = try settings(name, "x")
            let times = NeighbourTimes(family, reachable: .seconds(7_200), firstProbeDelay: .seconds(3_600))
            try network.stacks[0].apply(.setNeighbourTimes(times, on: "wan"))
            try expectEqual(try settings(name, "wan"), ["7200000", "3600"], "\(name)'s times")
            try expectEqual(try settings(name, "x"), before, "\(name)'s times of the other interface")
        }
    }
}

// MARK: - Batches

private func batchNamesWhatFailed() throws {
    try TestNetwork.with(1) { network in
        let stack = network.stacks[0]
        let failures = try stack.attempt([
            .addBridge("a"),
            .addBridge("a"),
            .addAddress(AssignedAddress(try prefix("10.0.0.1/24"), on: "missing")),
            .addBridge("a-name-of-sixteen"),
            .addAddress(AssignedAddress(try prefix("10.0.0.1/24"), on: "a")),
            .removeLink("gone"),
            .setUp("a"),
        ])
        try expectEqual(failures.map(\.index), [1, 2, 3, 5], "which failed")
        try expectEqual(failures.map(\.error.isAlreadyExists), [true, false, false, false], "EEXIST")
        try expectEqual(failures.map(\.error.isNotFound), [false, true, false, true], "not found")
        try expect(failures[0].description.hasPrefix("add bridge a in \(stack.label): "), "text: \(failures[0])")
        try expect(failures[1].description.hasPrefix("add address 10.0.0.1/24 on missing in \(stack.label): "), "text: \(failures[1])")
        try expectEqual(try stack.link(named: "a")?.isUp, true, "what follows a failure was done")
        try expectEqual(try stack.addresses().filter { $0.interface == "a" }.count, 1, "addresses")
    }
}

private func batchOfAHundredSites() throws {
    try TestNetwork.with(11) { network in
        let stack = network.stacks[0]
        let sites = (0..<100).map { "s\($0)" }
        try stack.apply(.addBridge("gw"))
        try stack.apply(
            sites.enumerated().map { index, name in
                .addVethPair(
                    VethPair(
                        .init(interface: name, mac: .local(block: 2, index: UInt32(index))),
                        peer: .init(interface: name, mac: .local(block: 3, index: UInt32(index))), in: network.namespaces[1 + index % 10]))
            })
        try stack.apply(sites.map { .set($0, LinkSettings(isUp: true, port: .of(bridge: "gw"), alias: "link of \($0)")) })
        let bridge = try stack.link(named: "gw")?.index
        try expectEqual(try stack.links().filter { $0.bridgeIndex == bridge && $0.isUp }.count, 100, "ports")
        for peers in network.stacks.dropFirst() { try expectEqual(try peers.links().count, 11, "peers and loopback") }
        try stack.apply(sites.map { .removeLink($0) })
        try expectEqual(try stack.links().count, 2, "links left")
    }
}

// MARK: - Packets

private func bridgePassesExactlyWhatIsSent(_ family: IPAddress.Family) throws {
    try TestNetwork.with(3, ipv6: family == .v6) { network in
        try network.joinByBridge()
        let ends = try (family == .v4 ? ["192.0.2.1", "192.0.2.2"] : ["2001:db8::1", "2001:db8::2"]).map(address)
        for index in 1...2 {
            let (own, other) = (ends[index - 1], ends[2 - index])
            guard let assigned = IPPrefix(own, length: family == .v4 ? 24 : 64) else { throw Failure(description: "prefix") }
            try network.stacks[index].apply([
                .addAddress(AssignedAddress(assigned, on: "wan")),
                // Set by hand: no packet is spent on resolution.
                .setNeighbour(NeighbourEntry(other, on: "wan", mac: network.mac(3 - index))),
            ])
        }
        let counters = try (1...2).map { try NetworkCounters(of: network.namespaces[$0], on: network.thread) }
        let sender = try network.thread.run(in: network.namespaces[1]) { try UDPSocket(bound: ends[0], port: 4_000) }
        let receiver = try network.thread.run(in: network.namespaces[2]) { try UDPSocket(bound: ends[1], port: 4_000) }
        try eventually("carrier") { try network.stacks[1].link(named: "wan")?.operationalState == .up }
        let before = try counters.map { try $0.read() }
        let linksBefore = try packetCounts(network)
        for number in 0..<100 { try sender.send(UInt32(number), to: ends[1], port: 4_000) }
        try expectEqual(try receiver.receive(100), Array(0..<100), "received")
        let growth = try zip(counters, before).map { try $0.read().growth(since: $1) }
        let names = family == .v4 ? ("UdpOutDatagrams", "UdpInDatagrams") : ("Udp6OutDatagrams", "Udp6InDatagrams")
        try expectEqual(growth[0][names.0], 100, names.0)
        try expectEqual(growth[1][names.1], 100, names.1)
        // With IPv6, multicast of the kernel's own may be on its way as well.
        if family == .v4 {
            try expectEqual(growth[0]["IpOutRequests"], 100, "IpOutRequests")
            try expectEqual(zip(try packetCounts(network), linksBefore).map { $0 - $1 }, [100, 100, 100, 100], "wan, p1, p2, wan")
        }
    }
}

/// Along the way from the first end to the second.
private func packetCounts(_ network: TestNetwork) throws -> [UInt64] {
    let links = [
        try network.stacks[1].link(named: "wan"), try network.stacks[0].link(named: "p1"), try network.stacks[0].link(named: "p2"),
        try network.stacks[2].link(named: "wan"),
    ].compactMap { $0?.counters }
    try expectEqual(links.count, 4, "links on the way")
    return [links[0].sentPackets, links[1].receivedPackets, links[2].sentPackets, links[3].receivedPackets]
}

private func countersTellWhy() throws {
    try TestNetwork.with(1) { network in
        let counters = try NetworkCounters(of: network.namespaces[0], on: network.thread)
        let here = try address("127.0.0.1")
        let socket = try network.thread.run(in: network.namespaces[0]) { try UDPSocket(bound: here, port: 4_000) }
        let before = try counters.read()
        try socket.send(1, to: here, port: 4_001)
        let anywhere = try network.thread.run(in: network.namespaces[0]) { try UDPSocket(bound: address("0.0.0.0"), port: 4_002) }
        do {
            try anywhere.send(1, to: try address("192.0.2.1"), port: 9)
            throw Failure(description: "sent without a route")
        } catch let error as SystemCallError {
            try expectEqual(error.errno, .networkUnreachable, "sending without a route")
        }
        let growth = try counters.read().growth(since: before)
        try expectEqual(growth["UdpNoPorts"], 1, "UdpNoPorts")
        try expectEqual(growth["IcmpOutDestUnreachs"], 1, "IcmpOutDestUnreachs")
        try expectEqual(growth["IpOutNoRoutes"], 1, "IpOutNoRoutes")
    }
}

/// One that passes between those that do not, so that the reader has reason to look and not to look.
private func packetsWithoutARouteAreCounted() throws {
    try TestNetwork.with(3) { network in
        try network.joinByBridge()
        let (sender, router) = (network.stacks[1], network.stacks[2])
        try sender.apply(.addAddress(AssignedAddress(prefix("192.0.2.1/24"), on: "wan")))
        try router.apply(.addAddress(AssignedAddress(prefix("192.0.2.2/24"), on: "wan")))
        try KernelSetting.write([KernelSetting("ipv4/ip_forward", "1")], in: network.namespaces[2], on: network.thread)
        try sender.apply(.addRoute(RouteEntry(to: prefix("198.51.100.0/24"), via: address("192.0.2.2"), on: "wan")))
        let counters = try CounterReader(of: network.namespaces[2], on: network.thread) {
            ["IpExtInNoRoutes", "IcmpOutDestUnreachs", "UdpNoPorts"].contains($0)
        }
        func counts() throws -> [String: UInt64] { Dictionary(uniqueKeysWithValues: zip(counters.names, try counters.read())) }
        let socket = try network.thread.run(in: network.namespaces[1]) { try UDPSocket(bound: address("192.0.2.1"), port: 4_000) }
        try expectEqual(try counts()["IpExtInNoRoutes"], 0, "packets without a route before")
        for number in 1...3 as ClosedRange<UInt64> {
            try socket.send(1, to: address("198.51.100.1"), port: 9)
            try eventually("packet \(number) without a route is counted") { try counts()["IpExtInNoRoutes"] == number }
            try socket.send(1, to: address("192.0.2.2"), port: 9)
            try eventually("packet \(number) for the router itself is counted") { try counts()["UdpNoPorts"] == number }
            try expectEqual(try counts()["IpExtInNoRoutes"], number, "packets without a route")
        }
    }
}

/// The first namespace holds the bridge, the second is the neighbour, the third and fourth have the address one after the other.
private func announcementMovesAnAddress(_ family: IPAddress.Family) throws {
    try TestNetwork.with(4, ipv6: family == .v6) { network in
        try network.joinByBridge()
        let (own, moving) =
            try family == .v4 ? (prefix("192.0.2.1/24"), prefix("192.0.2.100/24")) : (prefix("2001:db8::1/64"), prefix("2001:db8::100/64"))
        let (neighbour, old, new) = (network.stacks[1], network.stacks[2], network.stacks[3])
        try neighbour.apply(.addAddress(AssignedAddress(own, on: "wan")))
        try old.apply(.addAddress(AssignedAddress(moving, on: "wan")))
        let socket = try network.thread.run(in: network.namespaces[1]) { try UDPSocket(bound: own.address, port: 4_000) }
        try socket.send(1, to: moving.address, port: 9)
        try eventually("the neighbour resolves the address") {
            try neighbour.neighbour(moving.address, on: "wan")?.mac == network.mac(2)
        }
        // Where nobody knows the address, an announcement makes no entry.
        let announcer = try AnnouncementSocket(in: network.namespaces[3], on: network.thread)
        let unknown = try address(family == .v4 ? "192.0.2.101" : "2001:db8::101")
        try announcer.send(AddressAnnouncement(unknown, at: network.mac(3)), on: "wan")

        try old.apply(.removeAddress(AssignedAddress(moving, on: "wan")))
        try new.apply(.addAddress(AssignedAddress(moving, on: "wan")))
        try expectEqual(try neighbour.neighbour(moving.address, on: "wan")?.mac, network.mac(2), "before the announcement")
        try announcer.send(AddressAnnouncement(moving.address, at: network.mac(3), isRouter: true), on: "wan")
        try eventually("the neighbour heeds the announcement") {
            try neighbour.neighbour(moving.address, on: "wan")?.mac == network.mac(3)
        }
        try expect(try neighbour.neighbour(unknown, on: "wan") == nil, "an announcement made an entry")
        do {
            try announcer.send(AddressAnnouncement(moving.address, at: network.mac(3)), on: "missing")
            throw Failure(description: "announced on a missing interface")
        } catch let error as SystemCallError {
            try expectEqual(error.errno, .noSuchDevice, "announcing on a missing interface")
        }
    }
}

// MARK: - netem

/// Two namespaces joined directly, with neighbours set by hand so that no stray packet takes one of netem's draws.
private func withPath(_ body: (_ sender: NetworkStack, _ transfer: (Int) throws -> [UInt32]) throws -> Void) throws {
    try TestNetwork.with(2) { network in
        let ends = try ["192.0.2.1", "192.0.2.2"].map(address)
        try network.stacks[0].apply(.addVethPair(VethPair(network.wan(0), peer: network.wan(1), in: network.namespaces[1])))
        for index in 0...1 {
            guard let assigned = IPPrefix(ends[index], length: 24) else { throw Failure(description: "prefix") }
            try network.stacks[index].apply([
                .setUp("wan"), .addAddress(AssignedAddress(assigned, on: "wan")),
                .setNeighbour(NeighbourEntry(ends[1 - index], on: "wan", mac: network.mac(1 - index))),
            ])
        }
        let sender = try network.thread.run(in: network.namespaces[0]) { try UDPSocket(bound: ends[0], port: 4_000) }
        let receiver = try network.thread.run(in: network.namespaces[1]) { try UDPSocket(bound: ends[1], port: 4_000) }
        try body(network.stacks[0]) { count in
            for number in 0..<count { try sender.send(UInt32(number), to: ends[1], port: 4_000) }
            return try receiver.receive(count)
        }
    }
}

private func netemRepeatsItself() throws {
    try withPath { sender, transfer in
        func lossPattern(seed: UInt64) throws -> [UInt32] {
            try sender.apply(.emulate(NetworkEmulation(loss: 0.3, seed: seed), on: "wan"))
            let before = try netem(sender)?.drops ?? 0
            let received = try transfer(200)
            guard let queue = try netem(sender) else { throw Failure(description: "netem is not listed") }
            try expectEqual(queue.isRoot, true, "root")
            try expectEqual(Int(queue.drops - before), 200 - received.count, "drops counted")
            return received
        }
        let first = try lossPattern(seed: 42)
        try expect((100...180).contains(first.count), "of 200 packets \(first.count) passed a loss of 0.3")
        try expectEqual(try lossPattern(seed: 42), first, "the same seed again")
        try expect(try lossPattern(seed: 43) != first, "another seed lost the same packets")
        try sender.apply(.removeQueueDiscipline(on: "wan"))
        try expect(try netem(sender) == nil, "netem is still listed")
        try expectEqual(try transfer(200).count, 200, "received without netem")
    }
}

private func netemDelays() throws {
    try withPath { sender, transfer in
        _ = try transfer(1)
        try sender.apply(.emulate(NetworkEmulation(delay: .milliseconds(80), rate: 1_000_000), on: "wan"))
        let start = SystemClock.monotonic.nanoseconds
        try expectEqual(try transfer(1), [0], "received")
        try expect(SystemClock.monotonic.nanoseconds - start >= 80_000_000, "a packet came too early")
    }
}

private func netem(_ stack: NetworkStack) throws -> QueueDiscipline? {
    try stack.queueDisciplines().first { $0.kind == "netem" && $0.interface == "wan" }
}

// MARK: - Sockets

/// A UDP socket of the calling thread's namespace that sends and receives numbers.
private final class UDPSocket {
    private let descriptor: FileDescriptor

    init(bound address: IPAddress, port: UInt16) throws {
        let raw = socket(address.family == .v4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw SystemCallError("socket", "\(address)", .last) }
        descriptor = FileDescriptor(owning: raw)
        let result = Self.withSocketAddress(address, port) { bind(raw, $0, $1) }
        guard result == 0 else { throw SystemCallError("bind", "\(address)", .last) }
    }

    func send(_ number: UInt32, to address: IPAddress, port: UInt16) throws {
        let sent = withUnsafeBytes(of: number) { bytes in
            Self.withSocketAddress(address, port) { sendto(descriptor.rawValue, bytes.baseAddress, bytes.count, 0, $0, $1) }
        }
        guard sent == 4 else { throw SystemCallError("sendto", "\(address)", .last) }
    }

    /// Receives until that many came, or none came for half a second.
    func receive(_ most: Int) throws -> [UInt32] {
        var numbers: [UInt32] = []
        while numbers.count < most {
            var waiting = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, 500) == 0 { break }
            var number: UInt32 = 0
            guard recv(descriptor.rawValue, &number, 4, 0) == 4 else { throw SystemCallError("recv", "UDP socket", .last) }
            numbers.append(number)
        }
        return numbers
    }

    private static func withSocketAddress<Result>(
        _ address: IPAddress, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        switch address.family {
        case .v4:
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = port.bigEndian
            value.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.value).bigEndian
            return withUnsafePointer(to: &value) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
        case .v6:
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &value.sin6_addr) { $0.copyBytes(from: address.bytes) }
            return withUnsafePointer(to: &value) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
            }
        }
    }
}
