import AgentProtocol
import CLinux
import Glibc
import LinuxKernel
import Processes

/// A program as it is to be started: found in PATH, with its whole environment.
struct ExecutionProgram {
    let path: String
    let arguments: [String]
    let environment: [String]
    let directory: String?

    /// Where programs are looked for when nobody says: a guest's kernel gives its first process no PATH.
    static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// - Parameter inherited: the agent's own environment.
    /// - Throws: `AgentMessage.Failure` for a program that is not to be found.
    init(_ execution: Execution, inherited: [String] = Self.ownEnvironment) throws {
        guard let program = execution.arguments.first, !program.isEmpty else {
            throw AgentMessage.Failure(kind: .badRequest, message: "there is no program to be run")
        }
        for text in execution.arguments + execution.environment where text.utf8.contains(0) {
            throw AgentMessage.Failure(kind: .badRequest, message: "\(program): an argument or variable has a zero byte in it")
        }
        arguments = execution.arguments
        environment = Self.merged(inherited, execution.environment)
        directory = execution.directory

        let searchPath = environment.first { $0.hasPrefix("PATH=") }?.dropFirst(5)
        let isRelativePath = program.utf8.contains(UInt8(ascii: "/")) && !program.hasPrefix("/")
        let name = isRelativePath ? execution.directory.map { "\($0)/\(program)" } ?? program : program
        guard let path = ExecutableLookup.path(of: name, searchPath: searchPath.map(String.init)) else {
            let reason =
                name.utf8.contains(UInt8(ascii: "/"))
                ? "there is no such program in this lab" : "not found in this lab's PATH (\(searchPath ?? ""))"
            throw AgentMessage.Failure(kind: .badRequest, message: "\(program): \(reason)")
        }
        self.path = path
    }

    /// Starts it in a session of its own. The descriptors stay open here.
    ///
    /// - Parameter hasTerminal: whether the input is to be its controlling terminal.
    /// - Returns: its process identifier, which is its process group's and its session's, too.
    /// - Throws: `AgentMessage.Failure` when the kernel does not take it for a program, `SystemCallError` for anything else.
    func start(
        in namespace: NetworkNamespace, input: Int32, output: Int32, error: Int32, hasTerminal: Bool
    ) throws -> pid_t {
        let arguments = CStringVector(arguments)
        let environment = CStringVector(environment)
        var step = LINUX_START_FORK
        let identifier = arguments.withPointers { arguments in
            environment.withPointers { environment in
                path.withCString { path in
                    withOptionalCString(directory) { directory in
                        var program = linux_program()
                        program.path = path
                        program.arguments = UnsafePointer(arguments)
                        program.environment = UnsafePointer(environment)
                        program.directory = directory
                        program.network = namespace.fileDescriptor
                        program.input = input
                        program.output = output
                        program.error = error
                        program.has_terminal = hasTerminal ? 1 : 0
                        return linux_start_program(&program, &step)
                    }
                }
            }
        }
        let errno = Errno.last
        guard identifier < 0 else { return identifier }
        if step == LINUX_START_PROGRAM {
            throw AgentMessage.Failure(kind: .badRequest, message: "\(path) cannot be executed: \(errno.message)")
        }
        throw SystemCallError(Self.name(of: step), path, errno)
    }

    private static func name(of step: linux_start_step) -> String {
        switch step {
        case LINUX_START_SIGNALS: "prctl (signal at the agent's end) for"
        case LINUX_START_SESSION: "setsid for"
        case LINUX_START_NAMESPACE: "setns for"
        case LINUX_START_DIRECTORY: "chdir for"
        case LINUX_START_DESCRIPTORS: "standard descriptors for"
        default: "fork for"
        }
    }

    /// The second on top of the first, and a PATH in any case.
    static func merged(_ inherited: [String], _ own: [String]) -> [String] {
        func name(_ variable: String) -> Substring { variable.prefix { $0 != "=" } }
        // The last one wins, as in a shell.
        var values: [Substring: String] = ["PATH": "PATH=\(standardPath)"]
        var order: [Substring] = ["PATH"]
        for variable in inherited + own where values.updateValue(variable, forKey: name(variable)) == nil {
            order.append(name(variable))
        }
        return order.compactMap { values[$0] }
    }

    private static var ownEnvironment: [String] {
        var result: [String] = []
        var entry = environ
        while let variable = entry.pointee {
            result.append(String(cString: variable))
            entry += 1
        }
        return result
    }
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString(body)
}
