import AgentProtocol
import ArgumentParser
import Capture
import EventLoop
import Glibc
import LinuxKernel
import Topology

struct CaptureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        abstract: "Capture the packets of a node of a standing lab.",
        discussion: """
            For example:  resetlab capture tokyo:wan -w tokyo.pcapng --keys esp_sa

            Until Ctrl-C, --duration or --count. The file is pcapng, for Wireshark and tcpdump; - is standard output, as in \
            resetlab capture tokyo -w - | wireshark -k -i -

            The key file has the tunnels' keys in the format of Wireshark's own file esp_sa: this user alone can read it, and it grows with every \
            SA that is agreed on while the capture runs.
            """)

    @OptionGroup var lab: LabOption

    @Argument(help: ArgumentHelp("The node, and one of its links; all of them without.", valueName: "node[:link]"))
    var place: String

    @Option(name: .customShort("w"), help: ArgumentHelp("The file to write; it is replaced. - is standard output.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("Write the tunnels' keys to this file, for Wireshark to decrypt ESP.", valueName: "file"))
    var keys: String?

    @Option(
        help: ArgumentHelp("Capture for this long, such as 30s or 5min.", valueName: "duration"), transform: Self.duration)
    var duration: Duration?

    @Option(help: ArgumentHelp("Capture this many packets.", valueName: "packets"))
    var count: Int?

    @Option(help: ArgumentHelp("Keep this much of each packet.", valueName: "bytes"))
    var snapLength = CaptureRequest.largestSnapLength

    private static func duration(_ text: String) throws -> Duration {
        guard let duration = Duration(topologyText: text), duration > .zero else {
            throw ValidationError("found \(text); allowed: a duration with its unit, such as 1500ms, 60s or 5min")
        }
        return duration
    }

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count: found \(count); allowed: 1 or more") }
        guard (1...CaptureRequest.largestSnapLength).contains(snapLength) else {
            throw ValidationError("--snap-length: found \(snapLength); allowed: 1 to \(CaptureRequest.largestSnapLength) bytes")
        }
        if file == "-", isatty(STDOUT_FILENO) == 1 {
            throw ValidationError("-w -: standard output is a terminal, which shows no packets; write to a file or to a program")
        }
        if let keys, keys == file { throw ValidationError("--keys: found the capture's own file; allowed: another one") }
    }

    func run() throws {
        let lab = try lab.connect()
        let (node, interface) = try lab.place(named: place)
        // Before the work, not after it.
        if let keys { try checkWritable(keys) }
        let output = try openOutput()
        let capture = try RunningCapture(
            lab, CaptureRequest(node: node, interface: interface, snapLength: snapLength), output: output.rawValue,
            keys: keys.map { KeyFile(path: $0) }, limit: count, duration: duration)
        // Standard output's descriptor is a copy, so that closing it is no harm.
        try telling { try capture.run() }
        standardError("resetlab: \(capture.summary) on \(place) of \(lab.description.plan.name)")
    }

    private func openOutput() throws -> FileDescriptor {
        if file == "-" {
            let copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { throw CommandFailure(.failed, "standard output: \(Errno.last.message)") }
            return FileDescriptor(owning: copy)
        }
        let raw = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard raw >= 0 else { throw CommandFailure(.badInput, "\(file) cannot be written: \(Errno.last.message)") }
        return FileDescriptor(owning: raw)
    }
}
