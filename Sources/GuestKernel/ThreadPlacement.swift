import CLinux
import EventLoop
import Glibc
import LinuxKernel

/// Keeps a process's threads together on one processor (`PlacementPolicy`). It changes how long they take, and in virtual time nothing else.
final class ThreadPlacement {
    private let process: pid_t
    private let usable: [Int]
    private var policy: PlacementPolicy
    private var loop: EventLoop?
    private var timer: EventLoop.Timer?
    private var last: Observation?

    private static let interval = Duration.milliseconds(250)

    /// Binds the threads, and those that they start, to the processor that the process runs on.
    ///
    /// - Returns: nil where there is but one processor to run on, or where the kernel does not tell.
    init?(of process: pid_t) {
        usable = Self.usableProcessors
        guard usable.count > 1, let processor = ThreadUsage(process: process, thread: process)?.processor, usable.contains(processor) else {
            return nil
        }
        self.process = process
        policy = PlacementPolicy(processor: processor)
        bind(Self.threads(of: process))
    }

    func attach(to loop: EventLoop) {
        self.loop = loop
        observe()
    }

    func detach() {
        if let loop, let timer { loop.cancel(timer) }
        (loop, timer) = (nil, nil)
    }

    private func observe() {
        guard let loop else { return }
        let threads = Self.threads(of: process)
        // A process that has ended is not looked at again.
        guard !threads.isEmpty, let now = Observation(of: process, threads: threads, at: loop.now) else { return }
        if let last, policy.observe(waited: now.waited(since: last), idle: now.idle(since: last, of: usable)) { bind(threads) }
        last = now
        timer = loop.timer(after: Self.interval) { [weak self] in self?.observe() }
    }

    /// A thread that has ended meanwhile is passed over, and so is a system that does not allow it: all works without.
    private func bind(_ threads: [pid_t]) {
        for thread in threads { _ = linux_bind_thread(thread, Int32(policy.processor)) }
    }

    private static func threads(of process: pid_t) -> [pid_t] {
        ((try? FileTree.names(in: "/proc/\(process)/task")) ?? []).compactMap { pid_t($0) }
    }

    private static var usableProcessors: [Int] {
        (0..<Int(linux_most_processors())).filter { linux_is_usable_processor(Int32($0)) == 1 }
    }
}

/// What a process's threads and the processors did up to an instant.
private struct Observation {
    /// Nanoseconds of CLOCK_MONOTONIC.
    let at: Int64
    /// Nanoseconds in which threads were ready to run and did not.
    let waited: Int64
    /// Nanoseconds in which each processor had nothing to do.
    let idle: [Int: Int64]

    /// nil where the kernel does not tell.
    init?(of process: pid_t, threads: [pid_t], at time: Int64) {
        at = time
        waited = threads.compactMap { ThreadUsage(process: process, thread: $0)?.waited }.reduce(0, +)
        guard let lines = try? FileContents.text("/proc/stat").split(separator: "\n") else { return nil }
        let tick = 1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK)))
        // cpuN user nice system idle iowait … (proc(5)).
        let processors = lines.compactMap { line -> (Int, Int64)? in
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[0].hasPrefix("cpu"), let number = Int(fields[0].dropFirst(3)), let idle = Int64(fields[4]),
                let waiting = Int64(fields[5])
            else { return nil }
            return (number, (idle + waiting) * tick)
        }
        idle = Dictionary(processors) { $1 }
    }

    func waited(since last: Observation) -> Double { Double(waited - last.waited) / Double(max(1, at - last.at)) }

    func idle(since last: Observation, of processors: [Int]) -> [Int: Double] {
        Dictionary(
            uniqueKeysWithValues: processors.compactMap { processor in
                guard let now = idle[processor], let before = last.idle[processor] else { return nil }
                return (processor, Double(now - before) / Double(max(1, at - last.at)))
            })
    }
}

/// What a thread has had of the processors.
private struct ThreadUsage {
    /// Nanoseconds ready to run without a processor (`/proc/…/schedstat`).
    let waited: Int64
    /// Where it runs, or ran last.
    let processor: Int

    /// nil when it has ended, or where the kernel does not tell.
    init?(process: pid_t, thread: pid_t) {
        let folder = "/proc/\(process)/task/\(thread)"
        guard let times = try? FileContents.text("\(folder)/schedstat").split(whereSeparator: \.isWhitespace), times.count >= 2,
            let waited = Int64(times[1]),
            // The name, in brackets, may have spaces in it. The processor is the 39th field, the 37th behind the name (proc(5)).
            let fields = try? FileContents.text("\(folder)/stat").split(separator: ")").last?.split(separator: " "), fields.count > 36,
            let processor = Int(fields[36])
        else { return nil }
        (self.waited, self.processor) = (waited, processor)
    }
}
