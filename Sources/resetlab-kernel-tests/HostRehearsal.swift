import Glibc
import LinuxKernel
import Processes

/// Starts the controller on this kernel, with the same short rehearsal each time.
struct HostRehearsal {
    static let controller = "/checks/resetlab"
    static let agent = "/checks/resetlab-agent"
    static let topology = "/checks/two-sites.yaml"

    /// The names of the lab's namespaces.
    let namespaces: Set<String>

    /// A controller that was started.
    final class Running {
        let process: ChildProcess
        private let output: FileDescriptor
        private let errors: FileDescriptor

        fileprivate init(_ command: Command) throws {
            let (outputReader, outputWriter) = try Pipe().ends()
            output = FileDescriptor(owning: outputReader)
            let outputEnd = FileDescriptor(owning: outputWriter)
            let (errorReader, errorWriter) = try Pipe().ends()
            errors = FileDescriptor(owning: errorReader)
            let errorEnd = FileDescriptor(owning: errorWriter)
            process = try ChildProcess(command, descriptors: [1: outputEnd.rawValue, 2: errorEnd.rawValue])
            outputEnd.close()
            errorEnd.close()
            // A report is larger than a pipe: read as it comes.
            for descriptor in [output.rawValue, errors.rawValue] {
                _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            }
        }

        /// The agent's process.
        func agent() throws -> pid_t {
            guard let agent = ProcessTree.children(of: process.identifier).first else {
                throw Failure(description: "the controller has no agent")
            }
            return agent
        }

        /// Waits until the controller has ended, and collects what it has written.
        func end(within limit: Duration) throws -> (status: ExitStatus, output: [UInt8], errors: String) {
            let deadline = SystemClock.monotonic.now + limit
            var collected: [UInt8] = []
            var errorText: [UInt8] = []
            while true {
                let status = process.wait(for: .milliseconds(50))
                Self.drain(output.rawValue, into: &collected)
                Self.drain(errors.rawValue, into: &errorText)
                if let status { return (status, collected, String(decoding: errorText, as: UTF8.self)) }
                guard SystemClock.monotonic.now < deadline else {
                    process.kill()
                    throw Failure(description: "not ended within \(limit); it said: \(String(decoding: errorText, as: UTF8.self))")
                }
            }
        }

        private static func drain(_ descriptor: Int32, into bytes: inout [UInt8]) {
            var piece = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &piece, piece.count)
                guard count > 0 else { return }
                bytes += piece[..<count]
            }
        }
    }

    /// Fifteen seconds before the reset, and enough after it for the outage to end: 720 probes in each direction of each connection.
    func start(backend: String = "host") throws -> Running {
        try Running(
            Command(
                Self.controller,
                [
                    "rehearse", Self.topology, "--backend", backend, "--duration", "36s", "--reset-at", "15s", "--rate", "20", "--format",
                    "json",
                ]))
    }

    func cleanUp() throws -> FinishedProcess { try Command(Self.controller, ["cleanup"]).runToEnd(limit: .seconds(60)) }

    /// Waits until every namespace of the lab has its name, and the lab has begun to carry probes.
    func awaitLab(of running: Running) throws {
        for _ in 0..<1_000 {
            if namespaces.isSubset(of: try NamespaceNames.all()) {
                // Into the rehearsal, which takes 36 s: building and connecting take less than two.
                usleep(4_000_000)
                return
            }
            if running.process.reap() != nil {
                let ended = try running.end(within: .seconds(1))
                throw Failure(description: "the controller ended before its lab stood, with \(ended.status): \(ended.errors)")
            }
            usleep(20_000)
        }
        throw Failure(description: "no lab stands after 20 s: \(try NamespaceNames.all().sorted())")
    }

    /// The journals of agents.
    static func journals() throws -> [String] {
        guard let directory = opendir("/run/resetlab") else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasSuffix(".journal") { names.append(name) }
        }
        return names
    }
}
