import Glibc
import LinuxKernel
import Testing

@testable import Lab

struct MadeAheadTests {
    private struct Refused: Error {}

    @Test(arguments: [false, true]) func comeInOrder(isAhead: Bool) throws {
        let made = MadeAhead(3..<50, by: isAhead ? try NamespaceThread() : nil) { $0 * 2 }
        #expect(try (3..<50).map { _ in try made.next() } == (3..<50).map { $0 * 2 })
        #expect(made.end() == [])
    }

    @Test func areMadeBeforeTheyAreAskedForButOnlyAFew() throws {
        let count = Monitor(0)
        let made = MadeAhead(0..<50, by: try NamespaceThread()) { number in count.use { $0 = number + 1 } }
        // Nobody asks for any.
        count.use(when: { $0 >= 4 }, { _ in })
        // For more than these, if it made them.
        usleep(50_000)
        #expect(made.end().count == 4)
        #expect(count.use { $0 } == 4)
    }

    @Test(arguments: [false, true]) func thoseBeforeAFailureCome(isAhead: Bool) throws {
        let made = MadeAhead(0..<9, by: isAhead ? try NamespaceThread() : nil) { number in
            if number == 2 { throw Refused() }
            return number
        }
        #expect(try [made.next(), made.next()] == [0, 1])
        #expect(throws: Refused.self) { try made.next() }
        #expect(made.end() == [])
    }
}
