import AgentProtocol
import AgentSession
import EventLoop
import GuestKernel
import LinuxKernel
import Processes

/// How long a guest takes until its agent is ready, from the putting together of its image on.
struct GuestStart {
    /// By the host's clock, in seconds.
    var wall: Double
    /// By the guest's own, from its kernel's first instruction, in seconds of virtual time.
    var uptime: Double

    /// Starts a guest whose only request is to end.
    ///
    /// - Parameter templates: when given, the guest is restored from one, which has to be there already.
    static func measure(
        agent: String, kernel: PreparedKernel, templates: TemplateCache? = nil, launcher: Launcher
    ) throws -> GuestStart {
        let requests = [AgentRequest(id: 1, operation: .shutDown)]
        var result: GuestStart?
        let start = SystemClock.monotonic.nanoseconds
        let image = try GuestImage(agent: agent, kernel: kernel)
        let machine = try GuestMachine(
            .init(kernel: kernel, image: image, job: requests.job(), clock: .virtual(seed: 1), templates: templates, launcher: launcher))
        guard machine.isRestored == (templates != nil) else { throw BenchFailure("the guest was not restored from a template") }
        let listener = AgentSession.Listener(hello: { hello in
            result = GuestStart(
                wall: Double(SystemClock.monotonic.nanoseconds - start) / 1e9, uptime: Double(hello.uptime) / 1e9)
        })
        _ = try AgentSession(agent: machine, loop: EventLoop(), listener: listener).run(requests, startDeadline: .seconds(120))
        guard let result else { throw BenchFailure("the agent did not say that it is ready") }
        return result
    }
}
