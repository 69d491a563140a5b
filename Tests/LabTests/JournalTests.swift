import LinuxKernel
import Testing

@testable import Lab

/// What a dead agent's journal leaves to be removed.
@Suite struct JournalTests {
    private static let one = NetworkNamespace.Identity(device: 4, inode: 4_026_531_840)
    private static let two = NetworkNamespace.Identity(device: 4, inode: 4_026_531_841)

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let lines: [String]
        let remains: [(String, NetworkNamespace.Identity?)]

        init(_ description: String, _ lines: [String], _ remains: [(String, NetworkNamespace.Identity?)]) {
            testDescription = description
            self.lines = lines
            self.remains = remains
        }
    }

    static let cases = [
        Case("an empty journal", [], []),
        Case("made", ["making a", "made a 4 4026531840"], [("a", one)]),
        Case("died between the two steps of making", ["making a"], [("a", nil)]),
        Case("removed", ["making a", "made a 4 4026531840", "removed a"], []),
        Case("never made, then removed", ["making a", "removed a"], []),
        Case(
            "the last made is the first to go",
            ["making a", "made a 4 4026531840", "making b", "made b 4 4026531841"], [("b", two), ("a", one)]),
        Case(
            "one of two removed",
            ["making a", "made a 4 4026531840", "making b", "made b 4 4026531841", "removed a"], [("b", two)]),
        Case(
            "removed and made again under the same name",
            ["making a", "made a 4 4026531840", "removed a", "making a", "made a 4 4026531841"], [("a", two)]),
        Case("died while writing the first line", ["makin"], []),
        Case("died while writing an identity", ["making a", "made a 4"], [("a", nil)]),
        Case("an identity that is none", ["making a", "made a 4 x"], [("a", nil)]),
        Case("a line of another kind", ["making a", "made a 4 4026531840", "renamed a b"], [("a", one)]),
        Case("a name with a space is no name of ours", ["making a b"], []),
    ]

    @Test(arguments: cases) func remains(_ item: Case) {
        let found = Journal.remains(item.lines)
        #expect(found.map(\.name) == item.remains.map(\.0))
        #expect(found.map(\.identity) == item.remains.map(\.1))
    }
}
