import Glibc
import Lab
import Links
import LinuxKernel
import Processes

/// The table's lines about building labs and taking them down.
enum LabFindings {
    /// Sites, and rounds: the large ones vary less.
    static let sizes: [(sites: Int, rounds: Int)] = [(sites: 10, rounds: 7), (100, 5), (500, 3), (1_000, 3)]
    /// The most sites of the labs in a run of everything, here and in a guest; larger ones take half an hour by themselves.
    static let (mostSites, mostSitesInGuest) = (500, 100)
    /// In virtual time, which repeats itself.
    private static let guestRounds = 3

    /// On this machine's kernel; none without the right to make namespaces.
    static func measured(mininet: String?, sizes: [(sites: Int, rounds: Int)] = sizes) throws -> [Finding] {
        guard geteuid() == 0 else {
            standardError("not root: the labs on this machine are left out")
            return []
        }
        let ip = try IPCommands.program()
        let folder = "/tmp/resetlab-bench-\(getpid())"
        guard mkdir(folder, 0o700) == 0 else { throw SystemCallError("mkdir", folder, .last) }
        defer { _ = try? Command("rm", ["-r", folder]).runToEnd() }
        let bound = try NeighbourBound.raised()
        defer { bound.restore() }
        let hasDummies = try hasDummies()
        if !hasDummies { standardError("no dummy interfaces here: their addresses are on loopback") }
        let results = try sizes.map { size in
            standardError("labs of \(size.sites) sites on this machine")
            return try LabBenchmark(
                sites: size.sites, rounds: size.rounds, environment: LabEnvironment(isShared: true, isRepeatable: false),
                hasSecurity: false, hasDummies: hasDummies, ip: ip, folder: folder, mininet: mininet
            ).measure()
        }
        return findings(results, unit: "ms", place: "")
    }

    private static func hasDummies() throws -> Bool {
        let thread = try NamespaceThread()
        let namespace = try thread.makeNamespace(named: "resetlab-bench-\(getpid())")
        defer { _ = try? NetworkNamespace.remove(named: "resetlab-bench-\(getpid())", identity: namespace.identity) }
        let outcome = try NetworkStack(of: namespace, on: thread).attempt([.addDummy("dummy")])
        return outcome.isEmpty
    }

    static func inGuest(_ sizes: [Int], folder: String) throws -> [LabMeasurement] {
        try sizes.map {
            // What was measured before is freed by and by, and would be taken off the labs' memory. Virtual time: it costs nothing.
            sleep(5)
            return try LabBenchmark(
                sites: $0, rounds: guestRounds, environment: LabBenchmark.guestEnvironment, hasSecurity: true, hasDummies: true,
                ip: AssociationBenchmark.ipProgram, folder: folder
            ).measure()
        }
    }

    static func ofGuest(_ results: [LabMeasurement]) -> [Finding] {
        findings(results, unit: "ms", place: " in the guest, with SAs and policies")
    }

    private static func findings(_ results: [LabMeasurement], unit: String, place: String) -> [Finding] {
        results.flatMap { result in
            let sites = result.sites
            return [("build", \LabTimes.build), ("take down", \LabTimes.gone)].flatMap { word, part -> [Finding] in
                let own = result.series("resetlab", part)
                func compared(_ way: String, _ words: String, goal: Double?) -> [Finding] {
                    let other = result.series(way, part)
                    guard !other.values.isEmpty else { return [] }
                    return [
                        Finding("… \(words)", unit, other.scaled(1_000)), Finding("… Resetlab / \(words)", "", own / other, goal: goal),
                    ]
                }
                var findings = [Finding("\(word) \(sites) sites\(place)", unit, own.scaled(1_000))]
                if word == "build" {
                    let processor = result.series("resetlab", \.processor)
                    findings.append(Finding("… processor time", unit, processor.scaled(1_000)))
                    for (way, words) in [("raw", "raw replay"), ("ip", "`ip -batch`")] {
                        findings.append(
                            Finding("… processor time, Resetlab / \(words)", "", processor / result.series(way, \.processor)))
                    }
                }
                if word == "take down" {
                    findings.append(Finding("… until all was asked for", unit, result.series("resetlab", \.takeDown).scaled(1_000)))
                }
                return findings + compared("raw", "raw replay", goal: 1.3)
                    + compared("ip", "`ip -batch`", goal: 0.3) + compared("mininet", "Mininet", goal: 1 / 15.0)
            } + [
                Finding(
                    "memory: the kernel's for each of \(sites) sites\(place)", "KiB",
                    Series([Double(result.kernelMemory) / 1_024 / Double(sites)])),
                Finding("… Resetlab's own", "KiB", Series([Double(result.ownMemory) / 1_024 / Double(sites)])),
            ]
        } + growth(results, place)
    }

    private static func growth(_ results: [LabMeasurement], _ place: String) -> [Finding] {
        guard let first = results.first, let last = results.last, results.count > 1 else { return [] }
        return [("build", \LabTimes.build), ("take down", \LabTimes.gone)].map { word, part in
            let times = [first, last].map { $0.series("resetlab", part).median / Double($0.sites) }
            return Finding(
                "\(word): time a site at \(last.sites) / at \(first.sites)\(place)", "", Series([times[1] / times[0]]), goal: 1.5)
        }
    }
}

/// The bound of this machine's table of neighbours, raised for large labs and put back afterwards.
struct NeighbourBound {
    private static let path = "/proc/sys/net/ipv4/neigh/default/gc_thresh3"
    private let before: [UInt8]

    static func raised() throws -> NeighbourBound {
        let before = try FileContents.read(path)
        try OutputFile.write(Array("16384\n".utf8), to: path)
        return NeighbourBound(before: before)
    }

    func restore() { try? OutputFile.write(before, to: Self.path) }
}
