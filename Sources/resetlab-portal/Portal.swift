import AgentProtocol
import Foundation
import HTTPTypes
import Hummingbird
import LabPlan
import ManagementAPI
import Report
import ServiceLifecycle
import Synchronization

/// The pages of the portal. Whoever comes by its entrance, whose address has a secret, gets a cookie; nobody else sees or does anything.
///
///     /portal                        every gateway
///     /portal/gateway/RG/NAME        a gateway: instances, checks, reset, health, operations
///     /portal/connection/RG/NAME     a connection: state, bytes, live loss, reset
///     /portal/live/RG/NAME           the gateway's lab, once a second (server-sent events)
final class Portal: Sendable {
    let service: ManagementService
    private let secret: String
    private let ending = Mutex(false)

    private static let cookieName = "resetlab_portal"

    /// nil where the server was given no folder.
    let reports: ReportFolder?

    init(service: ManagementService, secret: String, reports: ReportFolder? = nil) {
        self.service = service
        self.secret = secret
        self.reports = reports
    }

    /// The address that people open first.
    var entrance: String { "\(service.identity.endpoint)/portal?key=\(secret)" }

    func end() { ending.withLock { $0 = true } }
    private var isEnding: Bool { ending.withLock { $0 } }

    // MARK: - Requests

    /// - Returns: nil for what is not the portal's.
    func respond(to request: APIRequest) async -> Response? {
        let segments = request.path.split(separator: "/").map(String.init)
        if segments.isEmpty { return Self.redirect("/portal") }
        guard segments[0] == "portal" else { return nil }
        if let key = request.query["key"] {
            guard isSameSecret(key.utf8, secret.utf8) else { return refusal }
            var response = Self.redirect("/portal")
            response.headers[.setCookie] =
                "\(Self.cookieName)=\(secret); Path=/portal; HttpOnly; SameSite=Strict"
                + (request.isSecure(service.identity) ? "; Secure" : "")
            return response
        }
        guard let cookie = request.cookie(Self.cookieName), isSameSecret(cookie.utf8, secret.utf8) else { return refusal }
        do {
            switch (request.method, segments.count, segments.dropFirst().first) {
            case ("GET", 1, _): return page("Gateways", try await overview())
            case ("GET", 4, "gateway"):
                let lab = try await lab(segments[2], segments[3])
                return page(lab.gatewayName, try await gatewayPage(lab), live: lab)
            case ("GET", 4, "connection"):
                let (lab, index) = try await connection(segments[2], segments[3])
                return page(lab.backend.plan.connections[index].name, try await connectionPage(lab, index), live: lab)
            case ("GET", 4, "live"): return live(try await lab(segments[2], segments[3]))
            case ("GET", 2, "operations"): return page("Operations", await operationsPage())
            case ("GET", 2, "reports"): return page("Reports", reportsPage())
            case ("GET", 2, "report"), ("GET", 3, "report"):
                guard let bytes = reports?.page(named: segments.count > 2 ? segments[2] : "") else {
                    throw APIError(404, "NotFound", "There is no such report.")
                }
                // A report has styles of its own and no scripts: it is allowed the former, and nothing else.
                return Response(
                    status: .ok,
                    headers: [
                        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
                        .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
                    ], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
            case ("POST", 5, "gateway") where segments[4] == "reset":
                let lab = try await lab(segments[2], segments[3])
                try checkOrigin(request)
                try await service.beginGatewayReset(of: lab, address: request.form["address"], key: nil)
                return Self.redirect("/portal/gateway/\(Self.encoded(lab.resourceGroup))/\(Self.encoded(lab.gatewayName))")
            case ("POST", 5, "connection") where segments[4] == "reset":
                let (lab, index) = try await connection(segments[2], segments[3])
                try checkOrigin(request)
                try await service.beginConnectionReset(index, of: lab, key: nil)
                let name = lab.backend.plan.connections[index].name
                return Self.redirect("/portal/connection/\(Self.encoded(lab.resourceGroup))/\(Self.encoded(name))")
            default: throw APIError(404, "NotFound", "There is no such page.")
            }
        } catch let error as APIError {
            return page(
                "Not done", [.tag("h1", [:], .text("Not done")), .tag("p", [:], .text(error.message)), Self.back], status: error.status)
        } catch {
            return page("Not done", [.tag("h1", [:], .text("Not done")), .tag("p", [:], .text("\(error)")), Self.back], status: 500)
        }
    }

    private static let back = Markup.tag("p", [:], .tag("a", ["href": "/portal"], "All gateways"))

    /// A form that another site's page has sent is refused: the cookie does not go along with it (SameSite), and its origin is another.
    private func checkOrigin(_ request: APIRequest) throws {
        let site = request.headers["sec-fetch-site"]
        let origin = request.headers["origin"]
        let own = request.headers["host"].map { host in ["https://\(host)", "http://\(host)"] } ?? []
        guard site == nil || site == "same-origin", origin.map(own.contains) ?? (site == "same-origin") else {
            throw APIError(403, "CrossSiteRequest", "This was asked for by a page of another site, and is refused.")
        }
    }

    private var refusal: Response {
        page(
            "Portal",
            [.tag("h1", [:], "Resetlab"), .tag("p", [:], "Open the address that the server printed when it started: it has a key in it.")],
            status: 403, hasNavigation: false)
    }

    private func lab(_ group: String, _ name: String) async throws -> ManagedLab {
        guard let lab = await service.managedLabs.first(where: { $0.resourceGroup == group && $0.gatewayName == name }) else {
            throw APIError(404, "NotFound", "There is no gateway \(name) in \(group).")
        }
        return lab
    }

    private func connection(_ group: String, _ name: String) async throws -> (ManagedLab, Int) {
        for lab in await service.managedLabs where lab.resourceGroup == group {
            if let index = lab.connectionIndex(named: name) { return (lab, index) }
        }
        throw APIError(404, "NotFound", "There is no connection \(name) in \(group).")
    }

    // MARK: - Live

    /// What the pages show, once a second, until the reader goes or the server ends.
    private func live(_ lab: ManagedLab) -> Response {
        let body = ResponseBody { [self] writer in
            while !isEnding {
                let event: JSONValue
                do {
                    event = LiveStatus.json(try await lab.backend.status(), lab)
                } catch {
                    event = ["failure": .string("\(error)")]
                }
                try await writer.write(ByteBuffer(string: "data: \(String(decoding: event.bytes, as: UTF8.self))\n\n"))
                try await Task.sleep(for: .seconds(1))
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"], body: body)
    }

    // MARK: - Answers

    private func page(
        _ title: String, _ contents: [Markup], live: ManagedLab? = nil, status: Int = 200, hasNavigation: Bool = true
    ) -> Response {
        let nonce = UUID().uuidString.lowercased()
        let navigation = Markup.tag(
            "nav", ["aria-label": "Portal"], .tag("a", ["href": "/portal"], "Gateways"), " ",
            .tag("a", ["href": "/portal/operations"], "Operations"), " ",
            .tag("a", ["href": "/portal/reports"], "Reports"))
        let path = live.map { "/portal/live/\(Self.encoded($0.resourceGroup))/\(Self.encoded($0.gatewayName))" }
        let page = Markup.tag(
            "html", ["lang": "en"],
            .tag(
                "head", [:], .tag("meta", ["charset": "utf-8"]),
                .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .tag("title", [:], .text("\(title) – Resetlab")),
                .tag("style", ["nonce": nonce], .text(PageStyle.sheet + PortalStyle.sheet))),
            .tag(
                "body", ["data-live": path],
                [.tag("main", [:], (hasNavigation ? [navigation] : []) + contents)]
                    + (live == nil ? [] : [.tag("script", ["nonce": nonce], .text(PortalScript.text))])))
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; connect-src 'self'; form-action 'self'; "
            + "frame-ancestors 'none'; base-uri 'none'"
        headers[.xContentTypeOptions] = "nosniff"
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "same-origin" }
        return Response(
            status: .init(code: status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: "<!DOCTYPE html>\n" + page.html + "\n")))
    }

    private static func redirect(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path, .cacheControl: "no-store"])
    }

    static func encoded(_ name: String) -> String { name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? name }
}

/// Ends the live streams when the server is to end: a browser would hold them open for ever.
struct PortalStreams: Service {
    let portal: Portal

    func run() async throws {
        try? await gracefulShutdown()
        portal.end()
    }
}

extension APIRequest {
    func cookie(_ name: String) -> String? {
        headers["cookie"]?.split(separator: ";").lazy.map { $0.trimmingCharacters(in: .whitespaces) }
            .first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// Fields of a form (application/x-www-form-urlencoded).
    var form: [String: String] {
        var fields: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? ""
            }
            fields[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        return fields
    }

    /// Whether it came by https: to the port of the service's own endpoint.
    func isSecure(_ identity: ServiceIdentity) -> Bool { headers["host"].map { identity.endpoint == "https://\($0)" } ?? false }
}
