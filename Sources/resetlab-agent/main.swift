// The lab's agent: process 1 of a guest, or a child of the controller on the host. It is not meant to be started by hand.
import AgentProtocol
import EventLoop
import Glibc
import Lab
import LinuxKernel

if ProcessOne.isThisProcess {
    do {
        let guest = try ProcessOne.prepare()
        let loop = try EventLoop()
        let stream = AgentStream(loop: loop, output: guest.stream.rawValue, input: guest.requests == nil ? guest.stream.rawValue : nil)
        let environment = LabEnvironment(isShared: false, isRepeatable: guest.requests != nil)
        try AgentServer(loop: loop, stream: stream, environment: environment).run(preloaded: guest.requests ?? [])
        ProcessOne.end(status: 0)
    } catch {
        standardError("\(error)")
        ProcessOne.end(status: 1)
    }
}

guard CommandLine.arguments.count == 3, CommandLine.arguments[1] == HostContract.streamOption,
    let descriptor = Int32(CommandLine.arguments[2]), fcntl(descriptor, F_GETFD) >= 0
else {
    standardError("started by resetlab itself; use: resetlab rehearse TOPOLOGY")
    exit(2)
}
do {
    // The controller may end at any moment: a failed write says so.
    signal(SIGPIPE, SIG_IGN)
    let loop = try EventLoop()
    let server = AgentServer(
        loop: loop, stream: AgentStream(loop: loop, output: descriptor, input: descriptor),
        environment: LabEnvironment(isShared: true, isRepeatable: false))
    let signals = try SignalWatch([SIGINT, SIGTERM])
    let watch = try loop.watch(signals.fileDescriptor) { _ in
        if signals.next() != nil { server.end() }
    }
    try server.run(preloaded: [])
    loop.cancel(watch)
} catch {
    standardError("\(error)")
    exit(1)
}
