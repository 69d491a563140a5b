import Addressing
import Glibc
import Links
import LinuxKernel
import Netlink
import XFRM

let xfrmChecks: [KernelCheck] =
    associationCases.map { item in
        KernelCheck("xfrm.association-\(item.name)", needs: [.espGCM]) {
            try inFreshNamespace { namespace in try associationLives(item.association, in: namespace.socket) }
        }
    } + [
        KernelCheck("xfrm.tunnel-carries-both-families", needs: [.espGCM]) { try inFreshNamespace(bothFamiliesPassTheSelector) },
        KernelCheck("xfrm.lifetimes-and-options", needs: [.espGCM]) { try inFreshNamespace(lifetimesAndOptionsAreKept) },
        KernelCheck("xfrm.replay-window-sizes", needs: [.espGCM]) { try inFreshNamespace(replayWindowsAreKept) },
        KernelCheck("xfrm.replay-state", needs: [.espGCM]) { try inFreshNamespace(replayStateMoves) },
        // Process 1 of a guest says so, which such an image is for.
        KernelCheck("xfrm.salts-are-drawn-in-counter-mode", needs: [.espGCM], files: [CheckPlan.file]) {
            try inFreshNamespace(saltsAreDrawnInCounterMode)
        },
        KernelCheck("xfrm.flush", needs: [.espGCM]) { try inFreshNamespace(flushEmptiesBothDatabases) },
        KernelCheck("xfrm.policies") { try inFreshNamespace(policiesLive) },
        KernelCheck("xfrm.events", needs: [.espGCM]) { try inFreshNamespace(eventsTellEveryChange) },
        KernelCheck("xfrm.acquire-then-sealed", needs: [.espGCM]) { try inFreshNamespace(aPacketWithoutAssociationAsksForOne) },
        KernelCheck("xfrm.expiry", needs: [.espGCM]) { try inFreshNamespace(aHardLimitRemovesTheAssociation) },
        KernelCheck("xfrm.refusals-explain-themselves", needs: [.espGCM]) { try inFreshNamespace(refusalsAreExplained) },
        KernelCheck("xfrm.algorithms-and-key-lengths", needs: [.espGCM]) { try inFreshNamespace(keyLengthsAreTheKernels) },
        KernelCheck("xfrm.batch-of-1000", needs: [.espGCM]) { try inFreshNamespace(aBigBatchGoesThrough) },
        KernelCheck("xfrm.batch-names-the-refused", needs: [.espGCM]) { try inFreshNamespace(aBatchNamesTheRefused) },
        KernelCheck("xfrm.batch-all-refused", needs: [.espGCM]) { try inFreshNamespace(aBatchOfRefusalsOverrunsNothing) },
    ]

// MARK: - Where the checks run

/// A namespace of a check's own, and a socket into it.
private struct FreshNamespace {
    let thread: NamespaceThread
    let namespace: NetworkNamespace
    let socket: XFRMSocket

    func listen(to groups: [XFRMEvent.Group] = XFRMEvent.Group.allCases) throws -> XFRMEventSocket {
        try thread.run(in: namespace) { try XFRMEventSocket(groups) }
    }
}

/// Runs a check that must leave both databases empty.
private func inFreshNamespace(_ check: (FreshNamespace) throws -> Void) throws {
    let name = "xfrm-check"
    let thread = try NamespaceThread()
    let namespace = try thread.makeNamespace(named: name)
    var outcome = Result<Void, any Error> {
        let fresh = FreshNamespace(
            thread: thread, namespace: namespace, socket: try thread.run(in: namespace) { try XFRMSocket() })
        try check(fresh)
        try expectEqual(fresh.socket.associations().count, 0, "SAs left behind")
        try expectEqual(fresh.socket.policies().count, 0, "policies left behind")
    }
    do {
        try expect(try NetworkNamespace.remove(named: name, identity: namespace.identity), "the namespace was gone")
    } catch {
        if case .success = outcome { outcome = .failure(error) }
    }
    try outcome.get()
}

// MARK: - What they add

private let ipv4 = (address("192.0.2.1"), address("198.51.100.1"))
private let ipv6 = (address("2001:db8::1"), address("2001:db8:ffff::1"))

private func address(_ text: String) -> IPAddress {
    guard let address = IPAddress(text) else { preconditionFailure("'\(text)' in a check") }
    return address
}

private func selector(_ source: String, _ destination: String) -> TrafficSelector {
    guard let source = IPPrefix(source), let destination = IPPrefix(destination),
        let selector = TrafficSelector(source: source, destination: destination)
    else { preconditionFailure("'\(source) → \(destination)' in a check") }
    return selector
}

private func transform(_ suite: ESPSuite) -> ESPTransform {
    let material = KeyMaterial((0..<suite.keyMaterialLength).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) })
    guard let transform = suite.transform(keyMaterial: material) else { preconditionFailure("keys of a suite's own length") }
    return transform
}

private func association(_ suite: ESPSuite = .gcm(.bits256), _ ends: (IPAddress, IPAddress) = ipv4, spi: UInt32 = 0xc001)
    -> SecurityAssociation
{
    SecurityAssociation(source: ends.0, destination: ends.1, spi: SPI(rawValue: spi), requestID: 7, transform: transform(suite))
}

private let associationCases: [(name: String, association: SecurityAssociation)] = [
    ("gcm128-v4", association(.gcm(.bits128))), ("gcm192-v4", association(.gcm(.bits192))), ("gcm256-v4", association()),
    ("gcm256-v6", association(.gcm(.bits256), ipv6)),
    ("cbc128-sha1-v4", association(.cbc(.bits128, .sha1))), ("cbc192-sha256-v4", association(.cbc(.bits192, .sha256))),
    ("cbc256-sha256-v6", association(.cbc(.bits256, .sha256), ipv6)), ("cbc256-sha384-v4", association(.cbc(.bits256, .sha384))),
]

// MARK: - SAs

/// Add, list, get, delete, absent.
private func associationLives(_ association: SecurityAssociation, in socket: XFRMSocket) throws {
    try socket.add(association)
    try expectEqual(socket.associations().map(\.association), [association], "the list")
    let installed = try socket.association(association.id)
    try expectEqual(installed.association, association, "the SA read back")
    try expectEqual(installed.packets, 0, "packets")
    try expectEqual(installed.bytes, 0, "bytes")
    try expectEqual(installed.firstUsed, nil, "first use")
    try expectEqual([installed.tooOld, installed.replayed, installed.forged], [0, 0, 0], "failures")
    let again = refusal { try socket.add(association) }
    try expect(again?.isAlreadyExists == true, "adding twice: \(again.map { "\($0)" } ?? "accepted")")
    try socket.delete(association.id)
    let gone = refusal { try socket.delete(association.id) }
    try expect(gone?.isNotFound == true, "deleting twice: \(gone.map { "\($0)" } ?? "accepted")")
    let absent = refusal { _ = try socket.association(association.id) }
    try expect(absent?.isNotFound == true, "reading what is deleted: \(absent.map { "\($0)" } ?? "found")")
}

/// The generator of random numbers that has the highest priority is the one in use once there was an SA.
private func saltsAreDrawnInCounterMode(_ namespace: FreshNamespace) throws {
    try namespace.socket.add(association())
    try namespace.socket.flushAssociations()
    let generators = try FileContents.text("/proc/crypto").split(separator: "\n\n").map { entry in
        Dictionary(
            entry.split(separator: "\n").compactMap { line -> (String, String)? in
                let parts = line.split(separator: ":").map { $0.trimmingSpaces() }
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }, uniquingKeysWith: { first, _ in first })
    }.filter { $0["name"] == "stdrng" }
    guard generators.contains(where: { $0["driver"] == "drbg_nopr_ctr_aes256" }) else { return }
    // One reference is the registration's own.
    let used = generators.filter { $0["refcnt"] != "1" }.compactMap { $0["driver"] }
    try expectEqual(used, ["drbg_nopr_ctr_aes256"], "the generators in use")
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}

/// A tunnel over one family takes a policy of the other: the SA and both policies of a mixed tunnel are accepted and read back as written.
private func bothFamiliesPassTheSelector(_ namespace: FreshNamespace) throws {
    for (ends, inner) in [(ipv6, selector("10.1.0.0/16", "10.2.0.0/16")), (ipv4, selector("fd00:1::/64", "fd00:2::/64"))] {
        let association = association(.gcm(.bits128), ends)
        let policy = SecurityPolicy(
            direction: .outbound, selector: inner,
            templates: [SecurityPolicy.Template(source: ends.0, destination: ends.1, requestID: association.requestID)])
        try namespace.socket.add(association)
        try namespace.socket.add(policy)
        try expectEqual(namespace.socket.associations().map(\.association), [association], "the mixed SA")
        try expectEqual(namespace.socket.policy(policy.id), policy, "the mixed policy")
        try namespace.socket.delete(policy.id)
        try namespace.socket.delete(association.id)
    }
}

private func lifetimesAndOptionsAreKept(_ namespace: FreshNamespace) throws {
    var association = association()
    association.options = [.noPathMTUDiscovery, .copiesDSCPInwards]
    association.lifetime = Lifetime(
        soft: .init(age: .seconds(24_300), bytes: 90_000), hard: .init(age: .milliseconds(26_999_001), bytes: 100_000, packets: 1 << 40))
    try namespace.socket.add(association)
    var found = try namespace.socket.association(association.id).association
    try expectEqual(found.lifetime.hard.age, .seconds(27_000), "a hard age in whole seconds")
    association.lifetime.hard.age = .seconds(27_000)
    try expectEqual(found, association, "the SA read back")
    // An update changes lifetimes.
    association.lifetime = Lifetime(hard: .init(bytes: 5))
    try namespace.socket.update(association)
    found = try namespace.socket.association(association.id).association
    try expectEqual(found.lifetime, association.lifetime, "updated lifetimes")
    try namespace.socket.delete(association.id)
    let gone = refusal { try namespace.socket.update(association) }
    try expect(gone?.isNotFound == true, "updating what is deleted: \(gone.map { "\($0)" } ?? "accepted")")
}

private func replayWindowsAreKept(_ namespace: FreshNamespace) throws {
    for (window, isExtended) in [(0, false), (32, false), (33, false), (128, false), (4_096, false), (64, true), (4_096, true)] {
        var association = association()
        association.replayWindow = UInt32(window)
        association.usesExtendedSequenceNumbers = isExtended
        try namespace.socket.add(association)
        try expectEqual(namespace.socket.association(association.id).association, association, "an SA with window \(window)")
        try namespace.socket.delete(association.id)
    }
}

private func replayStateMoves(_ namespace: FreshNamespace) throws {
    let small = association()
    try namespace.socket.add(small)
    try expectEqual(
        namespace.socket.replayState(of: small.id), ReplayState(sent: 0, received: 0, window: .plain(bitmap: 0)), "a fresh state")
    let moved = ReplayState(sent: 1_234, received: 0xffff_fff0, window: .plain(bitmap: 0x8000_0001))
    try namespace.socket.setReplayState(of: small.id, to: moved)
    try expectEqual(namespace.socket.replayState(of: small.id), moved, "the state set")
    try expectEqual(namespace.socket.association(small.id).replayState, moved, "the state in the SA")

    var large = association(.gcm(.bits256), ipv6)
    large.replayWindow = 100
    large.usesExtendedSequenceNumbers = true
    try namespace.socket.add(large)
    let far = ReplayState(sent: 0x1_0000_0002, received: 0x2_0000_0003, window: .large(packets: 100, bitmap: [1, 0, 0xdead_beef, 4]))
    try namespace.socket.setReplayState(of: large.id, to: far)
    try expectEqual(namespace.socket.replayState(of: large.id), far, "the large state set")
    // Of another size than the SA's own.
    let misfit = refusal {
        try namespace.socket.setReplayState(of: large.id, to: .init(sent: 1, received: 1, window: .large(packets: 32, bitmap: [0])))
    }
    try expect(misfit?.errno == .invalidArgument, "a window of another size: \(misfit.map { "\($0)" } ?? "accepted")")

    try namespace.socket.delete(small.id)
    try namespace.socket.delete(large.id)
    let absent = refusal { _ = try namespace.socket.replayState(of: small.id) }
    try expect(absent?.isNotFound == true, "the state of no SA: \(absent.map { "\($0)" } ?? "found")")
}

private func flushEmptiesBothDatabases(_ namespace: FreshNamespace) throws {
    for spi in 1...10 { try namespace.socket.add(association(spi: 0x1000 + UInt32(spi))) }
    for policy in examplePolicies { try namespace.socket.add(policy) }
    try expectEqual(namespace.socket.associations().count, 10, "SAs before")
    try expectEqual(namespace.socket.policies().count, examplePolicies.count, "policies before")
    try namespace.socket.flushAssociations()
    try namespace.socket.flushPolicies()
    try expectEqual(namespace.socket.associations().count, 0, "SAs after")
    try expectEqual(namespace.socket.policies().count, 0, "policies after")
    // There is nothing left, and that is no error.
    try namespace.socket.flushAssociations()
    try namespace.socket.flushPolicies()
}

// MARK: - Policies

private let examplePolicies: [SecurityPolicy] = {
    var exchange = selector("192.0.2.1/32", "198.51.100.1/32")
    exchange.transportProtocol = UInt8(IPPROTO_UDP)
    exchange.sourcePort = 500
    exchange.destinationPort = 4_500
    let template = SecurityPolicy.Template(source: ipv4.0, destination: ipv4.1, requestID: 7)
    return [
        SecurityPolicy(direction: .outbound, selector: selector("10.1.0.0/16", "10.2.0.0/16"), priority: 100, templates: [template]),
        SecurityPolicy(
            direction: .inbound, selector: selector("10.2.0.0/16", "10.1.0.0/16"), priority: 100,
            templates: [.init(source: ipv4.1, destination: ipv4.0, requestID: 7, isOptional: true)]),
        SecurityPolicy(
            direction: .forwarded, selector: selector("fd00:2::/48", "fd00:1::/48"), priority: 7,
            templates: [.init(source: ipv6.1, destination: ipv6.0, requestID: 9, spi: SPI(rawValue: 0xc002))]),
        SecurityPolicy(direction: .outbound, selector: exchange, priority: 1, templates: []),
        SecurityPolicy(direction: .outbound, selector: selector("0.0.0.0/0", "0.0.0.0/0"), priority: 9_999, action: .block, templates: []),
    ]
}()

private func policiesLive(_ namespace: FreshNamespace) throws {
    let socket = namespace.socket
    for policy in examplePolicies {
        try socket.add(policy)
        try expectEqual(socket.policies(), [policy], "the list")
        try expectEqual(socket.policy(policy.id), policy, "the policy read back")
        let again = refusal { try socket.add(policy) }
        try expect(again?.isAlreadyExists == true, "adding twice: \(again.map { "\($0)" } ?? "accepted")")
        var changed = policy
        changed.priority = 4_242
        try socket.update(changed)
        try expectEqual(socket.policies(), [changed], "the updated policy")
        try socket.delete(policy.id)
        let gone = refusal { try socket.delete(policy.id) }
        try expect(gone?.isNotFound == true, "deleting twice: \(gone.map { "\($0)" } ?? "accepted")")
    }
    // Updating what is not there adds it.
    try socket.update(examplePolicies[0])
    try expectEqual(socket.policies(), [examplePolicies[0]], "the list after an update of nothing")
    try socket.delete(examplePolicies[0].id)
}

// MARK: - Events

private func eventsTellEveryChange(_ namespace: FreshNamespace) throws {
    let events = try namespace.listen()
    let association = association()
    let policy = examplePolicies[0]
    let state = ReplayState(sent: 5, received: 6, window: .plain(bitmap: 7))
    try namespace.socket.add(association)
    try namespace.socket.update(association)
    try namespace.socket.setReplayState(of: association.id, to: state)
    try namespace.socket.add(policy)
    try namespace.socket.update(policy)
    try namespace.socket.delete(policy.id)
    try namespace.socket.delete(association.id)
    try namespace.socket.add(association)
    try namespace.socket.flushAssociations()
    try namespace.socket.add(policy)
    try namespace.socket.flushPolicies()
    var seen: [String] = []
    while case let some = try events.receiveEvents(), !some.isEmpty {
        for event in some {
            switch event {
            case .added(let installed):
                try expectEqual(installed.association, association, "the SA of an event")
                seen.append("added")
            case .updated: seen.append("updated")
            case .deleted(let id):
                try expectEqual(id, association.id, "the deleted SA")
                seen.append("deleted")
            case .replayState(let id, let found):
                try expectEqual(id, association.id, "the SA of a replay state")
                try expectEqual(found, state, "the replay state of an event")
                seen.append("replay")
            case .addedPolicy(let found):
                try expectEqual(found, policy, "the policy of an event")
                seen.append("added policy")
            case .updatedPolicy: seen.append("updated policy")
            case .deletedPolicy(let id):
                try expectEqual(id, policy.id, "the deleted policy")
                seen.append("deleted policy")
            case .flushedAssociations: seen.append("flushed")
            case .flushedPolicies: seen.append("flushed policies")
            default: seen.append("\(event)")
            }
        }
    }
    try expectEqual(
        seen,
        [
            "added", "updated", "replay", "added policy", "updated policy", "deleted policy", "deleted", "added", "flushed",
            "added policy", "flushed policies",
        ], "the events")
}

private func aHardLimitRemovesTheAssociation(_ namespace: FreshNamespace) throws {
    let events = try namespace.listen(to: [.expirations])
    var association = association()
    // The kernel counts an SA's age in whole seconds of its clock (xfrm_timer_handler): limits a second apart may pass at once, and then only
    // the hard one is told.
    association.lifetime = Lifetime(soft: .init(age: .seconds(1)), hard: .init(age: .seconds(3)))
    try namespace.socket.add(association)
    var seen: [Bool] = []
    while seen.count < 2 {
        var poller = pollfd(fd: events.fileDescriptor, events: Int16(POLLIN), revents: 0)
        try expectEqual(poll(&poller, 1, 10_000), 1, "descriptors with an event")
        for case .expired(let id, let isHard, _) in try events.receiveEvents() {
            try expectEqual(id, association.id, "the expired SA")
            seen.append(isHard)
        }
    }
    try expectEqual(seen, [false, true], "soft, then hard")
}

/// A packet that finds a policy and no SA makes the kernel ask for one; with the SA there, the next packet is sealed and counted.
private func aPacketWithoutAssociationAsksForOne(_ namespace: FreshNamespace) throws {
    let network = try NetworkStack(of: namespace.namespace, on: namespace.thread)
    guard let outside = IPPrefix("192.0.2.1/24"), let everything = IPPrefix("0.0.0.0/0") else { return }
    try network.apply([
        .addDummy("out"), .setUp("out"), .addAddress(AssignedAddress(outside, on: "out")), .addRoute(RouteEntry(to: everything, on: "out")),
    ])
    let policy = SecurityPolicy(
        direction: .outbound, selector: selector("192.0.2.1/32", "10.2.0.0/16"), priority: 3,
        templates: [.init(source: ipv4.0, destination: ipv4.1, requestID: 7)])
    try namespace.socket.add(policy)
    let events = try namespace.listen(to: [.acquisitions])

    let payload = [UInt8](repeating: 0, count: 100)
    let sender = try namespace.thread.run(in: namespace.namespace) { socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0) }
    try expect(sender >= 0, "no UDP socket")
    defer { close(sender) }
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = UInt16(9).bigEndian
    target.sin_addr.s_addr = UInt32(0x0a02_0001).bigEndian
    func send() -> Int {
        withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(sender, payload, payload.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    // Whether this one fails or is dropped is the kernel's choice (net.core.xfrm_larval_drop).
    _ = send()
    let asked = try events.receiveEvents()
    guard case .acquire(let acquire)? = asked.first else { throw Failure(description: "no acquire but \(asked)") }
    try expectEqual(acquire.source, ipv4.0, "the tunnel's source")
    try expectEqual(acquire.destination, ipv4.1, "the tunnel's destination")
    try expectEqual(acquire.requestID, 7, "the template's request")
    try expectEqual(acquire.policy, policy.id, "the policy")
    try expectEqual(namespace.socket.associations().count, 0, "SAs with algorithms")

    let association = association()
    try namespace.socket.add(association)
    try expectEqual(send(), payload.count, "bytes sent")
    let installed = try namespace.socket.association(association.id)
    try expectEqual(installed.packets, 1, "packets sealed")
    // IP and UDP headers inside.
    try expectEqual(installed.bytes, UInt64(payload.count + 28), "bytes sealed")
    try expectEqual(installed.replayState?.sent, 1, "the sequence number")
    try expect(installed.firstUsed != nil, "no first use")
    try namespace.socket.flushAssociations()
    try namespace.socket.flushPolicies()
}

// MARK: - Refusals

private func refusalsAreExplained(_ namespace: FreshNamespace) throws {
    var wrongName = association()
    wrongName.transform = .aead(AEADAlgorithm(rawValue: "rfc4106(rot13)"), key: KeyMaterial([UInt8](repeating: 1, count: 20)), icvBits: 128)
    let unknown = refusal { try namespace.socket.add(wrongName) }
    try expectEqual(unknown?.errno, .notImplemented, "an unknown algorithm")
    try expectEqual(unknown?.kernelMessage, "Requested AEAD algorithm not found", "its explanation")
    try expectEqual(unknown?.object, "\(wrongName)", "the refusal's object")

    var wrongKey = association()
    wrongKey.transform = .aead(.gcm, key: KeyMaterial([UInt8](repeating: 1, count: 21)), icvBits: 128)
    let length = refusal { try namespace.socket.add(wrongKey) }
    try expectEqual(length?.errno, .invalidArgument, "a key of the wrong length")
    try expectEqual(length?.kernelMessage, "Kernel was unable to initialize cryptographic operations", "its explanation")

    var wrongWindow = association()
    wrongWindow.replayWindow = 4_097
    let window = refusal { try namespace.socket.add(wrongWindow) }
    try expectEqual(window?.errno, .invalidArgument, "a window that is too large")
    try expect(window?.kernelMessage?.isEmpty == false, "no explanation: \(window.map { "\($0)" } ?? "accepted")")
    print("  the kernel's words: \(length.map { "\($0)" } ?? "-"); \(window.map { "\($0)" } ?? "-")")
}

/// Prints which key lengths the kernel takes, and checks that each suite's own is among them.
private func keyLengthsAreTheKernels(_ namespace: FreshNamespace) throws {
    func accepted(_ lengths: some Sequence<Int>, _ make: (KeyMaterial) -> ESPTransform) throws -> [Int] {
        try lengths.filter { count in
            var candidate = association()
            candidate.transform = make(KeyMaterial([UInt8](repeating: 0x5a, count: count)))
            guard refusal({ try namespace.socket.add(candidate) }) == nil else { return false }
            try namespace.socket.delete(candidate.id)
            return true
        }
    }
    let gcm = try accepted(0...68) { .aead(.gcm, key: $0, icvBits: 128) }
    try expectEqual(gcm, [20, 28, 36], "rfc4106(gcm(aes)) keys in bytes, salt included")
    let tags = try [32, 64, 96, 104, 112, 120, 128].filter { bits in
        try !accepted([36]) { .aead(.gcm, key: $0, icvBits: UInt32(bits)) }.isEmpty
    }
    try expectEqual(tags, [64, 96, 128], "rfc4106(gcm(aes)) check values in bits")
    let key = KeyMaterial([UInt8](repeating: 1, count: 32))
    let cbc = try accepted(0...40) { .separate(.cbc, key: $0, integrity: .sha256, integrityKey: key, icvBits: 128) }
    try expectEqual(cbc, [16, 24, 32], "cbc(aes) keys in bytes")
    for (hash, fullBits) in [(IntegrityAlgorithm.sha1, 160), (.sha256, 256), (.sha384, 384)] {
        let keys = try accepted([0, 1, 16, 20, 32, 48, 64, 128]) {
            .separate(.cbc, key: key, integrity: hash, integrityKey: $0, icvBits: 96)
        }
        let cuts = try stride(from: 0, through: 512, by: 8).filter { bits in
            try !accepted([32]) { .separate(.cbc, key: key, integrity: hash, integrityKey: $0, icvBits: UInt32(bits)) }.isEmpty
        }
        print("  \(hash.rawValue): keys of \(keys) bytes, cut to \(cuts.first ?? -1)...\(cuts.last ?? -1) bits in \(cuts.count) steps")
        try expect(keys.contains(fullBits / 8), "\(hash.rawValue) refuses a key of its own length")
        try expectEqual(cuts.last, fullBits, "\(hash.rawValue): bits on the wire at most")
    }
}

// MARK: - Batches

/// Prints the time an SA takes by the kernel's clock, the first time and when everything has been there once.
private func aBigBatchGoesThrough(_ namespace: FreshNamespace) throws {
    let count = 1_000
    let associations = (0..<count).map { association(spi: 0x10000 + UInt32($0)) }
    var additions = XFRMBatch()
    for round in ["cold", "warm", "warm"] {
        let clock = ContinuousClock()
        let start = clock.now
        additions.removeAll()
        for association in associations { try additions.append(.add(association)) }
        let built = clock.now
        try expectEqual(namespace.socket.apply(&additions), [], "refusals")
        let sent = clock.now
        try expectEqual(namespace.socket.associations().count, count, "SAs")
        let listed = clock.now
        try namespace.socket.flushAssociations()
        let flushed = clock.now
        func microseconds(_ duration: Duration) -> Double { (duration / .microseconds(1) * 10 / Double(count)).rounded() / 10 }
        print(
            "  \(round): \(microseconds(built - start)) µs per SA to write, \(microseconds(sent - built)) µs to carry out,",
            "\(microseconds(listed - sent)) µs to list, \(microseconds(flushed - listed)) µs to flush")
    }
}

private func aBatchNamesTheRefused(_ namespace: FreshNamespace) throws {
    let wrong: Set<Int> = [0, 1, 333, 640, 998, 999]
    var changes = XFRMBatch()
    for index in 0..<1_000 {
        var association = association(spi: 0x20000 + UInt32(index))
        if wrong.contains(index) { association.transform = .aead(.gcm, key: KeyMaterial([1, 2, 3, 4, 5]), icvBits: 128) }
        try changes.append(.add(association))
    }
    let failures = try namespace.socket.apply(&changes)
    try expectEqual(failures.map(\.index), wrong.sorted(), "the places refused")
    for failure in failures {
        try expectEqual(failure.error.errno, .invalidArgument, "the refusal at \(failure.index)")
        try expectEqual(failure.error.object, "\(association(spi: 0x20000 + UInt32(failure.index)))", "what was refused")
        try expect(failure.error.kernelMessage != nil, "no explanation at \(failure.index)")
    }
    try expectEqual(namespace.socket.associations().count, 1_000 - wrong.count, "SAs")
    try namespace.socket.flushAssociations()
}

/// Every answer is a refusal with its text: the most a receive buffer has to hold.
private func aBatchOfRefusalsOverrunsNothing(_ namespace: FreshNamespace) throws {
    let id = SecurityAssociation.ID(destination: ipv4.1, spi: SPI(rawValue: 0x30000))
    var deletions = XFRMBatch()
    for _ in 0..<5_000 { try deletions.append(.delete(id)) }
    let failures = try namespace.socket.apply(&deletions)
    try expectEqual(failures.count, 5_000, "refusals")
    try expect(failures.enumerated().allSatisfy { $0.offset == $0.element.index && $0.element.error.isNotFound }, "other refusals")
}

private func refusal(_ body: () throws -> Void) -> NetlinkError? {
    do {
        try body()
        return nil
    } catch {
        return error as? NetlinkError
    }
}
