import AgentProtocol
import EventLoop
import Glibc
import LinuxKernel
import Processes
import TestRequirements
import Topology

@testable import GuestKernel
@testable import resetlab_kernel_tests

/// One boot for all kernel checks: `resetlab-kernel-tests` is process 1, and its verdicts come by the guest's stream.
struct CheckGuest {
    static let requirement = Requirement.all(
        [.guest] + ["resetlab-kernel-tests", "resetlab", "resetlab-agent"].map { .product($0) })

    /// By name.
    let verdicts: [String: CheckVerdict]
    /// How the guest ended, and the end of its console.
    let diagnosis: String
    let ending: GuestMachine.Ending?

    /// The guest's run, which the first test to ask for it waits for.
    static let shared = Result { try run() }

    /// Far above the minute or so that it takes; a guest that hangs takes for ever.
    private static let deadline = Duration.seconds(420)

    private static func run() throws -> CheckGuest {
        let kernel = try KernelCache(folder: try CacheFolder()).kernel()
        let folder = try TemporaryFolder()
        let image = try GuestImage(
            agent: folder.stripped("resetlab-kernel-tests"), kernel: kernel, extraFiles: files(folder))
        // The clock is virtual, so that no check depends on this machine's speed. The checks build labs of a hundred sites.
        let machine = try GuestMachine(.init(kernel: kernel, image: image, clock: .virtual(seed: 1), nodes: 150, launcher: nil))
        defer { machine.stop() }
        let loop = try EventLoop()
        try machine.attach(to: loop)
        var lines = LineBuffer()
        var verdicts: [String: CheckVerdict] = [:]
        func receive() throws {
            var piece = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(machine.stream, &piece, piece.count)
                guard count > 0 else { return }
                try lines.append(piece[..<count])
                while let line = lines.next() {
                    let verdict = try JSONLines.decode(CheckVerdict.self, from: line)
                    verdicts[verdict.name] = verdict
                }
            }
        }
        var failure: (any Error)?
        func receiveOrStop() {
            do { try receive() } catch {
                failure = error
                loop.stop()
            }
        }
        let streamWatch = try loop.watch(machine.stream) { _ in receiveOrStop() }
        let exitWatch = try loop.watch(machine.exitDescriptor) { _ in loop.stop() }
        loop.timer(after: deadline) { loop.stop() }
        try loop.run()
        receiveOrStop()
        loop.cancel(streamWatch)
        loop.cancel(exitWatch)
        if let failure { throw failure }
        return CheckGuest(verdicts: verdicts, diagnosis: machine.diagnosis(), ending: machine.ending)
    }

    /// A plan for the checks that build a lab themselves; controller, agent and topology for those that start them.
    private static func files(_ folder: TemporaryFolder) throws -> [GuestFile] {
        func plan(_ name: String) throws -> [UInt8] {
            let text = String(decoding: try FileTree.read(Repository.path("topologies/\(name)")), as: UTF8.self)
            return try JSONLines.encode(try Topology.load(text: text, file: name).plan(seed: 1))
        }
        let programs = try [("resetlab", HostRehearsal.controller), ("resetlab-agent", HostRehearsal.agent)].map { name, path in
            GuestFile(path: path, contents: try FileTree.read(folder.stripped(name)), isExecutable: true)
        }
        return programs + [
            GuestFile(path: HostRehearsal.topology, contents: try FileTree.read(Repository.path("topologies/two-sites.yaml"))),
            GuestFile(path: CheckPlan.file, contents: try plan("two-sites.yaml")),
            GuestFile(path: CheckPlan.activeActiveFile, contents: try plan("active-active.yaml")),
        ]
    }
}

extension TemporaryFolder {
    /// A product without its symbols, which the guest would have to unpack: half of each file. As it is where strip(1) is not installed.
    fileprivate func stripped(_ product: String) throws -> String {
        try Requirement.product(product).check()
        let result = "\(path)/\(product)"
        guard ExecutableLookup.path(of: "strip") != nil else { return Product.path(product) }
        try Command("strip", ["-o", result, Product.path(product)]).runToEnd().checked()
        return result
    }
}
