/// A piece of HTML, SVG or XML that is well-formed and escaped by the way it is made.
package enum Markup: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    indirect case element(String, [(name: String, value: String)], [Markup])
    case text(String)
    /// Pieces in a row.
    case group([Markup])

    package init(stringLiteral value: String) { self = .text(value) }

    /// An element with attributes in the order given; those with the value nil are left out.
    package static func tag(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ children: Markup...) -> Markup {
        tag(name, attributes, children)
    }

    package static func tag(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ children: [Markup]) -> Markup {
        .element(name, attributes.compactMap { name, value in value.map { (name, $0) } }, children)
    }

    /// As HTML 5 (SVG within): elements that never have contents have no end tag.
    package var html: String { render(isXML: false) }

    /// As XML 1.0: characters that it cannot hold at all become U+FFFD.
    package var xml: String { render(isXML: true) }

    private func render(isXML: Bool) -> String {
        var text = ""
        write(to: &text, isXML: isXML)
        return text
    }

    private static let voidElements: Set<String> = ["meta", "br", "hr", "link"]

    private func write(to text: inout String, isXML: Bool) {
        switch self {
        case .text(let content): Self.escape(content, to: &text, isXML: isXML)
        case .group(let parts): for part in parts { part.write(to: &text, isXML: isXML) }
        case .element(let name, let attributes, let children):
            text += "<\(name)"
            for attribute in attributes {
                text += " \(attribute.name)=\""
                Self.escape(attribute.value, to: &text, isXML: isXML)
                text += "\""
            }
            if isXML, children.isEmpty {
                text += "/>"
                return
            }
            text += ">"
            if !isXML, Self.voidElements.contains(name) { return }
            // Their contents are not text to HTML's parser: nothing that comes from anywhere goes in there.
            if name == "style" || name == "script", case .text(let sheet)? = children.first {
                text += sheet
            } else {
                for child in children { child.write(to: &text, isXML: isXML) }
            }
            text += "</\(name)>"
            if Self.endsLine.contains(name) { text += "\n" }
        }
    }

    /// For whoever reads the source.
    private static let endsLine: Set<String> = [
        "tr", "table", "section", "p", "h1", "h2", "h3", "li", "ul", "ol", "div", "svg", "head", "body", "style", "title", "header", "dl",
        "dt",
        "dd", "nav", "main", "testcase", "testsuite", "property", "properties", "failure",
    ]

    private static func escape(_ content: String, to text: inout String, isXML: Bool) {
        for scalar in content.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.unicodeScalars.append(isAllowed(scalar) ? scalar : "\u{FFFD}")
            }
        }
    }

    /// XML 1.0 §2.2; HTML forbids the same control characters.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xa, 0xd, 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: true
        default: false
        }
    }
}
