import Glibc

/// A value that several threads use in turn, and that each may wait for to become what it needs.
package final class Monitor<Value>: @unchecked Sendable {
    private struct Storage {
        var mutex = pthread_mutex_t()
        var changed = pthread_cond_t()
        var value: Value
    }

    private let storage: UnsafeMutablePointer<Storage>

    package init(_ value: Value) {
        storage = .allocate(capacity: 1)
        storage.initialize(to: Storage(value: value))
        pthread_mutex_init(&storage.pointee.mutex, nil)
        pthread_cond_init(&storage.pointee.changed, nil)
    }

    deinit {
        pthread_cond_destroy(&storage.pointee.changed)
        pthread_mutex_destroy(&storage.pointee.mutex)
        storage.deinitialize(count: 1)
        storage.deallocate()
    }

    /// Waits until the value is as needed, and uses it before any other thread can. Who waits looks again afterwards.
    package func use<Result>(when isReady: (Value) -> Bool = { _ in true }, _ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(&storage.pointee.mutex)
        defer {
            pthread_cond_broadcast(&storage.pointee.changed)
            pthread_mutex_unlock(&storage.pointee.mutex)
        }
        while !isReady(storage.pointee.value) { pthread_cond_wait(&storage.pointee.changed, &storage.pointee.mutex) }
        return try body(&storage.pointee.value)
    }
}
