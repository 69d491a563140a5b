import AgentProtocol
import Glibc
import LinuxKernel
import XFRM

/// What an agent that is process 1 of a guest does before anything else, and how it ends; `GuestContract` says what is agreed.
public enum ProcessOne {
    /// The guest as the agent finds it.
    public struct Guest: ~Copyable {
        /// The stream to the controller.
        public let stream: FileDescriptor
        /// The requests of the job, in virtual time; nil when they come by the stream.
        public let requests: [AgentRequest]?
    }

    public static var isThisProcess: Bool { getpid() == 1 }

    /// Mounts, loads modules, opens the stream, passes the template point, reads the job.
    ///
    /// - Throws: `SystemCallError` for whatever the guest lacks. Nobody can be told of it but by the console.
    public static func prepare() throws -> Guest {
        try Mounts.mountForProcessOne()
        let window = GuestJobWindow()
        if window != nil {
            try KernelRandom.readyWithFixedBytes()
            try IntervalTimer.stop()
        }
        let modules = try FileContents.text(GuestContract.moduleList)
        try KernelModules.load(modules.split(separator: "\n").map(String.init))
        try SaltGenerator.preferCounterMode()
        try NeighbourTables.enlarge()
        let stream = try openStream()
        guard let window else { return Guest(stream: stream, requests: nil) }
        try SystemPower.passStoppingPoint(
            port: GuestContract.readyPort, value: GuestContract.readyValue, pause: GuestContract.templatePause)
        // Nothing above this line may depend on the run: a restored machine has never seen another one.
        let job = try window.read()
        try KernelRandom.reseed(with: job.seed)
        let requests = try job.requests.split(separator: UInt8(ascii: "\n")).map { try JSONLines.decode(AgentRequest.self, from: $0) }
        return Guest(stream: stream, requests: requests)
    }

    /// Ends the machine. What was written to the stream has arrived by then.
    public static func end(status: UInt8) -> Never {
        try? SystemPower.exitEmulator(status: GuestContract.exitValue(forStatus: status), port: GuestContract.exitPort)
        // Without QEMU's exit device: the ordinary way, which the controller takes for a failure.
        try? SystemPower.powerOff()
        while true { pause() }
    }

    /// The kernel makes the port's device a moment after its driver is loaded.
    private static func openStream() throws -> FileDescriptor {
        var lastError = SystemCallError("open", "virtio port '\(GuestContract.portName)'", .noSuchEntry)
        for _ in 0..<1_000 {
            for number in 0..<8 {
                let device = "vport\(number)p1"
                guard let name = try? FileContents.text("\(GuestContract.portsFolder)/\(device)/name"),
                    name.split(separator: "\n").first == Substring(GuestContract.portName)
                else { continue }
                let raw = open("/dev/\(device)", O_RDWR | O_CLOEXEC)
                if raw >= 0 { return FileDescriptor(owning: raw) }
                lastError = SystemCallError("open", "/dev/\(device)", .last)
            }
            usleep(5_000)
        }
        throw lastError
    }
}
