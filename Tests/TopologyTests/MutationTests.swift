import Testing

@testable import Topology

/// Random changes to good files: each loads, or is reported with places that the file has. None may trap or hang.
@Suite struct MutationTests {
    @Test(arguments: ShippedTopologies.files, [1, 2] as [UInt64])
    func everyMutationLoadsOrIsReported(file: String, seed: UInt64) throws {
        let original = Array(try Repository.text(file).unicodeScalars)
        var mutator = Mutator(state: seed)
        var (loaded, refused) = (0, 0)
        for _ in 0..<150 {
            var scalars = original
            for _ in 0...mutator.below(4) { mutator.mutate(&scalars) }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            let text = String(view)
            do {
                let plan = try Topology.load(text: text, file: file).plan(seed: seed)
                #expect(!plan.connections.isEmpty)
                loaded += 1
            } catch let errors as TopologyErrors {
                refused += 1
                check(errors, text)
            }
        }
        // The mutations are neither all harmless nor all fatal.
        #expect(loaded > 0 && refused > 0)
    }

    @Test(arguments: Rehearsal.builtIns.map(\.name), [5, 6] as [UInt64])
    func everyMutatedRehearsalLoadsOrIsReported(name: String, seed: UInt64) throws {
        let expectations = "\n  - outage(all, to-site) < 5 s\n  - 'lost(first) == 0'"
        let original = Array((try #require(Rehearsal.builtIn(named: name)).text + expectations).unicodeScalars)
        let topology = try ShippedTopologies.load("topologies/two-sites.yaml")
        var mutator = Mutator(state: seed)
        for _ in 0..<100 {
            var scalars = original
            for _ in 0...mutator.below(4) { mutator.mutate(&scalars) }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            let text = String(view)
            do {
                let plan = try topology.plan(seed: seed, rehearsal: Rehearsal.load(text: text, file: name)).rehearsal
                #expect(!plan.steps.isEmpty)
            } catch let errors as TopologyErrors {
                check(errors, text)
            }
        }
    }

    private func check(_ errors: TopologyErrors, _ text: String) {
        #expect(!errors.diagnostics.isEmpty, "\(text)")
        let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
        let lines = text.replacing("\r\n", with: "\n").unicodeScalars.split(omittingEmptySubsequences: false) { breaks.contains($0) }
        for diagnostic in errors.diagnostics {
            let isInFile =
                (1...lines.count).contains(diagnostic.line) && diagnostic.column >= 1
                && diagnostic.column <= lines[diagnostic.line - 1].count + 1
            #expect(isInFile, "\(diagnostic) in \(text)")
            #expect(!diagnostic.found.isEmpty && !diagnostic.allowed.isEmpty)
            #expect(!diagnostic.description.contains("\n"))
            #expect(!diagnostic.description.contains("correct horse battery staple") && !diagnostic.description.contains("typed by hand"))
        }
    }
}

/// Changes that people and machines make to files: characters, lines and tokens replaced, doubled, moved and removed.
private struct Mutator {
    /// SplitMix64.
    var state: UInt64

    private static let tokens = [
        "&a ", "*a", "!!str ", "- ", ": ", "{", "}", "[", "]", "\"", "'", "#", "\t", "\n", "\r\n", "---\n", "...\n", "? ", "<<: ", "| ",
        "> ", "%",
        "null", "~", "yes", "-1", "0", "010", "0x1f", "1_000", "99999999999999999999", "1e999", ".inf", "\u{0}", "\u{7}", "\u{feff}",
        "\u{2028}",
        "é", "🙂", "10.0.0.0/8", "::/0", "fe80::1", "0.0.0.0/0", "1000", "1h", "count: 1000", "255.255.255.255", "\u{85}",
    ].map { Array($0.unicodeScalars) }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((bits ^ bits >> 31) % UInt64(max(limit, 1)))
    }

    mutating func mutate(_ scalars: inout [Unicode.Scalar]) {
        guard !scalars.isEmpty else { return }
        let index = below(scalars.count)
        switch below(7) {
        case 0: scalars.remove(at: index)
        case 1: scalars.insert(contentsOf: Self.tokens[below(Self.tokens.count)], at: index)
        case 2: scalars[index] = Unicode.Scalar(UInt8(0x20 + below(0x5f)))
        case 3: scalars.removeSubrange(index..<min(scalars.count, index + below(40)))
        case 4: scalars.insert(contentsOf: scalars[index..<min(scalars.count, index + below(80))], at: index)
        case 5: scalars.removeSubrange(line(around: index, of: scalars))
        default:
            let line = scalars[line(around: index, of: scalars)]
            scalars.insert(contentsOf: line, at: self.line(around: below(scalars.count), of: scalars).lowerBound)
        }
    }

    private func line(around index: Int, of scalars: [Unicode.Scalar]) -> Range<Int> {
        let start = scalars[..<index].lastIndex(of: "\n").map { $0 + 1 } ?? 0
        let end = scalars[index...].firstIndex(of: "\n").map { $0 + 1 } ?? scalars.count
        return start..<end
    }
}
