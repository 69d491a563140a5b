import AgentSession
import EventLoop
import Foundation
import LabKeeper
import LabPlan
import LinuxKernel
import Synchronization
import TestRequirements
import Testing

/// A lab that is kept by a thread of the test, with a fake agent, in folders of its own.
final class KeptLab: Sendable {
    let agent: FakeAgent
    let labs: LabsFolder
    let root: TemporaryFolder
    let name: String
    private let outcome = Mutex<Result<Void, any Error>?>(nil)
    private let described = Mutex<LabDescription?>(nil)
    private let notes = Mutex<[String]>([])

    init(
        name: String = "small", root: TemporaryFolder? = nil, endDeadline: Duration = .seconds(10),
        script: @escaping FakeAgent.Script = FakeAgent.usual
    ) throws {
        self.root = try root ?? TemporaryFolder()
        let folder = self.root.path
        self.name = name
        labs = try LabsFolder { $0 == "RESETLAB_RUN" ? folder : nil }
        let agent = try FakeAgent(script: script)
        self.agent = agent
        let place = labs.folder(of: name)
        let lock = try place.take()
        nonisolated(unsafe) let configuration = LabKeeper.Configuration(
            plan: .small(name: name), backend: .guest, version: "1.2.3", folder: place, lock: lock,
            health: try HealthFile(folder: "\(folder)/state/\(name)"), topology: "name: \(name)\n", startDeadline: .seconds(10),
            endDeadline: endDeadline)
        Thread.detachNewThread { [self] in
            let result = Result {
                try LabKeeper(
                    agent: agent, loop: try EventLoop(), configuration: configuration,
                    listener: .init(
                        standing: { description in self.described.withLock { $0 = description } },
                        note: { note in self.notes.withLock { $0.append(note) } })
                ).run()
            }
            outcome.withLock { $0 = result }
        }
    }

    /// Waits until it stands.
    func standing() throws -> KeptLab {
        for _ in 0..<1000 {
            if described.withLock({ $0 != nil }) { return self }
            if let result = outcome.withLock({ $0 }) { try result.get() }
            usleep(10_000)
        }
        throw Late()
    }

    /// Waits until its keeper has ended.
    func ended() throws {
        for _ in 0..<1000 {
            if let result = outcome.withLock({ $0 }) { return try result.get() }
            usleep(10_000)
        }
        throw Late()
    }

    func client() throws -> LabClient { try LabClient(folder: labs.folder(of: name)) }

    func takeDown() throws {
        _ = try client().ask(.down)
        try ended()
    }

    var folder: LabFolder { labs.folder(of: name) }
    var description: LabDescription? { described.withLock { $0 } }

    struct Late: Error {}
}
