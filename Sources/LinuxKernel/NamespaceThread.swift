import CLinux
import Glibc

/// The one thread that enters network namespaces, so that no other code ever runs in a foreign one.
///
/// `setns` moves a single thread. Work is handed to this thread as a synchronous closure; before each the thread enters the namespace asked
/// for, and after each it goes home, because a thread left in a namespace would keep it alive. Sockets and files of `/proc/net` opened in
/// the closure keep their namespace and may be used from anywhere afterwards.
///
///     let socket = try thread.run(in: site) { try openSocket() }
///
/// Calls from several threads wait for each other. A closure must not call back into the same thread object: that traps.
public final class NamespaceThread: @unchecked Sendable {
    private let home: NetworkNamespace
    /// For this thread's closures only.
    let proc = PrivateProc()
    private let state: UnsafeMutablePointer<State>
    private var thread = pthread_t()

    /// What both sides share, guarded by its mutex.
    private struct State {
        var mutex = pthread_mutex_t()
        var changed = pthread_cond_t()
        var work: (() -> Void)?
        var isBusy = false
        var isEnding = false
    }

    /// Starts the thread; its home is the caller's namespace.
    public init() throws {
        home = try .ofThisThread()
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        pthread_mutex_init(&state.pointee.mutex, nil)
        pthread_cond_init(&state.pointee.changed, nil)
        let result = pthread_create(&thread, nil, { NamespaceThread.loop($0!) }, state)
        guard result == 0 else {
            NamespaceThread.free(state)
            throw SystemCallError("pthread_create", "namespace thread", Errno(code: result))
        }
    }

    deinit {
        pthread_mutex_lock(&state.pointee.mutex)
        state.pointee.isEnding = true
        pthread_cond_broadcast(&state.pointee.changed)
        pthread_mutex_unlock(&state.pointee.mutex)
        pthread_join(thread, nil)
        NamespaceThread.free(state)
    }

    /// Runs the closure in the namespace and returns its result.
    ///
    /// - Throws: what the closure throws, or `SystemCallError` when the namespace cannot be entered (EPERM without `CAP_SYS_ADMIN`).
    public func run<Value: ~Copyable>(in namespace: NetworkNamespace, _ body: () throws -> Value) throws -> Value {
        try perform {
            try systemCall("setns", namespace.label) { linux_enter_network(namespace.fileDescriptor) }
            return try body()
        }
    }

    /// Makes a namespace and gives it a name, like `ip netns add`.
    ///
    /// - Throws: `SystemCallError` with EEXIST when the name is taken, EPERM without `CAP_SYS_ADMIN`.
    public func makeNamespace(named name: String) throws -> NetworkNamespace {
        try perform { try NetworkNamespace.unshareNamed(name) }
    }

    private func perform<Value: ~Copyable>(_ body: () throws -> Value) throws -> Value {
        precondition(pthread_equal(pthread_self(), thread) == 0, "a closure on the namespace thread asked for another namespace")
        let home = home
        var result: Result<Value, any Error>?
        withoutActuallyEscaping(body) { body in
            submit {
                result = Result { try body() }
                // EPERM: the thread had no right to leave either. Anything else means that someone closed the descriptor, a program's bug.
                let isHome = linux_enter_network(home.fileDescriptor) == 0 || Errno.last == .notPermitted
                precondition(isHome, "the namespace thread cannot go home: \(Errno.last)")
            }
        }
        guard let outcome = result.take() else { preconditionFailure("the namespace thread returned without having run its work") }
        return try outcome.get()
    }

    /// Hands over the work and waits until it is done.
    private func submit(_ work: @escaping () -> Void) {
        pthread_mutex_lock(&state.pointee.mutex)
        while state.pointee.isBusy { pthread_cond_wait(&state.pointee.changed, &state.pointee.mutex) }
        state.pointee.isBusy = true
        state.pointee.work = work
        pthread_cond_broadcast(&state.pointee.changed)
        while state.pointee.work != nil { pthread_cond_wait(&state.pointee.changed, &state.pointee.mutex) }
        state.pointee.isBusy = false
        pthread_cond_broadcast(&state.pointee.changed)
        pthread_mutex_unlock(&state.pointee.mutex)
    }

    private static func loop(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        linux_name_this_thread("namespaces")
        let state = argument.assumingMemoryBound(to: State.self)
        pthread_mutex_lock(&state.pointee.mutex)
        while !state.pointee.isEnding {
            guard let work = state.pointee.work else {
                pthread_cond_wait(&state.pointee.changed, &state.pointee.mutex)
                continue
            }
            pthread_mutex_unlock(&state.pointee.mutex)
            work()
            pthread_mutex_lock(&state.pointee.mutex)
            // The submitter may go on once the lock is free, and by then the local reference to its closure is gone, too.
            state.pointee.work = nil
            pthread_cond_broadcast(&state.pointee.changed)
        }
        pthread_mutex_unlock(&state.pointee.mutex)
        return nil
    }

    private static func free(_ state: UnsafeMutablePointer<State>) {
        pthread_cond_destroy(&state.pointee.changed)
        pthread_mutex_destroy(&state.pointee.mutex)
        state.deinitialize(count: 1)
        state.deallocate()
    }
}
