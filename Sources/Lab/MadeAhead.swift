import LinuxKernel

/// Things that take long to make, in order, made by a thread of their own a few ahead of whoever takes them.
final class MadeAhead<Element>: @unchecked Sendable {
    /// How many may wait to be taken: enough for neither side to wait while both take about the same time, few to be removed after a failure.
    private static var most: Int { 4 }

    private struct State {
        var made: [Element] = []
        var failure: (any Error)?
        var isEnding = false
    }

    private let state = Monitor(State())
    private let thread: NamespaceThread?
    private let make: (Int) throws -> Element
    /// Of whoever makes them.
    private var rest: Range<Int>

    /// - Parameters:
    ///   - numbers: what each is made from.
    ///   - thread: makes them, and is used for nothing else before the end; nil for making each when it is asked for.
    ///   - make: called on that thread, or by `next`.
    init(_ numbers: Range<Int>, by thread: NamespaceThread?, make: @escaping (Int) throws -> Element) {
        (rest, self.thread, self.make) = (numbers, thread, make)
        thread?.start { [self] in makeAhead() }
    }

    /// The next one, once it is there. To be asked for no more often than there are numbers.
    ///
    /// - Throws: what making it threw.
    func next() throws -> Element {
        guard thread != nil else { return try make(rest.removeFirst()) }
        return try state.use(
            when: { !$0.made.isEmpty || $0.failure != nil },
            { state in
                if state.made.isEmpty, let failure = state.failure { throw failure }
                return state.made.removeFirst()
            })
    }

    /// Makes no more of them.
    ///
    /// - Returns: those that were made and not taken.
    func end() -> [Element] {
        guard let thread else { return [] }
        state.use { $0.isEnding = true }
        try? thread.run {}
        return state.use { state in
            defer { state.made = [] }
            return state.made
        }
    }

    private func makeAhead() {
        while let number = rest.popFirst(), state.use(when: { $0.isEnding || $0.made.count < Self.most }, { !$0.isEnding }) {
            let outcome = Result { try make(number) }
            state.use {
                switch outcome {
                case .success(let element): $0.made.append(element)
                case .failure(let error): $0.failure = error
                }
            }
            if case .failure = outcome { return }
        }
    }
}
