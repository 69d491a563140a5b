import LinuxKernel
import Processes

/// Why no guest kernel can be had.
public enum GuestKernelError: Error, Sendable, Hashable {
    /// The processor has no guest support here.
    case unsupportedProcessor(String)
    /// A program is missing, and the Debian package that has it.
    case toolMissing(program: String, package: String)
    /// The package lists offer no kernel image.
    case noCandidate
    /// Every package that was tried was refused, and why.
    case noneUsable([Refusal])
    /// A kernel lacks something that the agent needs.
    case lacking(kernel: String, options: [String])
    /// A file is not what its name says.
    case malformed(file: String, reason: String)
    /// A shared library of the agent's is missing on this machine.
    case libraryMissing(program: String, library: String)
    /// The requests do not fit into the job's window.
    case jobTooLarge(bytes: Int, allowed: Int)
    /// Neither a cache folder was named nor is there a home folder.
    case noCacheFolder

    /// A package that was tried, and what was wrong with it.
    public struct Refusal: Sendable, Hashable {
        public let package: String
        public let reason: String
    }
}

extension GuestKernelError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unsupportedProcessor(let name): "the guest kernel runs on x86-64 machines only, and this one is \(name)"
        case .toolMissing(let program, let package): "\(program) is missing: apt-get install \(package)"
        case .noCandidate:
            "the package lists offer no kernel image: run apt-get update, or name an unpacked kernel package's folder in RESETLAB_KERNEL_ROOT"
        case .noneUsable(let refusals):
            "no kernel package can be used: " + refusals.map { "\($0.package): \($0.reason)" }.joined(separator: "; ")
        case .lacking(let kernel, let options): "kernel \(kernel) lacks \(options.joined(separator: ", "))"
        case .malformed(let file, let reason): "\(file): \(reason)"
        case .libraryMissing(let program, let library): "\(program) needs the library \(library), which this machine does not have"
        case .jobTooLarge(let bytes, let allowed):
            "the lab is too large for a guest in virtual time: found a plan of \(bytes) bytes; allowed: \(allowed)"
        case .noCacheFolder: "there is no home folder for the cache: name a folder in RESETLAB_CACHE"
        }
    }
}
