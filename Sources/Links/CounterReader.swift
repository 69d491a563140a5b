import Glibc
import LinuxKernel

/// Rereads chosen counters of a namespace, fast: where they stand in the kernel's text is found out once, and nothing is allocated after.
///
/// For readings in the middle of an outage, which must not delay what they watch. `NetworkCounters` reads everything.
///
/// The text of `netstat` takes the kernel longest by far, for one counter of use here: of packets without a route (`IpExtInNoRoutes`). It is
/// read only when IP has taken in packets that it has neither delivered nor forwarded since (`ip_rcv_core`, `ip_protocol_deliver_rcu`,
/// `ip_forward_finish`): none of these can have been without a route where there is none of them.
public final class CounterReader {
    /// The counters' names in the order of `read`'s values: those of the chosen ones that this kernel has.
    public private(set) var names: [String] = []
    private var files: [File] = []
    /// Of all files that this kernel has.
    private let paths: [String]
    /// Empty before the first reading.
    private var text: [UInt8] = []
    private static let textSize = 8 << 10

    /// A file, and where in it the chosen counters stand.
    private struct File {
        let source: CounterFile
        var layout: CounterLayout
    }

    /// Where in `snmp` the packets are counted that IP took in, and those that it delivered or forwarded; nil where that says nothing.
    private var passage: Passage?

    /// Packets that IP has taken in and neither delivered nor forwarded, and what `netstat` said then: nothing has happened in a new namespace.
    private struct Passage {
        static let names = ["IpInReceives", "IpInDelivers", "IpForwDatagrams"]
        /// Read through the same text.
        let layout: CounterLayout
        var unaccounted: UInt64 = 0
        var whenRead: (unaccounted: UInt64, values: [UInt64]) = (0, [])

        init?(_ layout: CounterLayout) {
            guard layout.names.sorted() == Self.names.sorted() else { return nil }
            self.layout = layout
        }

        mutating func read(_ text: UnsafeRawBufferPointer) {
            var values = [UInt64](repeating: 0, count: Self.names.count)
            layout.read(text, into: &values)
            unaccounted = zip(layout.names, values).reduce(0) { $1.0 == Self.names[0] ? $0 &+ $1.1 : $0 &- $1.1 }
        }
    }

    /// Opens the files that hold any of the chosen counters.
    ///
    /// - Parameters:
    ///   - other: reads the same choice of counters of another namespace of this kernel; then nothing is read and looked for now.
    ///   - isChosen: asked once for each counter that the kernel has, named as in `NetworkCounters`.
    public init(
        of namespace: NetworkNamespace, on thread: NamespaceThread, like other: CounterReader? = nil, choosing isChosen: (String) -> Bool
    ) throws {
        let sources = try CounterFile.openAll(of: namespace, on: thread)
        if let other, other.paths == sources.map(\.path) {
            paths = other.paths
            names = other.names
            passage = other.passage.flatMap { Passage($0.layout) }
            files = other.files.compactMap { file in
                sources.first { $0.path == file.source.path }.map { File(source: $0, layout: file.layout) }
            }
            return
        }
        paths = sources.map(\.path)
        text = [UInt8](repeating: 0, count: Self.textSize)
        for source in sources {
            let count = try source.read(into: &text)
            let layout = CounterLayout(of: text[..<count], form: source.form, first: names.count, choosing: isChosen)
            guard !layout.names.isEmpty else { continue }
            // Only of a file that is read each time.
            if source.kind == .protocols {
                passage = Passage(CounterLayout(of: text[..<count], form: source.form, first: 0, choosing: Passage.names.contains))
            }
            names += layout.names
            files.append(File(source: source, layout: layout))
        }
    }

    /// IPsec's counters among the chosen ones, now. The other files take the kernel ten times as long (`netstat_seq_show`).
    public func readSecurity() throws -> [(name: String, value: UInt64)] {
        var values = [UInt64](repeating: 0, count: names.count)
        let chosen = files.filter { $0.source.kind == .security }
        for file in chosen { try read(file, into: &values) }
        return chosen.flatMap(\.layout.places).map { (names[$0], values[$0]) }
    }

    /// The counters now, in the order of `names`.
    public func read() throws -> [UInt64] {
        var values = [UInt64](repeating: 0, count: names.count)
        for file in files {
            guard file.source.kind == .extensions, let passage, file.layout.names == ["IpExtInNoRoutes"] else {
                try read(file, into: &values)
                continue
            }
            if passage.unaccounted != passage.whenRead.unaccounted {
                try read(file, into: &values)
                self.passage?.whenRead = (passage.unaccounted, file.layout.places.map { values[$0] })
            } else {
                for (place, value) in zip(file.layout.places, passage.whenRead.values) { values[place] = value }
            }
        }
        return values
    }

    private func read(_ file: File, into values: inout [UInt64]) throws {
        if text.isEmpty { text = [UInt8](repeating: 0, count: Self.textSize) }
        let count = try file.source.read(into: &text)
        text.withUnsafeBytes {
            let text = UnsafeRawBufferPointer(rebasing: $0[..<count])
            file.layout.read(text, into: &values)
            if file.source.kind == .protocols { passage?.read(text) }
        }
    }
}

/// Where counters stand in one of the kernel's texts (`CounterText` describes both forms).
struct CounterLayout {
    /// A line that begins with `label` and holds chosen counters: in a table the label's second line, in a list the counter's own.
    private struct Line {
        let label: [UInt8]
        /// The column of each counter, ascending, and its place among the values.
        var columns: [(column: Int, place: Int)]
    }

    private(set) var names: [String] = []
    private var lines: [Line] = []
    /// The counters' among all values.
    var places: [Int] { lines.flatMap { $0.columns.map(\.place) } }
    private let form: CounterText.Form

    /// - Parameter first: the place of the first counter found, among all values.
    init(of text: ArraySlice<UInt8>, form: CounterText.Form, first: Int, choosing isChosen: (String) -> Bool) {
        self.form = form
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(whereSeparator: isBlank)
            guard let label = words.first, !lines.contains(where: { $0.label == Array(label) }) else { continue }
            var found = Line(label: Array(label), columns: [])
            switch form {
            case .tables:
                let prefix = String(decoding: label.dropLast(), as: UTF8.self)
                for (index, word) in words.enumerated().dropFirst() {
                    let name = prefix + String(decoding: word, as: UTF8.self)
                    guard isChosen(name) else { continue }
                    found.columns.append((index, first + names.count))
                    names.append(name)
                }
            case .list:
                let name = String(decoding: label, as: UTF8.self)
                guard isChosen(name) else { continue }
                found.columns.append((1, first + names.count))
                names.append(name)
            }
            if !found.columns.isEmpty { lines.append(found) }
        }
    }

    /// Lines come and go (`IcmpMsg`), so that they are found by their labels; in which order they come does not change.
    func read(_ text: UnsafeRawBufferPointer, into values: inout [UInt64]) {
        var position = 0
        var wanted = 0
        var isSecond = false
        while position < text.count, wanted < lines.count {
            let end = endOfLine(text, position)
            let line = lines[wanted]
            if begins(text, position, end, line.label) {
                if form == .list || isSecond {
                    readColumns(text, position, end, line.columns, into: &values)
                    wanted += 1
                    isSecond = false
                } else {
                    isSecond = true
                }
            }
            position = end + 1
        }
    }

    private func endOfLine(_ text: UnsafeRawBufferPointer, _ position: Int) -> Int {
        guard let start = text.baseAddress, let newline = memchr(start + position, Int32(UInt8(ascii: "\n")), text.count - position) else {
            return text.count
        }
        return UnsafeRawPointer(newline) - start
    }

    private func begins(_ text: UnsafeRawBufferPointer, _ position: Int, _ end: Int, _ label: [UInt8]) -> Bool {
        guard end - position > label.count, isBlank(text[position + label.count]) else { return false }
        return label.withUnsafeBytes { memcmp(text.baseAddress! + position, $0.baseAddress!, label.count) } == 0
    }

    private func readColumns(
        _ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int, _ columns: [(column: Int, place: Int)], into values: inout [UInt64]
    ) {
        var position = start
        var column = 0
        var next = 0
        while position < end, next < columns.count {
            if column == columns[next].column {
                var value: UInt64 = 0
                while position < end, case let digit = text[position] &- UInt8(ascii: "0"), digit < 10 {
                    value = value &* 10 &+ UInt64(digit)
                    position += 1
                }
                values[columns[next].place] = value
                next += 1
            }
            while position < end, !isBlank(text[position]) { position += 1 }
            while position < end, isBlank(text[position]) { position += 1 }
            column += 1
        }
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
