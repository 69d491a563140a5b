/// What the command line asks for.
struct BenchArguments {
    static let usage = "usage: resetlab-bench --output FOLDER --topology FILE, or: resetlab-bench probes|start (scripts/bench does it all)"
    /// The word in place of arguments that has only the probes' throughput measured.
    static let probesAlone = "probes"

    /// Where the tables are written.
    var output: String
    /// What is rehearsed.
    var topology: String

    init?(_ arguments: some Sequence<String>) {
        var values: [String: String] = [:]
        var name: String?
        for argument in arguments {
            if let known = name {
                values[known] = argument
                name = nil
            } else if ["--output", "--topology"].contains(argument) {
                name = argument
            } else {
                return nil
            }
        }
        guard name == nil, let output = values["--output"], let topology = values["--topology"] else { return nil }
        (self.output, self.topology) = (output, topology)
    }
}
