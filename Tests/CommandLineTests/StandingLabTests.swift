import Foundation
import Glibc
import Processes
import TestRequirements
import Testing

/// A lab to work in, in a guest, as its users have it.
@Suite(
    .serialized, .enabled(if: Controller.guestRequirement.letTestsRun, "\(Controller.guestRequirement.reason)"), .timeLimit(.minutes(15)))
struct StandingLabTests {
    private let folder: TemporaryFolder
    private let environment: [String: String]
    private let topology: String
    /// Nowhere else on this machine.
    private static let key = "an unlikely: key \"Qx7731vW\""

    init() throws {
        folder = try TemporaryFolder()
        environment = ["RESETLAB_RUN": "\(folder.path)/run", "RESETLAB_STATE": "\(folder.path)/state"]
        let text =
            SmallTopology.text + """
                    # The key was an unlikely: key "Qx7731vW" already last year.
                    connection: {name: VNet1toOffice, preSharedKey: 'an unlikely: key "Qx7731vW"'}
                  - name: depot
                    address: 198.51.100.20
                    prefixes: [10.30.0.0/16]
                    # With random losses about, short runs of them do not count.
                    link: {loss: 0.01%}
                    connection: {preSharedKey: {site: one of two, gateway: the other one}}

                """
        topology = try folder.file("small.yaml", text)
    }

    private func run(_ arguments: String...) throws -> FinishedProcess {
        try Controller.command(arguments, environment: environment).runToEnd(limit: .seconds(240))
    }

    private func up(_ more: String...) throws -> FinishedProcess {
        try Controller.command(["up", topology, "--backend", "guest"] + more, environment: environment).runToEnd(limit: .seconds(240))
    }

    private var labs: [String] { (try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/run/labs")) ?? [] }

    private func keeper(of lab: String) throws -> pid_t {
        let text = try String(contentsOfFile: "\(folder.path)/run/labs/\(lab)/lab.json", encoding: .utf8)
        return try #require(text.firstMatch(of: /"pid":(\d+)/).flatMap { pid_t($0.1) })
    }

    /// Also when a test fails: nothing it made stays.
    private func takeDown() { _ = try? run("down", "--all") }

    @Test func workInIt() throws {
        defer { takeDown() }
        let started = try up()
        try #require(started.status == .exited(0), "\(started.errorOutput)")
        #expect(started.text.hasPrefix("Lab small stands: small.yaml, guest, Linux "))
        #expect(started.text.contains("resetlab status --watch"))

        let twice = try up()
        #expect(twice.status == .exited(2))
        #expect(twice.errorOutput.contains("a lab named small stands already"))

        #expect(try run("list").text.contains("small  small.yaml  guest"))
        let status = try run("status")
        #expect(status.status == .exited(0), "\(status.errorOutput)")
        #expect(status.text.contains("gateway-0  active"))

        for (arguments, known) in [
            (["reset", "connection", "nowhere"], "VNet1toOffice, depot"), (["fail", "gateway-2"], "active, standby, gateway-0, gateway-1"),
            (["cut", "line"], "gateway-0, gateway-0:inside"), (["reset", "gateway", "--address", "203.0.113.99"], "203.0.113.10"),
        ] {
            let refused = try Controller.command(arguments, environment: environment).runToEnd(limit: .seconds(60))
            #expect(refused.status == .exited(2))
            #expect(refused.errorOutput.contains(known))
        }

        // The depot's keys differ: it would not come up again.
        let checked = try run("reset", "gateway")
        #expect(checked.status == .exited(1))
        #expect(checked.text.contains("pre-shared key"))
        #expect(!checked.text.contains("VNet1toOffice"))
        #expect(checked.errorOutput.contains("nothing was reset"))

        let reset = try run("reset", "connection", "office", "--format", "json")
        #expect(reset.status == .exited(0), "\(reset.text)\(reset.errorOutput)")
        let outcome = try #require(try JSONSerialization.jsonObject(with: Data(reset.output)) as? [String: Any])
        #expect(outcome["succeeded"] as? Bool == true)
        #expect(outcome["subject"] as? String == "VNet1toOffice")

        let cut = try run("cut", "office", "--for", "2s", "--format", "json")
        let cost = try #require(try JSONSerialization.jsonObject(with: Data(cut.output)) as? [String: Any])["costs"] as? [[String: Any]]
        #expect(cost?.map { $0["state"] as? String } == ["recovered", "recovered"], "\(cut.text)")

        let health = try run("health")
        #expect(health.text.contains("UserInitiated  reset requested"))
        #expect(health.text.contains("VNet1toOffice  Available"))
        #expect(health.text.split(separator: "\n").contains { $0.contains("depot") && $0.contains("Unavailable") })
        try bundle()

        #expect(try run("down").text == "lab small is down\n")
        #expect(labs.isEmpty)
        // The history outlives the lab.
        #expect(try run("health", "--lab", "small").text.contains("the lab was taken down"))
    }

    private func bundle() throws {
        let archive = "\(folder.path)/bundle.tar.gz"
        let finished = try run("support-bundle", "-o", archive)
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        #expect(finished.errorOutput.isEmpty)
        let listed = try Command("tar", ["--list", "--verbose", "--numeric-owner", "--gzip", "--file", archive]).runToEnd().checked().text
        #expect(listed.split(separator: "\n").allSatisfy { $0.contains(" 0/0 ") })
        try Command("tar", ["--extract", "--gzip", "--file", archive, "--directory", folder.path]).runToEnd().checked()
        let inner = "\(folder.path)/resetlab-small"
        let files = try FileManager.default.contentsOfDirectory(atPath: inner).sorted()
        #expect(
            files == [
                "README.txt", "associations.json", "checks.json", "console.txt", "counters.json", "doctor.json", "events.jsonl",
                "health.jsonl", "lab.json", "log.txt", "plan.json", "status.json", "topology.yaml", "versions.json",
            ])
        for file in files {
            let text = try String(contentsOfFile: "\(inner)/\(file)", encoding: .utf8)
            for secret in [Self.key, "one of two", "the other one", "Qx7731vW"] {
                #expect(!text.contains(secret), "\(file)")
                let digits = secret.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                #expect(!text.lowercased().contains(digits), "\(file)")
                // As JSON has bytes.
                #expect(!text.filter { !$0.isWhitespace }.contains(secret.utf8.map { "\($0)" }.joined(separator: ",")), "\(file)")
            }
            #expect(text.firstMatch(of: /[0-9a-fA-F]{32}/) == nil, "\(file)")
        }
        let associations = try String(contentsOfFile: "\(inner)/associations.json", encoding: .utf8)
        #expect(associations.contains("\"spi\""))
        // A colleague's lab is the same one: keys that differ still do.
        let replay = try Controller.command(["check", "\(inner)/topology.yaml"]).runToEnd(limit: .seconds(60))
        #expect(replay.status == .exited(1))
        #expect(replay.text.contains("Both sides differ: depot."))
    }

    @Test func aKilledKeeperLeavesNothingStanding() throws {
        defer { takeDown() }
        let started = try up("--name", "killed")
        try #require(started.status == .exited(0), "\(started.errorOutput)")
        let process = try keeper(of: "killed")
        let emulator = try #require(
            ProcessTable.children(of: process).first { ProcessTable.entry(of: $0)?.name.hasPrefix("qemu") ?? false })
        #expect(kill(process, SIGKILL) == 0)
        var isGone = false
        for _ in 0..<500 where !isGone {
            let entry = ProcessTable.entry(of: emulator)
            isGone = entry.map { !$0.name.hasPrefix("qemu") || $0.isZombie } ?? true
            usleep(20_000)
        }
        #expect(isGone)
        // Its folder is what is left, and goes when anybody looks.
        #expect(try run("list").text.hasPrefix("no lab stands"))
        #expect(labs.isEmpty)
        // The name is free again.
        #expect(try up("--name", "killed").status == .exited(0))
    }

    @Test(arguments: [SIGTERM, SIGINT]) func aKeeperThatIsAskedToEndTakesTheLabDown(signal: Int32) throws {
        defer { takeDown() }
        try #require(try up("--name", "ended").status == .exited(0))
        #expect(kill(try keeper(of: "ended"), signal) == 0)
        for _ in 0..<500 where !labs.isEmpty { usleep(20_000) }
        #expect(labs.isEmpty)
        #expect(try run("health", "--lab", "ended").text.contains("the lab was taken down"))
    }

    /// Ctrl-C before the lab stands: nothing stays, and `up` says so.
    @Test func upThatIsInterrupted() throws {
        defer { takeDown() }
        let process = try ChildProcess(Controller.command(["up", topology, "--backend", "guest"], environment: environment))
        for _ in 0..<1000 where labs.isEmpty { usleep(20_000) }
        process.signal(SIGINT)
        #expect(process.wait(for: .seconds(100)) == .exited(130))
        #expect(labs.isEmpty)
    }

    @Test func anAgentThatIsNoneIsTold() throws {
        var environment = environment
        environment["RESETLAB_AGENT"] = "/bin/true"
        let finished = try Controller.command(["up", topology, "--backend", "guest"], environment: environment).runToEnd(
            limit: .seconds(240))
        #expect(finished.status == .exited(4))
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput.contains("Kernel panic"))
        #expect(labs.isEmpty)
    }
}
