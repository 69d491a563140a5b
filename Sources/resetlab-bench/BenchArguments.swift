/// What the command line asks for.
struct BenchArguments {
    static let usage = """
        usage: resetlab-bench --output FOLDER --topology FILE [--mininet SCRIPT]
               resetlab-bench probes | start | labs [SCRIPT] [SITES...] | guest-labs [SITES...] | guest-reinstall | resets [SITES...]
               resetlab-bench rehearsals | shift TOPOLOGIES
               resetlab-bench cost TOPOLOGIES FOLDER [ROUNDS [WORD-IN-NAME...]]
               resetlab-bench profile TOPOLOGIES FOLDER
        scripts/bench does it all
        """
    /// The word in place of arguments that has only the probes' throughput measured.
    static let probesAlone = "probes"

    /// Likewise the building of labs; then the path of Mininet's script, and sizes, if not all are wanted.
    static let labsAlone = "labs"
    /// Those in a guest.
    static let guestLabsAlone = "guest-labs"
    /// The replacing of all SAs and policies of 1,000 connections in a guest.
    static let guestReinstallAlone = "guest-reinstall"
    /// Rehearsals of resets with many sites; then sizes, if not all are wanted.
    static let resetsAlone = "resets"

    /// Where the tables are written.
    var output: String
    /// What is rehearsed.
    var topology: String
    /// The script that drives Mininet; nil for none.
    var mininet: String?

    init?(_ arguments: some Sequence<String>) {
        var values: [String: String] = [:]
        var name: String?
        for argument in arguments {
            if let known = name {
                values[known] = argument
                name = nil
            } else if ["--output", "--topology", "--mininet"].contains(argument) {
                name = argument
            } else {
                return nil
            }
        }
        guard name == nil, let output = values["--output"], let topology = values["--topology"] else { return nil }
        (self.output, self.topology) = (output, topology)
        mininet = values["--mininet"]
    }
}
