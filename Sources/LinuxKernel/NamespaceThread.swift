import CLinux
import Glibc

/// A thread that enters network namespaces, so that no other code ever runs in a foreign one.
///
/// `setns` moves a single thread. Work is handed to this thread as a synchronous closure; before each the thread enters the namespace asked
/// for, and after each it goes back, because a thread left in a namespace would keep it alive. Sockets and files of `/proc/net` opened in
/// the closure keep their namespace and may be used from anywhere afterwards.
///
///     let socket = try thread.run(in: site) { try openSocket() }
///
/// Calls from several threads wait for each other. Calls in a closure that runs on the thread already run at once: several of them in one
/// closure (`run`) take a single hand-over.
public final class NamespaceThread: @unchecked Sendable {
    private let home: NetworkNamespace
    private let orders = Monitor(Orders())
    private var thread = pthread_t()

    // For this thread's closures only:

    let proc = PrivateProc()
    /// The namespace that the thread is in, nil for its home.
    private var place: NetworkNamespace?
    private var hasSharedNames = false

    /// What both sides share.
    private struct Orders {
        var work: (() -> Void)?
        /// How many were given and carried out, ever.
        var (given, done) = (0, 0)
        var isEnding = false
    }

    /// Starts the thread; its home is the caller's namespace.
    public init() throws {
        home = try .ofThisThread()
        let argument = Unmanaged.passRetained(orders)
        let result = pthread_create(
            &thread, nil, { NamespaceThread.carryOut(Unmanaged<Monitor<Orders>>.fromOpaque($0!).takeRetainedValue()) }, argument.toOpaque())
        guard result == 0 else {
            argument.release()
            throw SystemCallError("pthread_create", "namespace thread", Errno(code: result))
        }
    }

    deinit {
        orders.use { $0.isEnding = true }
        pthread_join(thread, nil)
    }

    /// Runs the closure in the namespace and returns its result.
    ///
    /// - Throws: what the closure throws, or `SystemCallError` when the namespace cannot be entered (EPERM without `CAP_SYS_ADMIN`).
    public func run<Value: ~Copyable>(in namespace: NetworkNamespace, _ body: () throws -> Value) throws -> Value {
        try run {
            if place === namespace { return try body() }
            return try comingBack {
                try systemCall("setns", namespace.label) { linux_enter_network(namespace.fileDescriptor) }
                place = namespace
                return try body()
            }
        }
    }

    /// Makes a namespace and gives it a name, like `ip netns add`.
    ///
    /// - Throws: `SystemCallError` with EEXIST when the name is taken, EPERM without `CAP_SYS_ADMIN`.
    public func makeNamespace(named name: String) throws -> NetworkNamespace {
        try run {
            // What `ip netns add` does each time goes through all that are there.
            if !hasSharedNames { try NetworkNamespace.shareDirectoryOfNames() }
            hasSharedNames = true
            return try comingBack { try NetworkNamespace.unshareNamed(name) }
        }
    }

    /// Runs the closure on the thread, wherever that is, and returns its result.
    public func run<Value: ~Copyable>(_ body: () throws -> Value) throws -> Value {
        if pthread_equal(pthread_self(), thread) != 0 { return try body() }
        var result: Result<Value, any Error>?
        withoutActuallyEscaping(body) { body in
            let number = give { result = Result { try body() } }
            orders.use(when: { $0.done >= number }, { _ in })
        }
        guard let outcome = result.take() else { preconditionFailure("the namespace thread returned without having run its work") }
        return try outcome.get()
    }

    /// Starts the closure on the thread, and returns while it runs; other calls wait for its end.
    ///
    /// The thread must not be what lets go of this object last: whoever starts something waits for its end, by an empty `run`.
    package func start(_ body: @escaping () -> Void) { _ = give(body) }

    /// - Returns: the work's number, counted from 1.
    private func give(_ work: @escaping () -> Void) -> Int {
        orders.use(
            when: { $0.work == nil },
            {
                $0.work = work
                $0.given += 1
                return $0.given
            })
    }

    /// Runs what leaves the namespace that the thread is in, and has it go back there.
    private func comingBack<Value: ~Copyable>(_ body: () throws -> Value) rethrows -> Value {
        let before = place
        defer {
            // EPERM: the thread had no right to leave either. Anything else means that someone closed the descriptor, a program's bug.
            let isBack = linux_enter_network((before ?? home).fileDescriptor) == 0 || Errno.last == .notPermitted
            precondition(isBack, "the namespace thread cannot go back: \(Errno.last)")
            place = before
        }
        return try body()
    }

    private static func carryOut(_ orders: Monitor<Orders>) -> UnsafeMutableRawPointer? {
        linux_name_this_thread("namespaces")
        while carryOutNext(of: orders) {
            orders.use {
                $0.work = nil
                $0.done += 1
            }
        }
        return nil
    }

    /// A function of its own: when the work counts as done, nothing refers to its closure any more.
    private static func carryOutNext(of orders: Monitor<Orders>) -> Bool {
        guard let work = orders.use(when: { $0.work != nil || $0.isEnding }, { $0.work }) else { return false }
        work()
        return true
    }
}
