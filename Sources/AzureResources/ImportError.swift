/// Why an import cannot be done: everything that is wrong or missing. No key is ever part of it.
public struct ImportError: Error, CustomStringConvertible, Equatable {
    public var problems: [String]

    init(_ problems: [String]) { self.problems = problems }

    public var description: String { problems.joined(separator: "\n") }
}

/// What an import finds on its way, each thing once.
struct Findings {
    /// What is wrong or missing.
    private(set) var problems: [String] = []
    /// What is left out, or had another way.
    private(set) var remarks: [String] = []
    private var told: Set<String> = []

    mutating func problem(_ text: String) { if told.insert(text).inserted { problems.append(text) } }
    mutating func remark(_ text: String) { if told.insert(text).inserted { remarks.append(text) } }

    /// - Parameter command: what prints it.
    mutating func missing(_ what: String, of place: String? = nil, command: String) {
        problem((place.map { "\($0): " } ?? "") + "found no \(what); \(command) prints it")
    }
}
