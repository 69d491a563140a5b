import Glibc
import Report

/// Times of day for people and scripts.
enum WallClock {
    /// ISO 8601 in UTC, with milliseconds: `2026-11-24T19:20:31.123Z`.
    ///
    /// - Parameter nanoseconds: since 1970.
    static func text(_ nanoseconds: Int64) -> String {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date = "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
        let time = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
        return "\(date)T\(time).\(digits(Int(nanoseconds % 1_000_000_000 / 1_000_000), 3))Z"
    }

    /// A span for people, two units at most: `45.2 s`, `12 min 5 s`, `3 h 20 min`, `2 d 4 h`.
    static func span(_ nanoseconds: Int64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        switch seconds {
        case ..<60: return Seconds(nanoseconds: nanoseconds).text(decimals: 1) + " s"
        case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: return "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
        }
    }
}
