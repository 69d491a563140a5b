import AgentProtocol
import AgentSession
import EventLoop
import GuestKernel
import LabPlan
import LinuxKernel
import Processes
import RunCost

/// What one rehearsal cost: in virtual time, which repeats itself, and by the host's clock, which does not.
struct CostRun: Codable {
    /// From the guest's start to the agent's first word, and from then to the machine's end, in seconds.
    var start: Double
    var rest: Double
    /// Of the rest.
    var use: ProcessorUse

    var forSpeed: MachineSpeed.Run {
        MachineSpeed.Run(start: start, rest: rest, instructions: Double(use.instructions), wakeUps: Double(use.wakeUps))
    }

    static func measure(_ plan: LabPlan, agent: String, kernel: PreparedKernel, launcher: Launcher) throws -> CostRun {
        let requests = RehearsalRequests(plan, measuresUse: true)
        let began = SystemClock.monotonic.nanoseconds
        var ready: Int64?
        let image = try GuestImage(agent: agent, kernel: kernel)
        let machine = try GuestMachine(
            .init(
                kernel: kernel, image: image, job: requests.all.job(), clock: .virtual(seed: plan.seed), nodes: plan.nodes.count,
                traces: TraceMemory(plan).bytes, launcher: launcher))
        let listener = AgentSession.Listener(hello: { _ in ready = SystemClock.monotonic.nanoseconds })
        let answers = try AgentSession(agent: machine, loop: EventLoop(), listener: listener)
            .run(requests.all, startDeadline: .seconds(600))
        let ended = SystemClock.monotonic.nanoseconds
        guard let ready, let use = requests.use(in: answers) else { throw BenchFailure("the agent did not tell what it used") }
        return CostRun(start: Double(ready - began) / 1e9, rest: Double(ended - ready) / 1e9, use: use)
    }
}
