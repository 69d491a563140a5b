import Processes
import TestRequirements
import Testing

@testable import GuestKernel

/// What a test needs of the machine it runs on. Something missing skips the test, and says why; with RESETLAB_REQUIRE_ALL=1 the test runs and
/// fails.
enum Requirements {
    static let allAreRequired = Requirement.allAreRequired

    static func programs(_ names: [String]) -> ConditionTrait {
        let missing = names.filter { ExecutableLookup.path(of: $0) == nil }
        return .enabled(if: missing.isEmpty || allAreRequired, "not installed: \(missing.joined(separator: ", "))")
    }

    static func program(_ name: String) -> ConditionTrait { programs([name]) }

    /// A guest kernel: in the cache, or fetched when everything is required.
    static var guestKernel: ConditionTrait {
        .enabled(if: allAreRequired || cachedKernel != nil, "no guest kernel is cached; resetlab fetches one on its first use")
    }

    static var cachedKernel: PreparedKernel? { (try? CacheFolder()).flatMap { KernelCache(folder: $0).cached } }

    /// The cached kernel, or one that is fetched now.
    static func kernel() throws -> PreparedKernel { try KernelCache(folder: try CacheFolder()).kernel() }
}
