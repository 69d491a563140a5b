/// Puts substitutes in the places of a topology's keys, and leaves all other text as it is.
struct TopologyRewriting {
    private let scalars: [Unicode.Scalar]
    private let yaml: YAMLText
    private let secrets: SecretList

    init(text: YAMLText, secrets: SecretList) {
        yaml = text
        scalars = text.scalars
        self.secrets = secrets
    }

    /// nil when the end of a key's text was not found: then the file is to be written anew.
    var text: String? {
        var result = String.UnicodeScalarView()
        var done = 0
        for place in secrets.places.sorted(by: { $0.position < $1.position }) {
            guard let start = yaml.index(of: place.position), start >= done, let range = extent(of: place, at: start) else { return nil }
            result.append(contentsOf: withoutSecretComments(scalars[done..<range.lowerBound]))
            result.append(contentsOf: "\"\(secrets.substitute(for: place.secret))\"".unicodeScalars)
            done = range.upperBound
        }
        result.append(contentsOf: withoutSecretComments(scalars[done...]))
        return String(result)
    }

    // MARK: - Where a key's text ends

    private func extent(of place: SecretList.Place, at start: Int) -> Range<Int>? {
        switch scalars[start] {
        case "\"": quotedEnd(from: start, quote: "\"", escape: "\\").map { start..<$0 }
        case "'": quotedEnd(from: start, quote: "'", escape: "'").map { start..<$0 }
        case "|", ">": start..<blockEnd(from: start, indentation: place.indentation)
        default: plainEnd(from: start, value: place.secret).map { start..<$0 }
        }
    }

    /// `\"` in double quotes, `''` in single ones.
    private func quotedEnd(from start: Int, quote: Unicode.Scalar, escape: Unicode.Scalar) -> Int? {
        var index = start + 1
        while index < scalars.count {
            if scalars[index] == escape, index + 1 < scalars.count, escape != quote || scalars[index + 1] == quote {
                index += 2
            } else if scalars[index] == quote {
                return index + 1
            } else {
                index += 1
            }
        }
        return nil
    }

    /// The end of the last line that is indented deeper than the key before the block, without its line break.
    private func blockEnd(from start: Int, indentation: Int) -> Int {
        var end = lineEnd(from: start)
        var next = end
        while next < scalars.count {
            let line = lineEnd(from: next + 1)
            let content = scalars[min(next + 1, scalars.count)..<line]
            let depth = content.prefix { $0 == " " }.count
            let isBlank = content.allSatisfy { $0 == " " || $0 == "\r" }
            guard isBlank || depth >= indentation else { break }
            if !isBlank { end = line }
            next = line
        }
        return end
    }

    private func lineEnd(from start: Int) -> Int { scalars[min(start, scalars.count)...].firstIndex(of: "\n") ?? scalars.count }

    /// Plain text may be folded over lines: white space of the value stands for any white space with a line break in it.
    private func plainEnd(from start: Int, value: String) -> Int? {
        let value = Array(value.unicodeScalars)
        var index = start
        var matched = 0
        while matched < value.count {
            guard index < scalars.count else { return nil }
            if scalars[index] == value[matched] {
                index += 1
                matched += 1
                continue
            }
            guard value[matched] == " " || value[matched] == "\n", isBlank(scalars[index]) else { return nil }
            while matched < value.count, value[matched] == " " || value[matched] == "\n" { matched += 1 }
            while index < scalars.count, isBlank(scalars[index]) { index += 1 }
        }
        return index
    }

    private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t" }

    // MARK: - Comments

    /// A key may have been noted down in a comment, or be commented out.
    private func withoutSecretComments(_ piece: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for line in piece.split(separator: "\n", omittingEmptySubsequences: false) {
            if !result.isEmpty || line.startIndex != piece.startIndex { result.append("\n") }
            guard let comment = line.indices.first(where: { startsComment($0, in: line) }) else {
                result += line
                continue
            }
            result += line[..<comment]
            result += cleaned(line[comment...])
        }
        return result
    }

    /// A place in quotes can look the same: then the result says something else, and is not used.
    private func startsComment(_ index: Int, in line: ArraySlice<Unicode.Scalar>) -> Bool {
        scalars[index] == "#" && (index == line.startIndex || isBlank(scalars[index - 1]))
    }

    private func cleaned(_ comment: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: comment)
        var text = String(view)
        // What stands there commented out may be a key that no site has any more.
        let name = ConnectionEntry.preSharedKey.name
        if let range = text.firstRange(of: name) {
            let rest = text[range.upperBound...].drop { $0 == " " || $0 == "\"" || $0 == "'" }
            if rest.first == ":" { text = text[..<range.upperBound] + ": redacted" }
        }
        for secret in secrets.secrets { text = replacing(secret, in: text) }
        return Array(text.unicodeScalars)
    }

    /// Keys of fewer than four characters are replaced as whole words only: as parts of words they are no keys.
    private func replacing(_ secret: String, in text: String) -> String {
        guard !secret.isEmpty else { return text }
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: secret) {
            let isWord = !isWordCharacter(rest[..<range.lowerBound].last) && !isWordCharacter(rest[range.upperBound...].first)
            result += rest[..<range.lowerBound]
            result += secret.count >= 4 || isWord ? secrets.substitute(for: secret) : secret
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    private func isWordCharacter(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber } ?? false }
}
