import Foundation
import Testing

@testable import Report

/// Whether text can be read: the contrast of its colours (WCAG 2.2, success criterion 1.4.3 and the definitions of contrast ratio and relative
/// luminance).
@Suite struct PageStyleTests {
    enum Scheme: Int, CaseIterable {
        case light
        case dark

        /// The colours that the sheet gives names, of its two lists the scheme's.
        var colours: [String: UInt32] {
            let lists = PageStyle.sheet.components(separatedBy: ":root{").dropFirst().prefix(2).map { $0.prefix { $0 != "}" } }
            let pairs = lists[rawValue].split(separator: ";").compactMap { declaration -> (String, UInt32)? in
                let parts = declaration.split(separator: ":")
                guard parts.count == 2, parts[1].hasPrefix("#"), let value = UInt32(parts[1].dropFirst(), radix: 16) else { return nil }
                return (parts[0].trimmingPrefix("--").description, value)
            }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
    }

    private static func luminance(_ colour: UInt32) -> Double {
        func channel(_ shift: UInt32) -> Double {
            let value = Double(colour >> shift & 0xff) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
    }

    private static func contrast(_ one: UInt32, _ other: UInt32) -> Double {
        let (light, dark) = (max(luminance(one), luminance(other)), min(luminance(one), luminance(other)))
        return (light + 0.05) / (dark + 0.05)
    }

    @Test("Black on white is 21 to 1")
    func extremes() { #expect(abs(Self.contrast(0, 0xffffff) - 21) < 0.001) }

    @Test("Text stands out from its background by 4.5 to 1", arguments: Scheme.allCases)
    func text(scheme: Scheme) throws {
        let colours = scheme.colours
        for text in ["ink", "soft", "good", "bad"] {
            for background in ["paper", "panel"] {
                let ratio = Self.contrast(try #require(colours[text]), try #require(colours[background]))
                #expect(ratio >= 4.5, "\(text) on \(background): \(ratio)")
            }
        }
    }

    @Test("The lines that hatch lost probes stand out from their ground by 3 to 1", arguments: Scheme.allCases)
    func hatching(scheme: Scheme) throws {
        let colours = scheme.colours
        #expect(Self.contrast(try #require(colours["lost"]), try #require(colours["paper"])) >= 3)
    }
}
