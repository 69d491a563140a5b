import AgentProtocol
import Foundation
import LabPlan
import ManagementAPI
import Measurement
import Preflight
import Report

// What the pages hold.

extension Portal {
    func overview() async throws -> [Markup] {
        var rows: [[Markup]] = []
        for lab in await service.managedLabs {
            let status = try await lab.backend.status()
            let connections = lab.connections(of: status)
            let connected = connections.count { $0.serviceStatus == "Connected" }
            let active = status.instances.filter { $0.state == "active" }.map(\.name).joined(separator: ", ")
            rows.append([
                .tag("a", ["href": Self.path("gateway", lab, lab.gatewayName)], .text(lab.gatewayName)), .text(lab.resourceGroup),
                .text(active.isEmpty ? "none" : active), .text("\(connected) of \(connections.count)"),
                .text(status.underWay.joined(separator: "; ")),
            ])
        }
        return [
            .tag("h1", [:], "Gateways"),
            Self.table(
                "Each is a lab that this server has started", ["Gateway", "Resource group", "Active instance", "Connected", "Under way"],
                rows),
        ]
    }

    func gatewayPage(_ lab: ManagedLab) async throws -> [Markup] {
        let status = try await lab.backend.status()
        let plan = lab.backend.plan
        let checks = try await (lab.backend as? LabConnection)?.checks() ?? []
        let differing = checks.filter { !$0.differences.isEmpty }
        let rows = lab.connections(of: status).map { connection -> [Markup] in
            [
                .tag("a", ["href": Self.path("connection", lab, connection.name)], .text(connection.name)), .text(connection.site),
                .tag(
                    "span", ["class": "state \(connection.serviceStatus)", "data-status": connection.name], .text(connection.serviceStatus)),
                .tag("span", ["data-ingress": connection.name], .text(LiveStatus.bytes(connection, .toGateway))),
                .tag("span", ["data-egress": connection.name], .text(LiveStatus.bytes(connection, .toSite))),
                .tag("span", ["data-togateway": connection.name], .text(LiveStatus.lossText(connection, .toGateway))),
                .tag("span", ["data-tosite": connection.name], .text(LiveStatus.lossText(connection, .toSite))),
            ]
        }
        return [
            .tag("h1", [:], .text(lab.gatewayName)),
            .tag(
                "p", ["class": "soft"],
                .text(
                    "\(lab.resourceGroup); \(plan.topology), seed \(plan.seed); \(plan.gateway.isActiveActive ? "active-active" : "active-standby")"
                )),
            Self.notice(status), instances(status, plan), .tag("h2", [:], "Reset"), precheck(differing), resetForm(lab, status),
            .tag("h2", [:], "Connections"),
            Self.table(
                "Bytes as the SAs in use have counted them, seen from the gateway; loss of the last seconds",
                ["Connection", "Site", "State", "In", "Out", "Lost to gateway", "Lost to site"], rows),
            .tag("h2", [:], "Health"), try await healthTable(lab, .gateway, lab.gatewayName), .tag("h2", [:], "Operations"),
            await operations(),
        ]
    }

    func connectionPage(_ lab: ManagedLab, _ index: Int) async throws -> [Markup] {
        let status = try await lab.backend.status()
        let plan = lab.backend.plan.connections[index]
        let connection = status.connections[index]
        let tunnels = connection.tunnels.map { tunnel -> [Markup] in
            [
                .text(tunnel.gatewayAddress), .text(tunnel.instance ?? "no instance"), .text(tunnel.state.rawValue),
                .text(tunnel.age.map { "\($0 / 1_000_000_000) s" } ?? "–"),
                .text(tunnel.associations.map { "\($0.direction == .toGateway ? "in" : "out") \($0.spi)" }.joined(separator: ", ")),
                .text(tunnel.failure ?? ""),
            ]
        }
        return [
            .tag("h1", [:], .text(plan.name)),
            .tag(
                "p", ["class": "soft"], .text("\(connection.site), \(plan.siteAddress.description) – "),
                .tag("a", ["href": Self.path("gateway", lab, lab.gatewayName)], .text(lab.gatewayName))), Self.notice(status),
            .tag(
                "p", ["role": "status"], "State: ",
                .tag("span", ["class": "state \(connection.serviceStatus)", "data-status": plan.name], .text(connection.serviceStatus)),
                "; in ", .tag("span", ["data-ingress": plan.name], .text(LiveStatus.bytes(connection, .toGateway))), ", out ",
                .tag("span", ["data-egress": plan.name], .text(LiveStatus.bytes(connection, .toSite)))),
            .tag(
                "form", ["method": "post", "action": Self.path("connection", lab, plan.name) + "/reset"],
                .tag("button", ["class": "danger", "type": "submit"], "Reset connection")),
            .tag("h2", [:], "Lost probes"),
            .tag(
                "ul", ["class": "key"], .tag("li", [:], Self.swatch("var(--one)"), "to gateway (solid)"),
                .tag("li", [:], Self.swatch("var(--lost)"), "to site (dashed)"), .tag("li", [:], "0 to 100 %, the last two minutes")),
            graph(plan.name),
            .tag("h2", [:], "Tunnels"),
            Self.table("As both ends have them", ["Gateway's address", "At", "State", "For", "SPIs at the gateway", "Why not"], tunnels),
            .tag("h2", [:], "Health"), try await healthTable(lab, .connection, plan.name),
        ]
    }

    func operationsPage() async -> [Markup] { [.tag("h1", [:], "Operations"), await operations()] }

    func reportsPage() -> [Markup] {
        let rows = (reports?.entries ?? []).map { entry -> [Markup] in
            let path = "/portal/report" + (entry.name.isEmpty ? "" : "/" + Self.encoded(entry.name))
            return [
                .tag("a", ["href": path], .text(entry.name.isEmpty ? "report.html" : entry.name)),
                .text(Self.time(Int64(entry.writtenAt.timeIntervalSince1970) * 1_000_000_000)),
            ]
        }
        let remark: Markup =
            reports == nil
            ? .tag("p", [:], "The server was given no folder: --reports names one that resetlab rehearse --report-dir has written to.")
            : .group([])
        return [
            .tag("h1", [:], "Reports"), remark, Self.table("Measured downtime, the newest first, in UTC", ["Report", "Written"], rows),
        ]
    }

    // MARK: - Parts

    private static func notice(_ status: LabStatus) -> Markup {
        .tag(
            "p", ["class": "notice", "data-notice": "", "role": "status", "aria-live": "polite"],
            status.underWay.isEmpty ? [] : [.text("Under way: " + status.underWay.joined(separator: "; "))])
    }

    private func instances(_ status: LabStatus, _ plan: LabPlan) -> Markup {
        .tag(
            "div", ["class": "instances", "role": "group", "aria-label": "The gateway's instances, and who holds its addresses"],
            status.instances.map { instance in
                .tag(
                    "div", ["class": "instance"], .tag("b", [:], .text(instance.name)), " ",
                    .tag("span", ["class": "state \(instance.state)", "data-instance": instance.name], .text(instance.state)),
                    .tag(
                        "div", ["class": "soft", "data-addresses": instance.name],
                        .text(instance.addresses.isEmpty ? "holds no address" : instance.addresses.joined(separator: ", "))))
            })
    }

    private func precheck(_ differing: [ConnectionCheck]) -> Markup {
        guard !differing.isEmpty else {
            return .tag("p", [:], "Checked before: both sides of every connection agree on addresses, keys, algorithms and selectors.")
        }
        return .tag(
            "div", ["class": "notice"],
            .tag("p", [:], "Both sides of these connections differ; a reset will not bring them back:"),
            .tag(
                "ul", [:],
                differing.map { check in
                    .tag(
                        "li", [:],
                        .text(
                            "\(check.connection): "
                                + check.differences.map { "\($0.name) (\($0.site) at the site, \($0.gateway) at the gateway)" }.joined(
                                    separator: "; ")))
                }))
    }

    private func resetForm(_ lab: ManagedLab, _ status: LabStatus) -> Markup {
        let addresses = lab.backend.plan.gateway.isActiveActive ? lab.backend.plan.gateway.instances : []
        let choice: [Markup] =
            addresses.isEmpty
            ? []
            : [
                .tag("label", ["for": "address"], "Instance:"),
                .tag(
                    "select", ["id": "address", "name": "address"],
                    addresses.map { instance in
                        .tag(
                            "option", ["value": instance.addresses.first?.description ?? ""],
                            .text("\(instance.name), \(instance.addresses.map(\.description).joined(separator: ", "))"))
                    }),
            ]
        let active = status.instances.first { $0.state == "active" }?.name
        let remark = addresses.isEmpty ? active.map { "\($0) is active now and restarts." } ?? "No instance is active now." : ""
        return .tag(
            "form", ["method": "post", "action": Self.path("gateway", lab, lab.gatewayName) + "/reset"],
            choice + [
                .tag("button", ["class": "danger", "type": "submit"], "Reset gateway"), .tag("span", ["class": "soft"], .text(remark)),
            ])
    }

    private func graph(_ name: String) -> Markup {
        func line(_ direction: String, _ colour: String, _ dash: String?) -> Markup {
            .tag(
                "polyline",
                [
                    "data-line": direction, "fill": "none", "stroke": colour, "stroke-width": "2.5", "stroke-dasharray": dash,
                    "vector-effect": "non-scaling-stroke", "points": "",
                ])
        }
        return .tag(
            "svg",
            [
                "class": "graph", "data-graph": name, "viewBox": "0 0 1000 100", "preserveAspectRatio": "none", "role": "img",
                "aria-label": "Lost probes of the last two minutes; drawn while this page is open",
            ], line("toGateway", "var(--one)", nil), line("toSite", "var(--lost)", "6 4"))
    }

    private func healthTable(_ lab: ManagedLab, _ kind: HealthEntry.Kind, _ name: String) async throws -> Markup {
        let entries = try await lab.backend.health().filter { $0.kind == kind && $0.resource == name }.suffix(30).reversed()
        let rows = entries.map { entry -> [Markup] in
            [
                .text(Self.time(entry.since)),
                .tag("span", ["class": "state \(entry.availability.rawValue)"], .text(entry.availability.rawValue)),
                .text(entry.cause.map { $0 == .userInitiated ? "user" : "platform" } ?? ""), .text(entry.reason),
            ]
        }
        return Self.table("The newest first, in UTC", ["Since", "State", "Begun by", "Reason"], rows)
    }

    private func operations() async -> Markup {
        let rows = await service.operations.prefix(30).map { operation -> [Markup] in
            let length = operation.endedAt.map { "\(($0 - operation.startedAt) / 1_000_000_000) s" } ?? ""
            return [
                .text(operation.title), .text(Self.time(operation.startedAt)),
                .tag("span", ["class": "state \(operation.status)"], .text(operation.status)),
                .text(length), .text(operation.failure ?? ""),
            ]
        }
        return Self.table("The newest first, in UTC", ["Operation", "Begun", "Status", "Took", "Why not"], Array(rows))
    }

    private static func time(_ nanoseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000) / 1_000).formatted(.iso8601).replacing("T", with: " ").replacing(
            "Z", with: "")
    }

    private static func swatch(_ colour: String) -> Markup {
        .tag("svg", ["viewBox": "0 0 10 10", "aria-hidden": "true"], .tag("rect", ["width": "10", "height": "10", "fill": colour]))
    }

    private static func path(_ kind: String, _ lab: ManagedLab, _ name: String) -> String {
        "/portal/\(kind)/\(encoded(lab.resourceGroup))/\(encoded(name))"
    }

    static func table(_ caption: String, _ columns: [String], _ rows: [[Markup]]) -> Markup {
        let body: [Markup] = rows.map { row in
            .tag(
                "tr", [:], row.enumerated().map { $0.offset == 0 ? .tag("th", ["scope": "row"], $0.element) : .tag("td", [:], $0.element) })
        }
        return .tag(
            "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
            .tag(
                "table", [:], .tag("caption", [:], .text(rows.isEmpty ? caption + ": none yet" : caption)),
                .tag("thead", [:], .tag("tr", [:], columns.map { .tag("th", ["scope": "col"], .text($0)) })), .tag("tbody", [:], body)))
    }
}
