import Glibc
import GuestKernel
import LinuxKernel
import Processes

/// A program in QEMU's place that starts QEMU with a changed command line: what a benchmark varies about the machine, Resetlab itself has no
/// option for. It is found first where its folder is first in PATH, and goes with the object.
final class QEMUWrapper {
    /// A change of QEMU's command line.
    enum Change {
        /// Puts these behind all others.
        case adding([String])
        /// Replaces a text in the value of an option, which has to be there.
        case replacing(String, by: String, inValueOf: String)
    }

    private static let program = "qemu-system-x86_64"
    private static let path = "PATH"

    /// For files of the benchmark's besides.
    let folder: String
    private var changed: String { "\(folder)/changed" }

    /// - Parameter changes: by the folder, where files of theirs can be.
    /// - Throws: `BenchFailure` without QEMU.
    init(_ changes: (_ folder: String) -> [Change]) throws {
        guard let emulator = ExecutableLookup.path(of: Self.program) else { throw BenchFailure("there is no program '\(Self.program)'") }
        var template = Array("/tmp/resetlab-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", "/tmp", .last) }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try install(changes(folder), emulator: emulator)
    }

    deinit { _ = try? Command("rm", ["-r", folder]).runToEnd() }

    private func install(_ changes: [Change], emulator: String) throws {
        let script = Self.script(changes, emulator: emulator, changed: changed)
        let file = "\(folder)/\(Self.program)"
        try OutputFile.write(Array(script.utf8), to: file)
        guard chmod(file, 0o755) == 0 else { throw SystemCallError("chmod", file, .last) }
    }

    /// In the shell's own words alone: a process more for each would be noticed.
    private static func script(_ changes: [Change], emulator: String, changed: String) -> String {
        var cases = ""
        var additions: [String] = []
        for change in changes {
            switch change {
            case .adding(let arguments): additions += arguments
            case .replacing(let old, let new, let option):
                cases += """
                        \(option))
                            case $argument in
                            *\(old)*) argument=${argument%%\(old)*}\(new)${argument#*\(old)} ;;
                            *) echo "\(program) in a benchmark: no '\(old)' in $option $argument" >&2; exit 1 ;;
                            esac
                            : >\(changed)
                            ;;

                    """
            }
        }
        if cases.isEmpty { cases = "    *) : >\(changed) ;;\n" }
        return """
            #!/bin/sh
            option=
            for argument do
                case $option in
            \(cases)    esac
                shift
                set -- "$@" "$argument"
                option=$argument
            done
            exec \(Command(emulator)) "$@" \(additions.map { "\(Command($0))" }.joined(separator: " "))

            """
    }

    /// What a child process has to have set.
    ///
    /// Its cache folder is one of its own with this one's kernels: what changed machines take must not be remembered as this machine's speed.
    func environment() throws -> [String: String] {
        let cache = "\(folder)/cache"
        if mkdir(cache, 0o700) == 0 {
            guard symlink("\(try CacheFolder().path)/kernels", "\(cache)/kernels") == 0 else {
                throw SystemCallError("symlink", "\(cache)/kernels", .last)
            }
        }
        return [Self.path: searchPath, "RESETLAB_CACHE": cache]
    }

    private var searchPath: String { folder + (getenv(Self.path).map { ":" + String(cString: $0) } ?? "") }

    /// Has this process find it while it does something.
    func inPlace<Result>(_ work: () throws -> Result) throws -> Result {
        let before = getenv(Self.path).map { String(cString: $0) }
        setenv(Self.path, searchPath, 1)
        defer { if let before { setenv(Self.path, before, 1) } else { unsetenv(Self.path) } }
        let result = try work()
        try check()
        return result
    }

    /// - Throws: `BenchFailure` when QEMU was not started through it, or without the options whose values it changes.
    func check() throws {
        guard access(changed, F_OK) == 0 else { throw BenchFailure("QEMU was started as ever, not as the benchmark changes it") }
    }
}
