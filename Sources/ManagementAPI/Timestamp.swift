#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

enum Timestamp {
    /// ISO 8601 in UTC with milliseconds, as the service writes it.
    static func text(nanoseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000) / 1_000).formatted(
            Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) * 1_000_000 }
}
