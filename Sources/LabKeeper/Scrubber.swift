import LabPlan

/// Takes secrets out of texts that nobody has written with secrets in mind: consoles, logs.
struct Scrubber {
    private var secrets: [String] = []

    /// As many hexadecimal digits as the shortest key has (AES-128).
    private static let keyDigits = 32

    /// - Parameter plan: whose pre-shared keys are taken out, plain and in hexadecimal digits; those of fewer than four bytes are no words.
    init(plan: LabPlan) {
        add(plan.connections.flatMap { [$0.siteSide.preSharedKey.secret, $0.gatewaySide.preSharedKey.secret] })
    }

    /// One more.
    mutating func add(_ key: PreSharedKey) { add([key.secret]) }

    private mutating func add(_ keys: [[UInt8]]) {
        let digits = Array("0123456789abcdef")
        secrets += Set(keys).filter { $0.count >= 4 }.flatMap { key -> [String] in
            let hexadecimal = String(key.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
            return [String(decoding: key, as: UTF8.self), hexadecimal, hexadecimal.uppercased()]
        }
        // The longest first: another may be part of it.
        secrets = Set(secrets).sorted { ($1.count, $0) < ($0.count, $1) }
    }

    func scrubbed(_ text: String) -> String {
        var text = text
        for secret in secrets { text = text.replacing(secret, with: "(removed)") }
        return withoutKeys(text)
    }

    /// Without runs of hexadecimal digits that may be a key.
    private func withoutKeys(_ text: String) -> String {
        var result = ""
        var run = ""
        func end() {
            result += run.count >= Self.keyDigits ? "(removed)" : run
            run = ""
        }
        for character in text {
            if character.isHexDigit {
                run.append(character)
            } else {
                end()
                result.append(character)
            }
        }
        end()
        return result
    }
}
