import Addressing

/// A single site, of an entry of its own or counted, as far as its values are right.
struct SiteDraft: Sendable {
    var entry: SiteEntry
    /// nil for a site with an entry of its own.
    var number: Int?
    var name: String?
    var address: IPAddress?
    var prefixes: [Written<IPPrefix>]
    var connectionName: String?

    /// For messages that stand at the entry: which of its sites is meant.
    var suffix: String { number == nil ? "" : " (\(name ?? "one of the counted sites"))" }
    /// For messages at other places.
    var label: String { "site \(name ?? entry.path)" }
    var connectionNamePath: String { entry.connection?.name?.path ?? entry.name?.path ?? entry.path }
}

/// Makes single sites of entries with `count`.
enum SiteExpansion {
    static func expand(_ sites: Written<[SiteEntry]>?, into reading: inout Reading) -> [SiteDraft] {
        guard let sites else { return [] }
        let total = sites.value.reduce(0) { $0 + ($1.count?.value ?? 1) }
        guard total <= SiteEntry.mostSites else {
            reading.report(sites.path, found: "\(total) sites", allowed: "at most \(SiteEntry.mostSites), with \"count\" counted")
            return []
        }
        return sites.value.flatMap { expand($0, into: &reading) }
    }

    private static func expand(_ entry: SiteEntry, into reading: inout Reading) -> [SiteDraft] {
        guard let count = entry.count?.value else {
            return [
                SiteDraft(
                    entry: entry, name: entry.name?.value, address: entry.address?.value, prefixes: entry.prefixes?.value ?? [],
                    connectionName: entry.connection?.name?.value ?? entry.name?.value)
            ]
        }
        checkLength(of: entry.name, rule: .site, into: &reading)
        checkLength(of: entry.connection?.name, rule: .gateway, into: &reading)
        return (0..<count).map { index in
            SiteDraft(
                entry: entry, number: index + 1, name: entry.name.map { numbered($0.value, index) },
                address: entry.address.flatMap { counted($0, by: index, of: count, into: &reading) { $0.advanced(by: $1) } },
                prefixes: (entry.prefixes?.value ?? []).compactMap { prefix in
                    counted(prefix, by: index, of: count, into: &reading) { $0.network(after: $1) }
                        .map { Written(value: $0, path: prefix.path) }
                },
                connectionName: (entry.connection?.name?.value ?? entry.name?.value).map { numbered($0, index) })
        }
    }

    /// `branch-0001` is the first: names sort as the sites do.
    private static func numbered(_ name: String, _ index: Int) -> String {
        let digits = "\(index + 1)"
        return name + "-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func checkLength(of name: Written<String>?, rule: NameRule, into reading: inout Reading) {
        guard let name, rule.problem(of: numbered(name.value, 0)) != nil else { return }
        reading.report(
            name.path, found: "\(quoted(name.value)), to which a number such as -0001 is added",
            allowed: "\(rule.allowed), the number's five counted")
    }

    /// The `index`-th value from a written one. Every value is reported once at most: the first that is not there or not usable.
    private static func counted<Value: SpecialRangeTested>(
        _ first: Written<Value>, by index: Int, of count: Int, into reading: inout Reading, advance: (Value, UInt128) -> Value?
    ) -> Value? {
        let value = advance(first.value, UInt128(index))
        let problem: String? =
            switch value {
            case nil: "runs past the last address"
            case let value?: SpecialRange.of(value.asPrefix).map { "reaches \($0.name)" }
            }
        guard let problem else { return value }
        let before = index > 0 ? advance(first.value, UInt128(index - 1)) : nil
        if let before, SpecialRange.of(before.asPrefix) == nil {
            reading.report(
                first.path, found: "\(first.value), which counted up \(count) times \(problem)", allowed: "a first value with room for all")
        }
        return nil
    }
}

/// An address or a prefix.
private protocol SpecialRangeTested: Sendable {
    var asPrefix: IPPrefix { get }
}

extension IPAddress: SpecialRangeTested {
    fileprivate var asPrefix: IPPrefix { IPPrefix(host: self) }
}

extension IPPrefix: SpecialRangeTested {
    fileprivate var asPrefix: IPPrefix { self }
}
