import ArgumentParser
import Glibc
import LabKeeper

struct SupportBundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "support-bundle",
        abstract: "Write all there is to know of a lab into one archive, without its secrets.",
        discussion: """
            For two resets and still dark. A colleague can replay the lab from the topology in it: every pre-shared key is replaced such that equal \
            keys are still equal and different ones still differ.
            """)

    @OptionGroup var lab: LabOption

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The archive. Default: resetlab-LAB-support.tar.gz.", valueName: "file.tar.gz"),
        completion: .file())
    var output: String?

    func run() throws {
        let client = try lab.connect()
        let output = output ?? "resetlab-\(client.description.name)-support.tar.gz"
        try checkWritable(output)
        let bundle = SupportBundle.collect(from: client)
        try bundle.write(to: output)
        for problem in bundle.problems { standardError("resetlab: left out: \(problem)") }
        print("\(output) has \(bundle.files.count) files, no secret among them")
    }
}
