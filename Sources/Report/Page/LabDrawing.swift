/// Who was there: sites, internet, the gateway's two instances and the virtual network, drawn.
struct LabDrawing {
    let lab: RehearsalReport.Lab

    /// More sites than these are a number.
    private static let sitesShown = 8
    private static let rowHeight = 46

    var svg: Markup {
        let sites = lab.sites.prefix(Self.sitesShown)
        let rows = max(sites.count + (lab.sites.count > sites.count ? 1 : 0), 3)
        let height = rows * Self.rowHeight + 30
        let middle = height / 2
        var parts: [Markup] = []
        for (row, site) in sites.enumerated() {
            let y = 20 + row * Self.rowHeight
            parts.append(line(170, y + 18, 250, middle))
            parts.append(box(10, y, 160, 38, [site.name, site.address]))
        }
        if lab.sites.count > sites.count {
            parts.append(text("and \(lab.sites.count - sites.count) more sites", 14, 20 + sites.count * Self.rowHeight + 22))
        }
        parts.append(
            .tag("ellipse", ["cx": "300", "cy": "\(middle)", "rx": "52", "ry": "30", "fill": "var(--panel)", "stroke": "var(--rest)"]))
        parts.append(text("internet", 300, middle + 4, anchor: "middle"))
        for (index, instance) in lab.instances.enumerated() {
            let y = middle + (index == 0 ? -62 : 24)
            parts.append(line(352, middle, 400, y + 19))
            parts.append(line(530, y + 19, 580, middle))
            let role = lab.isActiveActive ? instance.addresses.joined(separator: ", ") : index == 0 ? "active at first" : "standby at first"
            parts.append(box(400, y, 130, 38, [instance.name, role]))
        }
        parts.append(text(lab.gateway, 465, middle - 74, anchor: "middle", isBold: true))
        if !lab.isActiveActive {
            parts.append(text(lab.addresses.joined(separator: ", "), 465, middle + 5, anchor: "middle", isBold: true))
        }
        parts.append(box(580, middle - 19, 150, 38, ["virtual network", lab.prefixes.prefix(2).joined(separator: ", ")]))
        return .tag(
            "svg",
            [
                "class": "drawing", "viewBox": "0 0 740 \(height)", "role": "img",
                "aria-label": "\(lab.sites.count) sites, connected over the internet to the gateway \(lab.gateway) with two instances",
            ], parts)
    }

    private func box(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ lines: [String]) -> Markup {
        .group(
            [
                .tag(
                    "rect",
                    [
                        "x": "\(x)", "y": "\(y)", "width": "\(width)", "height": "\(height)", "rx": "4", "fill": "var(--panel)",
                        "stroke": "var(--rest)",
                    ])
            ]
                + lines.enumerated().map { index, line in
                    text(line, x + 8, y + 16 + index * 15, isBold: index == 0, isSoft: index > 0, width: width - 16)
                })
    }

    private func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int) -> Markup {
        .tag("line", ["x1": "\(x1)", "y1": "\(y1)", "x2": "\(x2)", "y2": "\(y2)", "stroke": "var(--rest)", "stroke-width": "1.5"])
    }

    /// - Parameter width: a text that would be wider is cut, its whole in a title.
    private func text(
        _ content: String, _ x: Int, _ y: Int, anchor: String? = nil, isBold: Bool = false, isSoft: Bool = false, width: Int? = nil
    ) -> Markup {
        let characters = width.map { $0 / 7 } ?? .max
        let isCut = content.displayWidth > characters
        let shown = isCut ? String(content.prefix(max(characters - 1, 1))) + "…" : content
        return .tag(
            "text",
            [
                "x": "\(x)", "y": "\(y)", "text-anchor": anchor, "font-weight": isBold ? "600" : nil, "class": isSoft ? "soft" : nil,
            ], [.text(shown)] + (isCut ? [.tag("title", [:], .text(content))] : []))
    }
}
