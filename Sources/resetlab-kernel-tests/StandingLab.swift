import AgentProtocol
import EventLoop
import Glibc
import Lab
import LabPlan
import LinuxKernel
import Measurement

/// A lab for one check: built in this kernel, served by an event loop of its own, and taken down whatever happens.
struct StandingLab {
    let laboratory: Laboratory
    let loop: EventLoop
    private let log: Log

    /// What the lab has told so far.
    private final class Log {
        var events: [TimelineEvent] = []
    }

    /// Builds the plan's network and hands it to the check; nothing of it may be left afterwards.
    static func with(_ plan: LabPlan, _ check: (StandingLab) throws -> Void) throws {
        try NamespaceNames.unchanged {
            let loop = try EventLoop()
            let environment = LabEnvironment(isShared: false, isRepeatable: true)
            let lab = StandingLab(
                laboratory: try Laboratory(plan: plan, loop: loop, environment: environment, report: { _ in }), loop: loop, log: Log())
            lab.laboratory.timeline.listener = { [log = lab.log] in log.events.append($0) }
            let outcome = Result { try check(lab) }
            let errors = lab.laboratory.tearDown()
            try outcome.get()
            try expect(errors.isEmpty, "taking the lab down: \(errors)")
        }
    }

    /// Everything since the lab was built; times are CLOCK_MONOTONIC's.
    var events: [TimelineEvent] { log.events }

    func node(_ index: Int) -> LabNode { laboratory.nodes[index] }

    /// Starts the gateway, and waits until every connection is up or refused.
    func bringUp() throws {
        try outcome("bringing the lab up", within: .seconds(60)) { try laboratory.bringUp($0) }
    }

    func rehearse() throws -> RehearsalResult {
        try outcome("the rehearsal", within: .seconds(600)) { try laboratory.rehearse($0) }
    }

    /// Serves the lab until the condition holds.
    func serve(until what: String, within limit: Duration = .seconds(10), _ condition: () throws -> Bool) throws {
        let deadline = loop.now + limit.nanoseconds
        while try !condition() {
            try expect(loop.now < deadline, "not within \(limit): \(what)")
            loop.timer(after: .milliseconds(10)) { [loop] in loop.stop() }
            try loop.run()
        }
    }

    private func outcome<Value>(
        _ what: String, within limit: Duration, _ begin: (@escaping (Result<Value, any Error>) -> Void) throws -> Void
    ) throws -> Value {
        var result: Result<Value, any Error>?
        try begin { [loop] in
            result = $0
            loop.stop()
        }
        if result == nil {
            let deadline = loop.timer(after: limit) { [loop] in loop.stop() }
            try loop.run()
            loop.cancel(deadline)
        }
        guard let result else { throw Failure(description: "\(what) did not end within \(limit)") }
        return try result.get()
    }
}
