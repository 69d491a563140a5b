import LabPlan

enum SharedKey {
    /// The service's own bounds (connection shared key: 1 to 128 printable ASCII characters).
    static let lengths = 1...128

    static func parse(_ value: JSONValue?, target: String) throws -> PreSharedKey {
        // The key itself is in no message.
        guard let text = value?.string, lengths.contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw APIError.badRequest(
                "\(target): allowed is a text of \(lengths.lowerBound) to \(lengths.upperBound) printable ASCII characters.", target: target
            )
        }
        return PreSharedKey(secret: Array(text.utf8))
    }

    static func made(length: JSONValue?) throws -> PreSharedKey {
        guard let length = length?.integer, lengths.contains(Int(clamping: length)) else {
            throw APIError.badRequest(
                "keyLength: allowed is an integer from \(lengths.lowerBound) to \(lengths.upperBound).", target: "keyLength")
        }
        let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var generator = SystemRandomNumberGenerator()
        return PreSharedKey(secret: (0..<Int(length)).compactMap { _ in characters.randomElement(using: &generator) })
    }
}
