import Foundation
import Glibc
import Processes
import TestRequirements
import Testing

/// Whole rehearsals in a guest, from the topology to the report.
@Suite(
    .serialized, .enabled(if: Controller.guestRequirement.letTestsRun, "\(Controller.guestRequirement.reason)"), .timeLimit(.minutes(15)))
struct RehearsalTests {
    /// The parts of the report that the tests look at.
    private struct Report: Decodable {
        struct Flow: Decodable {
            struct LossPeriod: Decodable {
                var start: Double
                /// In milliseconds.
                var frameLoss: Double
                var lost: Int
                var causes: [String: Int]

                enum CodingKeys: String, CodingKey {
                    case start = "start_s"
                    case frameLoss = "frameLoss_ms"
                    case lost, causes
                }
            }

            var connection: String
            var sent: Int
            var received: Int
            var lossPeriods: [LossPeriod]
        }
        struct Application: Decodable {
            struct Stall: Decodable {
                /// In milliseconds.
                var length: Double

                enum CodingKeys: String, CodingKey { case length = "length_ms" }
            }
            struct Messages: Decodable {
                var due: Int
                var delivered: Int
                var lost: Int
                var retransmissions: Int
                var stalls: [Stall]
            }
            struct Requests: Decodable {
                var answered: Int
                var failed: Int
            }

            var messages: [Messages]
            var requests: Requests
        }
        struct Encryption: Decodable {
            var verdict: String
            var clearText: Int
        }
        struct Ledger: Decodable {
            var lost: Int
            var explained: Int
            var unexplained: Int
        }
        struct Timing: Decodable {
            struct Failover: Decodable {
                /// In seconds.
                var detection: Double
                var takeover: Double

                enum CodingKeys: String, CodingKey {
                    case detection = "detection_s"
                    case takeover = "takeover_s"
                }
            }

            /// Of the triggers that the rehearsal has.
            var failovers: [Failover]
        }

        var verdict: String
        var seed: Int
        var timing: Timing
        var flows: [Flow]
        var applications: [Application]?
        var encryption: Encryption
        var ledger: Ledger

        init(_ finished: FinishedProcess) throws {
            self = try JSONDecoder().decode(Report.self, from: Data(finished.output))
        }
    }

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func sameInputsGiveTheSameBytesAlsoBesideOtherLoad() throws {
        let topology = try folder.file("small.yaml", SmallTopology.text)
        // With applications: TCP's timers and random numbers must come out the same too.
        let first = try Controller.rehearse(topology, "--seed", "5", "--applications")
        #expect(first.status == .exited(0), "\(first.errorOutput)")

        let busy = try (0..<2).map { _ in try ChildProcess(Command("sh", ["-c", "while :; do :; done"])) }
        let second = try Controller.rehearse(topology, "--seed", "5", "--applications")
        for process in busy { process.kill() }
        #expect(second.output == first.output)

        let other = try Controller.rehearse(topology, "--seed", "6", "--applications")
        #expect(other.status == .exited(0), "\(other.errorOutput)")
        // Not only the seed's own number: what was lost differs.
        let (one, two) = (try Report(first), try Report(other))
        #expect(one.seed == 5 && two.seed == 6)
        // The line of this topology loses 5 %: TCP repairs it, the reset stalls it, and the requests that wait for it are given up.
        let application = try #require(one.applications?.first)
        for flow in application.messages {
            #expect(flow.retransmissions > 0 && !flow.stalls.isEmpty)
            #expect(flow.delivered > 0 && flow.delivered + flow.lost <= flow.due)
        }
        #expect(application.requests.answered > 0 && application.requests.failed > 0)
        #expect(one.ledger.unexplained == 0 && two.ledger.unexplained == 0)
        #expect(one.flows.map { $0.lossPeriods.map(\.start) } != two.flows.map { $0.lossPeriods.map(\.start) })
        // 5 % of 40 s at 20 a second, the outage apart.
        #expect(one.flows.allSatisfy { $0.lossPeriods.count > 3 })
    }

    @Test func trialsCountSeedsUpAndABaselineOfTheSameIsNoRegression() throws {
        let topology = try folder.file("small.yaml", SmallTopology.text)
        let one = try Controller.rehearse(topology, "--seed", "7", "-o", "\(folder.path)/one.json")
        #expect(one.status == .exited(0), "\(one.errorOutput)")
        let two = try Controller.rehearse(topology, "--seed", "7", "--trials", "2", "--baseline", "\(folder.path)/one.json")
        #expect(two.status == .exited(0), "\(two.errorOutput)")
        #expect(two.errorOutput.contains("No evidence of a change."))
        let report = try #require(try JSONSerialization.jsonObject(with: Data(two.output)) as? [String: Any])
        #expect((report["trials"] as? [String: Any])?["seeds"] as? [Int] == [7, 8])
        // All but the statistics is the first trial's.
        let (first, both) = (try Report(one), try Report(two))
        #expect(both.seed == 7 && both.flows.map(\.received) == first.flows.map(\.received))
    }

    @Test func reportHasEveryKeyThatItsSchemaRequires() throws {
        let topology = try folder.file("small.yaml", SmallTopology.text)
        let output = "\(folder.path)/report.json"
        let finished = try Controller.rehearse(topology, "--output", output)
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        #expect(try String(contentsOfFile: output, encoding: .utf8) == finished.text)
        #expect(try folder.contents == ["report.json", "small.yaml"])

        let report = try #require(try JSONSerialization.jsonObject(with: Data(finished.output)) as? [String: Any])
        let schemaFile = try Data(contentsOf: URL(filePath: Repository.path("docs/report.schema.json")))
        let schema = try #require(try JSONSerialization.jsonObject(with: schemaFile) as? [String: Any])
        let required = try #require(schema["required"] as? [String])
        #expect(!required.isEmpty)
        #expect(Set(report.keys) == Set(required))
    }

    @Test func twoSitesAreAwayForDetectionAndTakeover() throws {
        let finished = try Controller.run(
            "rehearse", Repository.path("topologies/two-sites.yaml"), "--backend", "guest", "--format", "json")
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        let report = try Report(finished)
        #expect(report.verdict == "passed")
        #expect(report.flows.count == 4)
        #expect(report.timing.failovers.count == 1)
        let failover = try #require(report.timing.failovers.first)
        let away = (failover.detection + failover.takeover) * 1_000
        for flow in report.flows {
            let outage = try #require(flow.lossPeriods.max { $0.lost < $1.lost })
            // The tunnels come back within a second of the takeover.
            #expect((away...away + 1_000).contains(outage.frameLoss), "\(flow.connection)")
            #expect((5_995...6_000).contains(flow.sent))
        }
        #expect(report.encryption.verdict == "encrypted")
        #expect(report.encryption.clearText == 0)
        // Every lost probe has a counter of the kernel to its name.
        #expect(report.ledger.lost > 6_000)
        #expect(report.ledger.unexplained == 0)
        #expect(report.ledger.explained == report.ledger.lost)
        #expect(report.flows.flatMap(\.lossPeriods).allSatisfy { $0.causes["unexplained"] == nil })
    }

    @Test func bothFamiliesRun() throws {
        let finished = try Controller.rehearse(Repository.path("topologies/ipv6.yaml"))
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        let report = try Report(finished)
        #expect(report.encryption.verdict == "encrypted")
        #expect(report.flows.count >= 6)
        #expect(report.flows.allSatisfy { $0.received > $0.sent / 2 })
    }

    @Test func tableIsForPeople() throws {
        let topology = try folder.file("small.yaml", SmallTopology.text)
        let finished = try Controller.run(
            "rehearse", topology, "--backend", "guest", "--duration", "40s", "--reset-at", "15s", "--rate", "20")
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        #expect(finished.text.contains("office"))
        // No control sequences where standard output is no terminal, and one line about the place.
        #expect(!finished.text.contains("\u{1b}"))
        #expect(finished.errorOutput == "resetlab: in a guest kernel, in virtual time (as asked for)\n")
    }

    @Test func failedExpectationIsExitCode1() throws {
        let text = SmallTopology.text + "rehearsal:\n  expect: {maximumOutage: 1s}\n"
        let finished = try Controller.rehearse(try folder.file("strict.yaml", text))
        #expect(finished.status == .exited(1), "\(finished.errorOutput)")
        #expect(try Report(finished).verdict == "failed")
    }
}
