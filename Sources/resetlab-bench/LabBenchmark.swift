import Glibc
import Lab
import LabPlan
import LinuxKernel

/// What one building and taking down took, in nanoseconds.
struct LabTimes: Codable {
    var build: Int64
    /// Processor time of building, of this process and of what it started: what other programs do disturbs it less.
    var processor: Int64
    /// Until everything was asked for.
    var takeDown: Int64
    /// Until the kernel was done with it.
    var gone: Int64
}

/// Labs of one size, built and taken down in several ways, all of them in turn in every round.
struct LabMeasurement: Codable {
    var sites: Int
    /// By way.
    var times: [String: [LabTimes]] = [:]
    /// What Resetlab's first lab took of the kernel's memory and of the agent's own, in bytes. Later ones take over what the kernel keeps of it.
    var kernelMemory = 0
    var ownMemory = 0

    /// In seconds.
    func series(_ way: String, _ part: KeyPath<LabTimes, Int64>) -> Series {
        Series((times[way] ?? []).map { Double($0[keyPath: part]) / 1e9 })
    }
}

/// Builds and takes down labs in every way that there is here, side by side.
struct LabBenchmark {
    let sites: Int
    let rounds: Int
    let environment: LabEnvironment
    /// Whether SAs and policies are installed too.
    let hasSecurity: Bool
    let hasDummies: Bool
    let ip: String
    /// For files; exists.
    let folder: String
    /// nil where there is none.
    var mininet: String?

    static let guestEnvironment = LabEnvironment(isShared: false, isRepeatable: true)

    func measure() throws -> LabMeasurement {
        let plan = try BenchLab.plan(sites: sites, hasDummies: hasDummies)
        let thread = try NamespaceThread()
        let security = hasSecurity ? NodeSecurity.all(of: plan) : []
        try ResourceLimits.raiseOpenFiles(to: UInt64(plan.nodes.count * 18 + 1_024))
        let resetlab = ResetlabWay(plan, environment, security: security)

        // Not counted: it is recorded, and what it leaves in the kernel's caches is there for all.
        var result = LabMeasurement(sites: sites)
        let watch = try RemovalWatch(thread)
        let before = MemoryUse.now()
        try resetlab.build()
        let use = MemoryUse.now()
        (result.kernelMemory, result.ownMemory) = (use.kernel - before.kernel, use.own - before.own)
        guard let lab = resetlab.lab else { throw BenchFailure("no lab was built") }
        let inventory = try LabInventory.lines(of: plan, on: thread)
        let ways = try [resetlab] + others(plan, lab, security)
        try resetlab.takeDown()
        try watch.wait()

        for _ in 0..<rounds {
            for way in ways {
                let watch = try RemovalWatch(thread)
                let processorBefore = ProcessorTime.now()
                let build = try Self.nanoseconds { try way.build() }
                let processor = ProcessorTime.now() - processorBefore
                do {
                    try LabInventory.compare(LabInventory.lines(of: plan, on: thread), with: inventory, of: way.name)
                } catch {
                    try? way.takeDown()
                    throw error
                }
                let start = SystemClock.monotonic.nanoseconds
                try way.takeDown()
                let takeDown = SystemClock.monotonic.nanoseconds - start
                try watch.wait()
                let times = LabTimes(
                    build: build, processor: processor, takeDown: takeDown, gone: SystemClock.monotonic.nanoseconds - start)
                result.times[way.name, default: []].append(times)
            }
            guard let mininet else { continue }
            let way = MininetWay(script: mininet, hosts: plan.nodes.count)
            let watch = try RemovalWatch(thread)
            let (build, takeDown) = try way.run()
            let start = SystemClock.monotonic.nanoseconds
            try watch.wait()
            let gone = takeDown + SystemClock.monotonic.nanoseconds - start
            result.times[way.name, default: []].append(LabTimes(build: build, processor: 0, takeDown: takeDown, gone: gone))
        }
        return result
    }

    /// Builds a lab with SAs and policies in a guest that ends with it.
    static func leaveStanding(sites: Int) throws {
        let plan = try BenchLab.plan(sites: sites, hasDummies: true)
        let way = ResetlabWay(plan, guestEnvironment, security: NodeSecurity.all(of: plan))
        try way.build()
        standing = way
    }

    /// What ended with it would be counted.
    private nonisolated(unsafe) static var standing: ResetlabWay?

    /// What is recorded holds the lab's namespaces, and must be gone before it is taken down.
    private func others(_ plan: LabPlan, _ lab: Laboratory, _ security: [NodeSecurity]) throws -> [any LabWay] {
        let recording = try LabRecording(plan, lab, security: security)
        return [try RawWay(recording), try IPWay(recording, security: security, program: ip, folder: folder)]
    }

    private static func nanoseconds(_ work: () throws -> Void) rethrows -> Int64 {
        let start = SystemClock.monotonic.nanoseconds
        try work()
        return SystemClock.monotonic.nanoseconds - start
    }
}
