import AgentProtocol
import LinuxKernel
import Processes

/// How long a whole rehearsal takes, as a user runs it: process start, guest, lab, measurement, report.
struct RehearsalRun {
    /// By the host's clock, in seconds.
    var wall: Double
    /// Probes sent, in all flows.
    var probes: Int
    /// As JSON.
    var report: [UInt8]

    /// - Parameters:
    ///   - options: further ones of `resetlab rehearse`.
    ///   - emulator: what changes QEMU's command line, if anything does.
    static func measure(
        resetlab: String, topology: String, options: [String] = [], emulator: QEMUWrapper? = nil, launcher: Launcher
    ) throws -> RehearsalRun {
        let start = SystemClock.monotonic.nanoseconds
        let arguments = ["rehearse", topology, "--backend", "guest", "--clock", "virtual", "--format", "json", "--quiet"]
        let command = Command(resetlab, arguments + options, environment: try emulator?.environment() ?? [:])
        let run = try command.runToEnd(launcher: launcher).checked()
        let wall = Double(SystemClock.monotonic.nanoseconds - start) / 1e9
        let report = try JSONLines.decode(Report.self, from: run.output)
        return RehearsalRun(wall: wall, probes: report.encryption.flows.reduce(0) { $0 + $1.sent }, report: run.output)
    }

    /// The part of the rehearsal's report that counts probes.
    private struct Report: Decodable {
        struct Encryption: Decodable {
            struct Flow: Decodable { var sent: Int }
            var flows: [Flow]
        }
        var encryption: Encryption
    }
}
