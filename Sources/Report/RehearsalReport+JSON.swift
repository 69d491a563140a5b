#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RehearsalReport {
    /// The report as JSON text: sorted keys, exact decimals, a newline at the end. Equal reports give equal bytes.
    public func json() throws -> String { try JSONText.of(self) }

    public init(json text: String) throws {
        self = try JSONDecoder().decode(RehearsalReport.self, from: Data(text.utf8))
    }
}
