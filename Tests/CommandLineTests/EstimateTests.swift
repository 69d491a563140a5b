import Foundation
import GuestKernel
import Processes
import TestRequirements
import Testing

/// What a rehearsal would take, told before anything is built.
@Suite(.enabled(if: Controller.requirement.letTestsRun, "\(Controller.requirement.reason)"), .timeLimit(.minutes(15)))
struct EstimateTests {
    /// The parts of the estimate that the tests look at.
    private struct Estimate: Decodable {
        struct Part: Decodable {
            var name: String
            var share: Double
        }
        struct Speed: Decodable { var runs: Int }

        var seconds: Double
        var virtualSeconds: Double
        var probes: Int
        var instructions: Double
        var parts: [Part]
        var guestMemory: Int?
        var speed: Speed
    }

    private static func estimate(_ topology: String, _ more: String..., cache: String) throws -> FinishedProcess {
        // Neither QEMU nor any other program is found on this path.
        try Controller.command(
            ["rehearse", topology, "--estimate", "--backend", "guest"] + more, environment: ["RESETLAB_CACHE": cache, "PATH": "/nowhere"]
        ).runToEnd()
    }

    private static func decoded(_ finished: FinishedProcess) throws -> Estimate {
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        return try JSONDecoder().decode(Estimate.self, from: Data(finished.text.utf8))
    }

    @Test func withoutAnEmulatorAndWithNothingKept() throws {
        let folder = try TemporaryFolder()
        let cache = "\(folder.path)/cache"
        let text = try Self.estimate(Repository.path("topologies/two-sites.yaml"), cache: cache)
        #expect(text.status == .exited(0))
        #expect(text.errorOutput.isEmpty)
        #expect(text.text.hasPrefix("two-sites.yaml, gateway-reset: 60 s of virtual time take about "))
        #expect(text.text.contains("24,000 probes, "))
        #expect(text.text.contains("This machine's speed is not known yet"))
        let estimate = try Self.decoded(Self.estimate(Repository.path("topologies/two-sites.yaml"), "--format", "json", cache: cache))
        #expect(estimate.virtualSeconds == 60)
        #expect(estimate.probes == 24_000)
        #expect(estimate.speed.runs == 0)
        #expect(estimate.guestMemory == nil)
        #expect(abs(estimate.parts.reduce(0) { $0 + $1.share } - 1) < 0.01)
        #expect(!FileManager.default.fileExists(atPath: cache))
    }

    @Test func optionsCount() throws {
        let folder = try TemporaryFolder()
        let topology = Repository.path("topologies/two-sites.yaml")
        let one = try Self.decoded(Self.estimate(topology, "--format", "json", cache: folder.path))
        let longer = try Self.decoded(
            Self.estimate(topology, "--format", "json", "--duration", "10min", "--rate", "10", cache: folder.path))
        #expect(longer.virtualSeconds == 600)
        #expect(longer.probes == 24_000)
        let trials = try Self.decoded(Self.estimate(topology, "--format", "json", "--trials", "10", cache: folder.path))
        #expect(abs(trials.seconds / one.seconds - 10) < 0.01)
        #expect(trials.instructions == one.instructions)
    }

    @Test func inRealTimeThereIsNothingToEstimate() throws {
        let finished = try Controller.run("rehearse", Repository.path("topologies/two-sites.yaml"), "--estimate", "--backend", "host")
        #expect(finished.status == .exited(2))
        #expect(finished.errorOutput.contains("--estimate: found on this machine's kernel, in real time"))
        #expect(finished.errorOutput.contains("allowed: --clock virtual"))
    }

    @Test func anotherFormatIsRefused() throws {
        let folder = try TemporaryFolder()
        let finished = try Self.estimate(Repository.path("topologies/two-sites.yaml"), "--format", "junit", cache: folder.path)
        #expect(finished.status == .exited(2))
        #expect(finished.errorOutput.contains("--estimate --format: found junit; allowed: table, json"))
    }

    @Test(arguments: ["", "{", "{\"guest\":\"\",\"runs\":[],\"version\":1}"]) func whatCannotBeUnderstoodIsNotGoneBy(kept: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("speed.json", kept)
        #expect(
            try Self.decoded(Self.estimate(Repository.path("topologies/two-sites.yaml"), "--format", "json", cache: folder.path)).speed.runs
                == 0)
    }

    // MARK: - After rehearsals

    /// A cache with this machine's kernels and nothing else.
    private static func cache(in folder: TemporaryFolder) throws -> String {
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/kernels", withDestinationPath: "\(CacheFolder().path)/kernels")
        return folder.path
    }

    @Test(.enabled(if: Controller.guestRequirement.letTestsRun, "\(Controller.guestRequirement.reason)"))
    func aRehearsalTellsTheMachinesSpeed() throws {
        let folder = try TemporaryFolder()
        let topology = try folder.file("small.yaml", SmallTopology.text)
        let cache = try Self.cache(in: folder)
        for runs in 1...2 {
            #expect(try Controller.rehearse(topology, environment: ["RESETLAB_CACHE": cache]).status == .exited(0))
            let estimate = try Self.decoded(Self.estimate(topology, "--format", "json", cache: cache))
            #expect(estimate.speed.runs == runs)
            #expect(estimate.guestMemory == 512)
        }
        #expect(try Self.estimate(topology, cache: cache).text.contains("This machine's speed, by its last 2 rehearsals: "))
        // Nothing else has come into the cache: no half-written file.
        let names = try FileManager.default.contentsOfDirectory(atPath: cache).sorted()
        #expect(names.filter { $0.hasPrefix("speed") } == ["speed.json"])
    }

    @Test(.enabled(if: Controller.guestRequirement.letTestsRun, "\(Controller.guestRequirement.reason)"))
    func aSpeedThatCannotBeKeptIsNoError() throws {
        let folder = try TemporaryFolder()
        let topology = try folder.file("small.yaml", SmallTopology.text)
        let cache = try Self.cache(in: folder)
        // A folder cannot be replaced by a file.
        try FileManager.default.createDirectory(atPath: "\(cache)/speed.json/taken", withIntermediateDirectories: true)
        let finished = try Controller.rehearse(topology, environment: ["RESETLAB_CACHE": cache])
        #expect(finished.status == .exited(0))
        #expect(!finished.errorOutput.contains("speed"))
        #expect(try Self.decoded(Self.estimate(topology, "--format", "json", cache: cache)).speed.runs == 0)
    }
}
