import AgentProtocol
import EventLoop
import Glibc
import GuestKernel
import Lab
import LinuxKernel
import Processes

/// What a guest measures, on virtual time.
struct GuestMeasurement: Codable {
    /// nil when only the labs were asked for.
    var associations: AssociationMeasurement?
    var probes: [ProbeThroughput]
    /// nil when only the labs were asked for.
    var reinstallation: ReinstallMeasurement?
    var boot: BootTimes
    var labs: [LabMeasurement]
    /// nil unless asked for.
    var symbols: String?
}

/// What the guest is to measure, in a file of its own.
struct GuestInstruction: Codable {
    static let file = "/bench/instruction.json"

    var measuresAssociations = true
    var measuresProbes = true
    /// Whether both ends' SAs and policies are replaced.
    var measuresReinstallation = true
    /// How often the benchmark's SAs are replaced besides, for a profile; nothing is told of it.
    var replacements = 0
    /// How many sites a lab has that is built with its SAs and policies, and left standing, for a profile; nothing is told of it.
    var builtSites = 0
    /// Whether the kernel's symbols are told (`/proc/kallsyms`).
    var tellsSymbols = false
    /// How many sites the labs have.
    var sizes: [Int]

    /// Nothing but the start, to begin from.
    static let nothing = GuestInstruction(measuresAssociations: false, measuresProbes: false, measuresReinstallation: false, sizes: [])
}

/// The benchmark that runs inside a guest: this program is process 1 there, and its one message is the measurement.
enum GuestSide {
    /// Measures, tells, and ends the machine.
    static func run() throws -> Never {
        let bootTimes = BootTimes.begin()
        let guest = try ProcessOne.prepare()
        let boot = try bootTimes()
        let instruction = try JSONLines.decode(GuestInstruction.self, from: FileContents.read(GuestInstruction.file))
        let folder = "/tmp/bench"
        guard mkdir(folder, 0o700) == 0 else { throw SystemCallError("mkdir", folder, .last) }
        if instruction.replacements > 0 { try AssociationBenchmark().replace(times: instruction.replacements) }
        if instruction.builtSites > 0 { try LabBenchmark.leaveStanding(sites: instruction.builtSites) }
        // Labs last: they leave the kernel's tables large.
        let measurement = GuestMeasurement(
            associations: try instruction.measuresAssociations ? AssociationBenchmark().measure() : nil,
            probes: try instruction.measuresProbes ? ProbeFindings.inGuest() : [],
            reinstallation: try instruction.measuresReinstallation ? ReinstallBenchmark(folder: folder).measure() : nil,
            boot: boot,
            labs: try LabFindings.inGuest(instruction.sizes, folder: folder),
            symbols: try instruction.tellsSymbols ? FileContents.text("/proc/kallsyms") : nil)
        let line = try JSONLines.encode(measurement)
        var written = 0
        while written < line.count {
            let count = line[written...].withUnsafeBytes {
                write(guest.stream.rawValue, $0.baseAddress, min($0.count, GuestContract.largestWrite))
            }
            guard count > 0 else { throw SystemCallError("write", "the stream", .last) }
            written += count
        }
        ProcessOne.end(status: 0)
    }

    /// Boots a guest with this program in it and waits for its measurement.
    ///
    /// - Parameter program: this program's own executable.
    static func measure(
        _ instruction: GuestInstruction, program: String, kernel: PreparedKernel, launcher: Launcher
    ) throws -> GuestMeasurement {
        try measure(instruction, image: image(instruction, program: program, kernel: kernel), kernel: kernel, launcher: launcher)
    }

    /// The image with this program in it.
    static func image(_ instruction: GuestInstruction, program: String, kernel: PreparedKernel) throws -> GuestImage {
        let ip = try IPCommands.program()
        let files =
            try GuestImage.files(ofProgram: ip, installedAs: AssociationBenchmark.ipProgram)
            + [
                GuestFile(path: AssociationBenchmark.ipCommands, contents: Array(AssociationBenchmark.ipBatch.utf8)),
                GuestFile(path: GuestInstruction.file, contents: try JSONLines.encode(instruction)),
            ]
        return try GuestImage(agent: program, kernel: kernel, extraFiles: files)
    }

    static func measure(
        _ instruction: GuestInstruction, image: GuestImage, kernel: PreparedKernel, launcher: Launcher
    ) throws -> GuestMeasurement {
        let machine = try GuestMachine(
            .init(
                kernel: kernel, image: image, clock: .virtual(seed: 1),
                nodes: max(
                    instruction.sizes.max() ?? 0, instruction.builtSites,
                    instruction.measuresReinstallation ? ReinstallBenchmark.connections : 0) + 4,
                launcher: launcher))
        let output = try Self.output(of: machine)
        guard machine.ending == .agent(status: 0) else { throw BenchFailure(machine.diagnosis()) }
        return try JSONLines.decode(GuestMeasurement.self, from: output)
    }

    /// All that it writes to its stream until it ends.
    private static func output(of machine: GuestMachine) throws -> [UInt8] {
        let loop = try EventLoop()
        try machine.attach(to: loop)
        var output: [UInt8] = []
        func readAll() {
            var piece = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(machine.stream, &piece, piece.count)
                guard count > 0 else { return }
                output += piece[..<count]
            }
        }
        let watches = [
            try loop.watch(machine.stream) { _ in readAll() },
            try loop.watch(machine.exitDescriptor) { _ in loop.stop() },
        ]
        defer { for watch in watches { loop.cancel(watch) } }
        loop.timer(after: limit) { loop.stop() }
        try loop.run()
        readAll()
        return output
    }

    /// Far more than it takes on a busy machine.
    private static let limit = Duration.seconds(3_600)
}
