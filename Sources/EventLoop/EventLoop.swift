import CSocket
import Glibc
import HeapModule
import LinuxKernel

/// One thread's loop over file descriptors and deadlines: epoll(7), with deadlines to the nanosecond by epoll_pwait2(2).
///
/// Both processes are built on it, and so is the agent in virtual time: whatever happens is ordered by what the kernel reports, never by a
/// scheduler of ours. Handlers run on the loop's thread and may add and cancel anything, themselves included.
public final class EventLoop {
    /// What a descriptor is watched for, or what it is ready for.
    public struct Readiness: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
        public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
        /// The other end is gone. Reported whether asked for or not.
        public static let hungUp = Readiness(rawValue: EPOLLHUP.rawValue | EPOLLRDHUP.rawValue)
        public static let failed = Readiness(rawValue: EPOLLERR.rawValue)
    }

    /// Ends a watch; safe to use twice, and after the descriptor's number means something else.
    public struct Watch: Hashable, Sendable {
        fileprivate let key: SlotMap<Watched>.Key
    }

    /// Ends a timer that has not fired; safe to use afterwards too.
    public struct Timer: Hashable, Sendable {
        fileprivate let key: SlotMap<() -> Void>.Key
    }

    fileprivate struct Watched {
        let descriptor: Int32
        let handler: (Readiness) -> Void
    }

    private struct Deadline: Comparable {
        let at: Int64
        /// How many were set before it.
        let order: UInt64
        let timer: SlotMap<() -> Void>.Key

        // Equal deadlines fire in the order they were set.
        static func < (lhs: Deadline, rhs: Deadline) -> Bool { lhs.at != rhs.at ? lhs.at < rhs.at : lhs.order < rhs.order }
    }

    private let epoll: FileDescriptor
    private var watches = SlotMap<Watched>()
    private var deadlines = Heap<Deadline>()
    private var timers = SlotMap<() -> Void>()
    private var timersSet: UInt64 = 0
    private var stopped = false
    private var ready = [epoll_event](repeating: epoll_event(), count: 64)

    /// - Throws: `SystemCallError` when the kernel gives no epoll instance.
    public init() throws {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemCallError("epoll_create1", "the event loop", .last) }
        epoll = FileDescriptor(owning: descriptor)
        // The default slack of 50 µs would show in every probe's send time.
        _ = resetlab_set_timer_slack(1)
    }

    /// The time that deadlines are given in: CLOCK_MONOTONIC in nanoseconds.
    public var now: Int64 { SystemClock.monotonic.nanoseconds }

    /// Calls the handler whenever the descriptor is ready, level-triggered. The caller keeps the descriptor and ends the watch before closing it.
    public func watch(
        _ descriptor: Int32, for interest: Readiness = .readable, handler: @escaping (Readiness) -> Void
    ) throws -> Watch {
        let key = watches.insert(Watched(descriptor: descriptor, handler: handler))
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = key.rawValue
        guard epoll_ctl(epoll.rawValue, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            let error = Errno.last
            watches.remove(key)
            throw SystemCallError("epoll_ctl", "descriptor \(descriptor)", error)
        }
        return Watch(key: key)
    }

    /// Changes what a watch waits for.
    public func change(_ watch: Watch, to interest: Readiness) throws {
        guard let watched = watches[watch.key] else { return }
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = watch.key.rawValue
        guard epoll_ctl(epoll.rawValue, EPOLL_CTL_MOD, watched.descriptor, &event) == 0 else {
            throw SystemCallError("epoll_ctl", "descriptor \(watched.descriptor)", .last)
        }
    }

    public func cancel(_ watch: Watch) {
        guard let watched = watches.remove(watch.key) else { return }
        var event = epoll_event()
        epoll_ctl(epoll.rawValue, EPOLL_CTL_DEL, watched.descriptor, &event)
    }

    /// Calls the handler once, at the deadline or as soon after it as the loop comes round.
    ///
    /// - Parameter deadline: in nanoseconds of CLOCK_MONOTONIC.
    @discardableResult
    public func timer(at deadline: Int64, handler: @escaping () -> Void) -> Timer {
        let key = timers.insert(handler)
        timersSet += 1
        deadlines.insert(Deadline(at: deadline, order: timersSet, timer: key))
        return Timer(key: key)
    }

    @discardableResult
    public func timer(after duration: Duration, handler: @escaping () -> Void) -> Timer {
        timer(at: now + duration.nanoseconds, handler: handler)
    }

    public func cancel(_ timer: Timer) { timers.remove(timer.key) }

    /// Ends `run` once the current handler returns.
    public func stop() { stopped = true }

    /// Serves until `stop` is called.
    ///
    /// - Throws: `SystemCallError` when waiting itself fails.
    public func run() throws {
        stopped = false
        while !stopped {
            fireDueTimers()
            if stopped { break }
            try serveReadyDescriptors()
        }
    }

    private func fireDueTimers() {
        guard let first = deadlines.min else { return }
        // One reading of the clock for a batch: what becomes due meanwhile waits until the descriptors have had their turn.
        let time = now
        guard first.at <= time else { return }
        while !stopped, let next = deadlines.min, next.at <= time {
            deadlines.removeMin()
            timers.remove(next.timer)?()
        }
    }

    private func serveReadyDescriptors() throws {
        dropCancelledDeadlines()
        var wait = timespec()
        var hasDeadline = false
        if let next = deadlines.min {
            let remaining = max(0, next.at - now)
            wait = timespec(tv_sec: Int(remaining / 1_000_000_000), tv_nsec: Int(remaining % 1_000_000_000))
            hasDeadline = true
        }
        let count = withUnsafePointer(to: &wait) {
            epoll_pwait2(epoll.rawValue, &ready, Int32(ready.count), hasDeadline ? $0 : nil, nil)
        }
        guard count >= 0 else {
            let error = Errno.last
            if error == .interrupted { return }
            throw SystemCallError("epoll_pwait2", "the event loop", error)
        }
        for index in 0..<Int(count) where !stopped {
            // A handler before this one may have cancelled the watch: then its key is unknown, whatever the descriptor stands for now.
            watches[SlotMap.Key(rawValue: ready[index].data.u64)]?.handler(Readiness(rawValue: ready[index].events))
        }
    }

    private func dropCancelledDeadlines() {
        while let next = deadlines.min, !timers.contains(next.timer) { deadlines.removeMin() }
    }
}

extension Duration {
    /// Whole nanoseconds, cut off; the range is 292 years.
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
