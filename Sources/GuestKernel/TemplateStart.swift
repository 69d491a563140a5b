import AgentProtocol
import Glibc
import LinuxKernel
import Processes

/// A guest's start from a template, which is made when there is none.
struct TemplateStart {
    let cache: TemplateCache
    let arguments: MachineArguments
    let image: GuestImage
    /// The job window's memory.
    let job: Int32
    let launcher: Launcher?

    /// QEMU ended while it was told what to do.
    private struct EndedEarly: Error, CustomStringConvertible {
        let description: String

        init(_ machine: StartedMachine) {
            let status = machine.process.wait(for: .seconds(1))
            machine.console.drain()
            let words = machine.console.text.split(whereSeparator: \.isNewline).suffix(5)
            description = (["QEMU ended with \(status.map { "\($0)" } ?? "its monitor closed")"] + words).joined(separator: "\n  ")
        }
    }

    /// What follows a whole state.
    private static let mark = "end of the state of a resetlab template"

    /// How long QEMU may take for what takes a tenth of a second, on a machine with much else to do.
    private static let limit = Duration.seconds(60)
    /// For a boot, likewise.
    private static let bootLimit = Duration.seconds(120)

    /// A machine that has gone on from the template point.
    ///
    /// - Parameter progress: told in a line what takes its time.
    /// - Throws: whatever stands in the way; then a guest can still be booted.
    func machine(progress: (String) -> Void) throws -> StartedMachine {
        let key = try TemplateKey(arguments: arguments, image: image)
        if let template = try cache.template(key, memory: arguments.memory) {
            do { return try restored(template) } catch {
                // It cannot be loaded although it is as it was written: made anew once.
                cache.remove(key)
            }
        }
        progress("booting a guest that later runs start from")
        try refusing(key) { try cache.make(key) { try save(key, to: $0, named: $1) } }
        guard let template = try cache.template(key, memory: arguments.memory) else {
            throw GuestTemplate.Damage(description: "the template that was just written cannot be read back")
        }
        return try refusing(key) { try restored(template) }
    }

    /// What QEMU itself does not want, it will not want the next time.
    private func refusing<Result>(_ key: TemplateKey, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let failure as QMPConnection.Failure {
            if case .refused = failure { cache.refuse(key, reason: failure.description) }
            throw failure
        }
    }

    private static func watching(_ machine: StartedMachine, _ body: () throws -> Void) throws {
        do { try body() } catch QMPConnection.Failure.ended { throw EndedEarly(machine) }
    }

    private func restored(_ template: borrowing GuestTemplate) throws -> StartedMachine {
        let state = try MemoryFile(name: "guest-state", contents: [template.state])
        let machine = try start(.restoring, .init(memory: template.file.rawValue, state: state.descriptor.rawValue), job: job)
        try Self.watching(machine) {
            try machine.textMonitor?.restore(fromDescriptor: MachineArguments.stateDescriptor, within: Self.limit)
        }
        return machine
    }

    private func save(_ key: TemplateKey, to descriptor: Int32, named path: String) throws {
        let memory = try MemoryFile(name: "guest-memory", size: arguments.memory << 20)
        // Nobody's job: the template is everybody's.
        let window = try MemoryFile(name: "guest-job", size: JobWindow.size)
        let (reader, writer) = try Pipe().ends()
        let input = FileDescriptor(owning: reader)
        _ = fcntl(input.rawValue, F_SETFL, fcntl(input.rawValue, F_GETFL) | O_NONBLOCK)
        let machine: StartedMachine
        do {
            // The end of the state is seen only when nobody here could write to it either.
            let output = FileDescriptor(owning: writer)
            machine = try start(
                .saving, .init(memory: memory.descriptor.rawValue, state: output.rawValue), job: window.descriptor.rawValue)
        }
        guard let monitor = machine.monitor else { return }
        var state: [UInt8] = []
        let raw = input.rawValue
        try Self.watching(machine) {
            try monitor.begin(within: Self.limit)
            try monitor.waitUntilStopped(within: Self.bootLimit)
            monitor.whileWaiting = { [console = machine.console] in
                console.drain()
                _ = Self.take(from: raw, into: &state)
            }
            try monitor.save(toDescriptor: MachineArguments.stateDescriptor, endingWith: Self.mark, within: Self.limit)
        }
        monitor.whileWaiting = {}
        // Whoever copies the state ends with the machine, hence not before the last of it is here.
        let mark = Array(Self.mark.utf8)
        let deadline = ContinuousClock.now + Self.limit
        while !state.suffix(mark.count).elementsEqual(mark) {
            guard ContinuousClock.now < deadline else { throw QMPConnection.Failure.silent(waitingFor: "the end of the state") }
            var watched = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
            poll(&watched, 1, 100)
            machine.console.drain()
            if Self.take(from: raw, into: &state) { break }
        }
        machine.process.kill()
        guard state.suffix(mark.count).elementsEqual(mark) else { throw EndedEarly(machine) }
        state.removeLast(mark.count)
        guard !state.isEmpty else { throw QMPConnection.Failure.refused(command: "migrate", reason: "it wrote nothing") }
        try GuestTemplate.write(
            to: descriptor, named: path, memory: arguments.memory, from: memory.descriptor.rawValue, state: state, key: key.name)
    }

    private func start(_ start: MachineArguments.Start, _ saved: StartedMachine.SavedParts, job: Int32) throws -> StartedMachine {
        var arguments = arguments
        arguments.start = start
        // A restored kernel has unpacked its image long ago.
        let image = try MemoryFile(name: "guest-image", contents: start == .saving ? image.archives(for: arguments.clock) : [])
        return try StartedMachine(arguments, image: image, job: job, saved: saved, launcher: launcher)
    }

    /// - Returns: whether the end was reached.
    private static func take(from descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count > 0 {
                bytes += piece[..<count]
            } else if count == 0 {
                return true
            } else if errno != EINTR {
                return false
            }
        }
    }
}
