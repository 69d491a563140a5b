import Dispatch
import Glibc
import Synchronization

/// SIGINT and SIGTERM, which ask the server to end; from its making on they do nothing else.
final class EndSignal: @unchecked Sendable {
    private struct State {
        var hasCome = false
        var handler: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    /// Set up once, and only kept.
    private var sources: [any DispatchSourceSignal] = []

    init() {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [weak self] in self?.come() }
            source.resume()
            sources.append(source)
        }
    }

    var hasCome: Bool { state.withLock { $0.hasCome } }

    /// Calls the handler when one comes, or at once when one has.
    func whenItComes(_ handler: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            state.handler = handler
            return state.hasCome
        }
        if isLate { handler() }
    }

    private func come() {
        let handler = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.hasCome else { return nil }
            state.hasCome = true
            return state.handler
        }
        handler?()
    }
}
