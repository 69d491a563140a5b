import LabPlan

extension Form where Value == PreSharedKey {
    /// 1 to 128 printable ASCII characters, as the management API has it.
    static var preSharedKey: Form {
        .scalar(
            allowed: "1 to 128 printable ASCII characters, in quotes",
            schema: ["type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[ -~]*$"], isSecret: true
        ) { text in
            if text.isEmpty { return .problem("an empty key") }
            guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { return .problem("a key with other characters") }
            guard text.utf8.count <= 128 else { return .problem("a key of \(text.utf8.count) characters") }
            return .value(PreSharedKey(secret: text.utf8))
        }
    }
}
