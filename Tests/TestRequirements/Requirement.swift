import Glibc
import GuestKernel
import Processes

/// Something a test needs of the machine it runs on. Where it is missing the test is skipped, and says why; with RESETLAB_REQUIRE_ALL=1 it runs
/// and fails.
///
///     @Suite(.enabled(if: needs.letTestsRun, "\(needs.reason)"))
public struct Requirement: Sendable {
    /// What is missing, and how to get it; empty when nothing is.
    public let reason: String

    /// - Parameter reason: what is missing; empty when nothing is.
    public init(reason: String) { self.reason = reason }

    public static let allAreRequired = getenv("RESETLAB_REQUIRE_ALL").map { String(cString: $0) } == "1"

    public var letTestsRun: Bool { reason.isEmpty || Self.allAreRequired }

    /// A program in PATH.
    public static func program(_ name: String, package: String) -> Requirement {
        Requirement(reason: ExecutableLookup.path(of: name) == nil ? "\(name) is not installed (package \(package))" : "")
    }

    /// QEMU, and a guest kernel in the user's cache. None is fetched for a test's sake, unless everything is required.
    public static var guest: Requirement {
        .all([
            .program("qemu-system-x86_64", package: "qemu-system-x86"),
            Requirement(
                reason: (try? CacheFolder()).flatMap { KernelCache(folder: $0).cached } == nil
                    ? "no guest kernel is cached; resetlab fetches one on its first rehearsal" : ""),
        ])
    }

    /// An optimised build of a product, as scripts/build makes it.
    public static func product(_ name: String) -> Requirement {
        let path = Product.path(name)
        return Requirement(reason: access(path, X_OK) == 0 ? "" : "there is no \(path); scripts/build \(name) builds it")
    }

    /// - Throws: itself, when something is missing: where all is required, tests run without it.
    public func check() throws {
        if !reason.isEmpty { throw Missing(description: reason) }
    }

    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    public static func all(_ requirements: [Requirement]) -> Requirement {
        Requirement(reason: requirements.map(\.reason).filter { !$0.isEmpty }.joined(separator: "; "))
    }
}

/// The executables as users get them: optimised, with Swift's runtime inside.
public enum Product {
    /// In the folder that RESETLAB_BIN names, else in the package's own build folder.
    public static func path(_ name: String) -> String {
        let folder = getenv("RESETLAB_BIN").map { String(cString: $0) } ?? Repository.path(".build/release")
        return "\(folder)/\(name)"
    }
}

/// The files that the tests are kept with.
public enum Repository {
    public static func path(_ file: String) -> String { "\(root)/\(file)" }

    /// Three steps up from this very file.
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
}
