#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A time of integer nanoseconds that is written as a number of another unit, exactly: 100 ms is `0.1` and never `0.1000000000000000055`.
public protocol DecimalTime: Codable, Sendable, Hashable, Comparable {
    /// How many decimal places a nanosecond is away from the unit.
    static var decimals: Int { get }

    var nanoseconds: Int64 { get }

    init(nanoseconds: Int64)
}

/// Written in seconds, with up to 9 decimals.
public struct Seconds: DecimalTime {
    public static let decimals = 9

    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
}

/// Written in milliseconds, with up to 6 decimals.
public struct Milliseconds: DecimalTime {
    public static let decimals = 6

    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
}

extension DecimalTime {
    /// Nanoseconds are as fine as it gets; what is finer is cut off.
    public init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let value = try container.decode(Decimal.self)
        let scaled = Decimal(sign: .plus, exponent: Self.decimals, significand: value)
        guard let nanoseconds = Int64(scaled.description) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(value) is not a whole number of nanoseconds")
        }
        self.init(nanoseconds: nanoseconds)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(
            Decimal(
                sign: nanoseconds < 0 ? .minus : .plus, exponent: -Self.decimals, significand: Decimal(nanoseconds.magnitude)))
    }
}

extension DecimalTime {
    /// With this many decimals, rounded half away from zero.
    public func text(decimals: Int) -> String {
        let cut = max(0, Self.decimals - decimals)
        let divisor = Self.power(cut)
        let rounded = (nanoseconds.magnitude + divisor / 2) / divisor
        let unit = Self.power(Self.decimals - cut)
        let fraction = String(rounded % unit)
        let sign = nanoseconds < 0 && rounded > 0 ? "-" : ""
        guard unit > 1 else { return "\(sign)\(rounded)" }
        return "\(sign)\(rounded / unit)." + String(repeating: "0", count: Self.decimals - cut - fraction.count) + fraction
    }

    /// With as many decimals as it takes.
    public var shortText: String {
        var text = text(decimals: Self.decimals)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    private static func power(_ exponent: Int) -> UInt64 { (0..<exponent).reduce(1) { power, _ in power * 10 } }
}
