import AgentProtocol
import AgentSession
import ArgumentParser
import GuestKernel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out, by trying, what this machine's kernel and a guest's can do for a lab.",
        discussion: """
            Each line is something that was tried: in throw-away namespaces on this machine, and, unless --quick is given, in a guest that is \
            booted for it. Exit code 3 when neither can carry a lab.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Option(help: "How the findings are printed.")
    var format: Format = .text

    @Flag(help: "Boot no guest, and try no KVM: look only at what they would need.")
    var quick = false

    func run() throws {
        let report = try DoctorReport.make(bootsGuest: !quick) { standardError("resetlab: \($0)") }
        switch format {
        case .text: print(report.text, terminator: "")
        case .json: print(try report.json(), terminator: "")
        }
        if !report.host.isUsable && !report.guest.isUsable { throw ExitCode(ExitStatus.unsupported.rawValue) }
    }
}

/// What `resetlab doctor` found. The keys of its JSON form are a promise to scripts.
struct DoctorReport: Codable {
    struct Finding: Codable {
        var name: String
        var works: Bool
        /// Whether a lab cannot do without it.
        var isRequired: Bool
        var detail: String
    }

    struct Side: Codable {
        var isUsable: Bool
        var findings: [Finding]

        init(_ findings: [Finding]) {
            self.findings = findings
            isUsable = findings.allSatisfy { $0.works || !$0.isRequired }
        }
    }

    var schema = "resetlab.doctor/1"
    var version = resetlabVersion
    var host: Side
    var guest: Side
    /// What `--backend auto` would take.
    var choice: String

    static func make(bootsGuest: Bool, notice: (String) -> Void) throws -> DoctorReport {
        let host = Side(hostFindings())
        let guest = Side(try guestFindings(boots: bootsGuest, notice: notice))
        let choice = host.isUsable ? "host" : guest.isUsable ? "guest" : "none"
        return DoctorReport(host: host, guest: guest, choice: choice)
    }

    private static func hostFindings() -> [Finding] {
        do {
            return try Place.probeHost().map(Finding.init)
        } catch {
            return [Finding(name: "agent", works: false, isRequired: true, detail: "\(error)")]
        }
    }

    private static func guestFindings(boots: Bool, notice: (String) -> Void) throws -> [Finding] {
        let support = GuestSupport.probe(cache: KernelCache(folder: try CacheFolder()), tryKVM: boots)
        let findings = support.findings.map {
            Finding(name: $0.name, works: $0.works, isRequired: $0.isNecessary, detail: $0.detail)
        }
        guard boots, support.isUsable else { return findings }
        notice("booting a guest to try it")
        let place = Place(backend: .guest, clock: .virtual, explanation: "")
        let requests = [AgentRequest(id: 1, operation: .probeCapabilities), AgentRequest(id: 2, operation: .shutDown)]
        var uptime: Int64 = 0
        do {
            let listener = AgentSession.Listener(hello: { uptime = $0.uptime })
            let answers = try place.run(requests, seed: 1, nodeCount: 4, listener: listener, notice: notice)
            guard case .capabilities(let capabilities)? = answers[1] else { return findings }
            let boot = Finding(
                name: "boot", works: true, isRequired: true, detail: "the agent was ready after \(uptime / 1_000_000) ms of virtual time")
            return findings + [boot] + capabilities.map(Finding.init)
        } catch let failure as CommandFailure {
            return findings + [Finding(name: "boot", works: false, isRequired: true, detail: failure.message)]
        }
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    var text: String {
        let summary =
            switch choice {
            case "host": "A lab would run on this machine's kernel, in real time; --backend guest gives virtual time."
            case "guest": "A lab would run in a guest kernel."
            default: "Neither can carry a lab."
            }
        return section("This machine's kernel", host) + "\n" + section("A guest's kernel", guest) + "\n" + summary + "\n"
    }

    private func section(_ title: String, _ side: Side) -> String {
        let width = side.findings.map(\.name.count).max() ?? 0
        let lines = side.findings.map { finding in
            let mark = finding.works ? "ok     " : finding.isRequired ? "MISSING" : "lacks  "
            return "  \(mark)  \(finding.name)\(String(repeating: " ", count: width - finding.name.count))  \(finding.detail)\n"
        }
        return "\(title): \(side.isUsable ? "usable" : "not usable")\n" + lines.joined()
    }
}

extension DoctorReport.Finding {
    init(_ capability: Capability) {
        self.init(name: capability.name.rawValue, works: capability.works, isRequired: capability.isRequired, detail: capability.detail)
    }
}
