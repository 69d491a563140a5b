import AgentProtocol
import Glibc
import LabKeeper
import LinuxKernel
import Measurement
import Processes

/// What a colleague needs to understand a lab, and to build it again.
struct SupportBundle {
    struct File {
        var name: String
        var contents: String
    }

    private(set) var files: [File] = []
    /// What could not be had, and why: the rest is worth having all the same.
    private(set) var problems: [String] = []
    private let lab: LabDescription

    static func collect(from client: LabClient) -> SupportBundle {
        var bundle = SupportBundle(lab: client.description)
        bundle.collect(client)
        return bundle
    }

    private init(lab: LabDescription) { self.lab = lab }

    private mutating func collect(_ client: LabClient) {
        add("README.txt") { [lab] in Self.readme(lab) }
        add("topology.yaml") { [lab] in try readFile(LabsFolder().folder(of: lab.name).topology) }
        add("lab.json") { [lab] in try jsonText(LabSummary(lab)) }
        add("plan.json") { [lab] in try jsonText(lab.plan) }
        add("status.json") {
            guard case .status(let status) = try client.ask(.status) else { throw Unexpected() }
            return try jsonText(status)
        }
        add("checks.json") {
            guard case .checked(let checks) = try client.ask(.check(connection: nil)) else { throw Unexpected() }
            return try jsonText(checks)
        }
        add("health.jsonl") {
            var entries: [HealthEntry] = []
            client.healthReceived = { entries += $0 }
            _ = try client.ask(.health(following: false))
            return try lines(entries.map(HealthLine.init))
        }
        add("events.jsonl") {
            var events: [NumberedEvent] = []
            client.eventsReceived = { events += $0 }
            _ = try client.ask(.events(after: 0, following: false))
            return try lines(events)
        }
        add("counters.json") {
            guard case .counters(let counters) = try client.ask(.counters) else { throw Unexpected() }
            return try jsonText(counters)
        }
        add("associations.json") {
            guard case .associations(let associations) = try client.ask(.associations(withKeys: false)) else { throw Unexpected() }
            return try jsonText(
                associations.map { association in
                    var association = association
                    // They were not asked for; and they stay out whatever the agent says.
                    (association.encryptionKey, association.integrityKey) = (nil, nil)
                    return association
                })
        }
        addText("console.txt", .console, of: client)
        addText("log.txt", .log, of: client)
        add("doctor.json") { try DoctorReport.make(bootsGuest: false) { _ in }.json() }
        add("versions.json") { [lab] in try jsonText(Versions(lab)) }
        if !problems.isEmpty { files.append(File(name: "problems.txt", contents: problems.joined(separator: "\n") + "\n")) }
    }

    private mutating func addText(_ name: String, _ operation: KeeperRequest.Operation, of client: LabClient) {
        add(name) {
            guard case .text(let text) = try client.ask(operation) else { throw Unexpected() }
            return text
        }
    }

    private mutating func add(_ name: String, _ contents: () throws -> String) {
        do {
            files.append(File(name: name, contents: try contents()))
        } catch let failure as CommandFailure {
            problems.append("\(name): \(failure.message)")
        } catch {
            problems.append("\(name): \(error)")
        }
    }

    private struct Unexpected: Error, CustomStringConvertible {
        let description = "the lab answered with something else"
    }

    private struct Versions: Encodable {
        var resetlab: String
        var keeper: String
        var agentProtocol: Int
        var keeperProtocol: Int
        var labKernel: String
        var machineKernel: String
        var written: String

        init(_ lab: LabDescription) {
            (resetlab, keeper, labKernel) = (resetlabVersion, lab.version, lab.kernel)
            (agentProtocol, keeperProtocol) = (agentProtocolVersion, keeperProtocolVersion)
            written = WallClock.text(SystemClock.realtime.nanoseconds)
            var name = utsname()
            uname(&name)
            machineKernel = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
    }

    private static func readme(_ lab: LabDescription) -> String {
        """
        Support bundle of the lab \(lab.name) (resetlab \(lab.version)), written \(WallClock.text(SystemClock.realtime.nanoseconds)).
        It has no secret. Build the lab again with:

            resetlab up topology.yaml --name \(lab.name) --seed \(lab.seed) --backend \(lab.backend.rawValue)

        topology.yaml      as it was written, each pre-shared key replaced: equal ones are equal, different ones differ
        lab.json           what stands, since when
        plan.json          every node, link, address and time that was made of the topology
        status.json        instances, tunnels, SAs in use, losses, at the time of writing
        checks.json        both sides of every connection, side by side
        health.jsonl       availability of the gateway and each connection, over all ups of this lab's name
        events.jsonl       what happened, oldest first; "at" is the lab's clock, "wallClock" nanoseconds since 1970
        counters.json      dropped packets, by the kernel's counters
        associations.json  every SA in every node, without keys
        console.txt        the end of the guest's console
        log.txt            the end of the keeper's and the agent's log
        doctor.json        what this machine can do
        versions.json      programs, protocols, kernels
        problems.txt       what could not be had, if anything

        """
    }

    // MARK: - The archive

    /// Whole or not at all.
    func write(to output: String) throws {
        var template = Array("/tmp/resetlab-bundle.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CommandFailure(.failed, "/tmp: \(Errno.last.message)") }
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let name = "resetlab-\(lab.name)"
        let inner = "\(folder)/\(name)"
        defer {
            for file in files { unlink("\(inner)/\(file.name)") }
            rmdir(inner)
            rmdir(folder)
        }
        guard mkdir(inner, 0o700) == 0 else { throw CommandFailure(.failed, "\(inner): \(Errno.last.message)") }
        for file in files { try resetlab.write(Array(file.contents.utf8), to: "\(inner)/\(file.name)") }
        let temporary = "\(output).\(getpid()).tmp"
        do {
            try Command(
                "tar",
                [
                    "--create", "--gzip", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX",
                    "--file=\(temporary)",
                    "--directory=\(folder)", "--", name,
                ]
            ).runToEnd(limit: .seconds(120)).checked()
        } catch {
            unlink(temporary)
            throw CommandFailure(.failed, "\(output) cannot be written: \(error)")
        }
        guard rename(temporary, output) == 0 else {
            let error = Errno.last
            unlink(temporary)
            throw CommandFailure(.failed, "\(output) cannot be written: \(error.message)")
        }
    }
}

/// JSON Lines.
private func lines(_ values: [some Encodable]) throws -> String {
    String(decoding: try values.flatMap { try JSONLines.encode($0) }, as: UTF8.self)
}
