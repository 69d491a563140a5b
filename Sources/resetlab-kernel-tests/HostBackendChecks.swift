import AgentProtocol
import Glibc
import LabPlan
import LinuxKernel
import Processes

/// `resetlab --backend host` as its users start it, with this guest in the place of their machine: a kernel with everything a lab needs, and
/// nobody else in it.
let hostBackendChecks: [KernelCheck] = [
    hostCheck("host.rehearsal-runs-and-leaves-nothing", rehearsalRunsAndLeavesNothing),
    hostCheck("host.auto-finds-the-host-fit", autoFindsTheHostFit),
    hostCheck("host.agent-killed", agentKilled),
    hostCheck("host.controller-killed", controllerKilled),
    hostCheck("host.controller-interrupted", controllerInterrupted),
    hostCheck("host.both-killed-then-cleanup", bothKilledThenCleanUp),
    hostCheck("host.second-lab-of-one-name", secondLabOfOneName),
]

private func hostCheck(_ name: String, _ check: @escaping @Sendable (HostRehearsal) throws -> Void) -> KernelCheck {
    KernelCheck(
        name, needs: [.bridge, .dummy, .xfrm, .espGCM, .netem, .packetSockets],
        files: [HostRehearsal.controller, HostRehearsal.agent, HostRehearsal.topology, CheckPlan.file]
    ) {
        try NamespaceNames.unchanged {
            try check(HostRehearsal(namespaces: Set(CheckPlan.load().nodes.map(\.namespace))))
            try expectEqual(HostRehearsal.journals(), [], "journals")
        }
    }
}

// MARK: - Without harm

/// The keys of the report that these checks look at.
private struct Report: Decodable {
    struct Encryption: Decodable { var verdict: String }
    struct Flow: Decodable {
        var connection: String
        var sent: Int
        var received: Int
    }

    var backend: String
    var clock: String
    var verdict: String
    var encryption: Encryption
    var flows: [Flow]
}

private func rehearsalRunsAndLeavesNothing(_ host: HostRehearsal) throws {
    let running = try host.start()
    try host.awaitLab(of: running)
    try expectEqual(HostRehearsal.journals().count, 1, "journals while the lab stands")
    // What `ip netns exec` needs: each name is a mounted namespace.
    for name in host.namespaces { try expect(NetworkNamespace.exists(named: name), "\(name) cannot be entered by its name") }
    let ended = try running.end(within: .seconds(120))
    try expectEqual(ended.status, .exited(0), "exit status (\(ended.errors))")
    let report = try JSONLines.decode(Report.self, from: ended.output)
    try expectEqual([report.backend, report.clock], ["host", "real"], "where it ran")
    try expectEqual(report.encryption.verdict, "encrypted", "the audit")
    try expectEqual(report.flows.count, 4, "flows")
    for flow in report.flows {
        try expectEqual(flow.sent, 720, "probes sent of \(flow.connection)")
        // Before the reset and after the takeover, 15 s later by the topology's timing, next to all arrive; in between, none.
        try expect((400...425).contains(flow.received), "\(flow.connection): \(flow.received) of 720 arrived")
    }
}

private func autoFindsTheHostFit(_ host: HostRehearsal) throws {
    let ended = try host.start(backend: "auto").end(within: .seconds(180))
    try expectEqual(ended.status, .exited(0), "exit status (\(ended.errors))")
    try expectEqual(try JSONLines.decode(Report.self, from: ended.output).backend, "host", "where it ran")
}

// MARK: - Killed

private func agentKilled(_ host: HostRehearsal) throws {
    let running = try host.start()
    try host.awaitLab(of: running)
    kill(try running.agent(), SIGKILL)
    let ended = try running.end(within: .seconds(60))
    try expectEqual(ended.status, .exited(4), "exit status")
    try expectEqual(String(decoding: ended.output, as: UTF8.self), "", "standard output")
    try expect(ended.errors.contains("agent") && ended.errors.contains("killed"), "not told that the agent was killed: \(ended.errors)")
    // The controller has had another agent remove the lab before it ended; `NamespaceNames.unchanged` asserts it.
}

private func controllerKilled(_ host: HostRehearsal) throws {
    let running = try host.start()
    try host.awaitLab(of: running)
    let agent = try running.agent()
    running.process.signal(SIGKILL)
    _ = running.process.wait()
    // The orphan is this process's child now: the guest's process 1 inherits it.
    try expectEqual(try ProcessTree.awaitEnd(of: agent, within: .seconds(30)), 0, "the agent's wait status")
}

private func controllerInterrupted(_ host: HostRehearsal) throws {
    for (signal, status) in [(SIGINT, Int32(130)), (SIGTERM, 143)] {
        let running = try host.start()
        try host.awaitLab(of: running)
        running.process.signal(signal)
        let ended = try running.end(within: .seconds(60))
        try expectEqual(ended.status, .exited(status), "exit status after signal \(signal)")
        // All of it before the controller ends, so that the next command finds nothing in its way.
        try expectEqual(NamespaceNames.all().intersection(host.namespaces).sorted(), [], "namespaces after signal \(signal)")
    }
}

private func bothKilledThenCleanUp(_ host: HostRehearsal) throws {
    let thread = try NamespaceThread()
    // Named as the lab's own are, and yet not the lab's.
    let foreign = "\(host.namespaces.sorted()[0])-of-another"
    let made = try thread.makeNamespace(named: foreign)
    defer { _ = try? NetworkNamespace.remove(named: foreign, identity: made.identity) }

    let running = try host.start()
    try host.awaitLab(of: running)
    // Nothing is removed while it runs.
    let early = try host.cleanUp()
    try expectEqual(early.status, .exited(0), "exit status of the first clean-up (\(early.errorOutput))")
    try expect(early.text.contains("left alone"), "a running lab is not mentioned: \(early.text)")
    try expect(host.namespaces.isSubset(of: try NamespaceNames.all()), "a running lab lost namespaces")

    let agent = try running.agent()
    // Stopped first, so that it cannot take the lab down between the two.
    kill(agent, SIGSTOP)
    running.process.signal(SIGKILL)
    _ = running.process.wait()
    kill(agent, SIGKILL)
    _ = try ProcessTree.awaitEnd(of: agent, within: .seconds(10))
    try expect(host.namespaces.isSubset(of: try NamespaceNames.all()), "the lab is gone before anybody removed it")
    try expectEqual(HostRehearsal.journals().count, 1, "journals of the dead agent")

    let finished = try host.cleanUp()
    try expectEqual(finished.status, .exited(0), "exit status of the clean-up (\(finished.errorOutput))")
    let removed = finished.text.split(separator: "\n").compactMap { line in
        line.hasPrefix("removed namespace ") ? String(line.dropFirst("removed namespace ".count)) : nil
    }
    try expectEqual(removed.sorted(), host.namespaces.sorted(), "what the clean-up says it removed")
    try expectEqual(NamespaceNames.all().intersection(host.namespaces).sorted(), [], "namespaces after the clean-up")
    try expect(NetworkNamespace.exists(named: foreign), "the clean-up removed a namespace that is not Resetlab's")
    let again = try host.cleanUp()
    try expectEqual(again.text, "nothing to remove\n", "a second clean-up")
}

private func secondLabOfOneName(_ host: HostRehearsal) throws {
    let first = try host.start()
    try host.awaitLab(of: first)
    let second = try host.start().end(within: .seconds(60))
    try expectEqual(second.status, .exited(4), "exit status of the second")
    try expect(second.errors.contains("exists already"), "the second does not say why: \(second.errors)")
    // The first goes on unharmed.
    let ended = try first.end(within: .seconds(120))
    try expectEqual(ended.status, .exited(0), "exit status of the first (\(ended.errors))")
    try expectEqual(try JSONLines.decode(Report.self, from: ended.output).encryption.verdict, "encrypted", "the first's audit")
}
