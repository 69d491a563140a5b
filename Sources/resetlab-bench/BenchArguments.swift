import Glibc
import LinuxKernel
import Processes

/// What the command line asks for: where the project is, where the tables go, what is measured, and what of it.
struct BenchArguments {
    static let usage =
        "usage: resetlab-bench PROJECT OUTPUT WORD [OPERAND...]\n"
        + Benchmark.all.map { "       \($0.word) \($0.operands)\n" }.joined()
        + "scripts/bench gives the first two"

    /// The project's folder, with the topologies and the script for Mininet.
    let project: String
    /// The folder for the tables and every single value.
    let output: String
    let benchmark: Benchmark
    let operands: [String]

    /// nil when they are others.
    init?(_ arguments: some Sequence<String>) {
        let arguments = Array(arguments)
        guard arguments.count >= 3, let benchmark = Benchmark.all.first(where: { $0.word == arguments[2] }) else { return nil }
        (project, output, self.benchmark) = (arguments[0], arguments[1], benchmark)
        operands = Array(arguments.dropFirst(3))
        guard benchmark.operands != "" || operands.isEmpty else { return nil }
    }

    var topologies: String { "\(project)/topologies" }

    /// The script that drives Mininet; nil where Mininet is not.
    var mininet: String? {
        ExecutableLookup.path(of: "mn") == nil ? nil : "\(project)/scripts/mininet-lab"
    }

    /// The operands as numbers of sites, or those given.
    ///
    /// - Throws: `BenchFailure` for anything that is none.
    func sizes(otherwise usual: [Int]) throws -> [Int] {
        if operands.isEmpty { return usual }
        return try operands.map { operand in
            guard let size = Int(operand), size > 0 else { throw BenchFailure("'\(operand)' is no number of sites, such as 100") }
            return size
        }
    }

    /// Writes a table and all values behind it.
    func write(_ markdown: String, json: [UInt8], named name: String) throws {
        guard mkdir(output, 0o755) == 0 || errno == EEXIST else { throw SystemCallError("mkdir", output, .last) }
        try OutputFile.write(Array(markdown.utf8), to: "\(output)/\(name).md")
        try OutputFile.write(json, to: "\(output)/\(name).json")
    }
}
