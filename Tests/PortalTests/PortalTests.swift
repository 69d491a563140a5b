import Foundation
import Glibc
import Processes
import TestRequirements
import Testing

/// The server from its start to its end, over its sockets, with a lab in a guest.
@Suite(
    .serialized, .enabled(if: RunningPortal.requirement.letTestsRun, "\(RunningPortal.requirement.reason)"), .timeLimit(.minutes(10)))
struct PortalTests {
    private func token(_ portal: RunningPortal) throws -> String {
        let answer = try portal.ask("GET", portal.http + "/msi/token?resource=x", "-H", "X-IDENTITY-HEADER: x")
        return try #require(try portal.object(answer.body)["access_token"] as? String)
    }

    @Test func servesTheManagementAPIAndLeavesNothing() throws {
        let portal = try RunningPortal()
        let bearer = "Authorization: Bearer \(try token(portal))"
        let gateway = portal.https + RunningPortal.network + "/virtualNetworkGateways/VNet5GW"
        let connection = portal.https + RunningPortal.network + "/connections/VNet5toOffice"

        // The certificate is what clients are told to trust, and the key is nobody else's.
        var status = stat()
        #expect(stat("\(portal.folder)/state/portal/key.pem", &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try portal.ask("GET", gateway).status == 401)
        #expect(try portal.ask("GET", gateway, "-H", bearer).status == 200)
        var ingress = 0
        for _ in 0..<100 where ingress == 0 {
            let properties = try portal.object(portal.ask("GET", connection, "-H", bearer).body)["properties"] as? [String: Any]
            #expect(properties?["connectionStatus"] as? String == "Connected")
            ingress = properties?["ingressBytesTransferred"] as? Int ?? 0
            usleep(100_000)
        }
        #expect(ingress > 0)

        // What no client sends.
        #expect(try portal.ask("GET", portal.https + "/\(String(repeating: "a", count: 9_000))", "-H", bearer).status == 414)
        let large = "\(portal.folder)/large"
        try Data(count: 2 << 20).write(to: URL(filePath: large))
        #expect(try portal.ask("PUT", connection, "-H", bearer, "--data-binary", "@\(large)").status == 413)
        let nonsense = try portal.ask("PUT", connection, "-H", bearer, "--data-binary", "{\"properties\":")
        #expect(nonsense.status == 400 && nonsense.body.contains("InvalidRequestFormat"))

        // A wrong key takes the connection down, the right one brings it back.
        func write(_ key: String) throws {
            let answer = try portal.ask(
                "PUT", connection + "/sharedkey", "-H", bearer, "-H", "Content-Type: application/json", "-d", "{\"value\":\"\(key)\"}")
            #expect(answer.status == 201)
        }
        func awaitState(_ isRight: (String?) -> Bool) throws {
            for _ in 0..<300 {
                let properties = try portal.object(portal.ask("GET", connection, "-H", bearer).body)["properties"] as? [String: Any]
                if isRight(properties?["connectionStatus"] as? String) { return }
                usleep(100_000)
            }
            Issue.record("the connection's state does not change")
        }
        try write("not that one Qx7731vX")
        try awaitState { $0 != "Connected" }
        try write(RunningPortal.key)
        try awaitState { $0 == "Connected" }

        // The gateway's reset, as az polls it.
        let accepted = try portal.ask("POST", gateway + "/reset?gatewayVip=None", "-H", bearer)
        #expect(accepted.status == 202)
        #expect(try portal.ask("POST", gateway + "/reset", "-H", bearer).status == 409)
        let location = try #require(accepted.headers.firstMatch(of: /(?i)location: (\S+)/)).1
        var result = try portal.ask("GET", String(location), "-H", bearer)
        for _ in 0..<120 where result.status == 202 {
            sleep(1)
            result = try portal.ask("GET", String(location), "-H", bearer)
        }
        #expect(result.status == 200 && result.body.contains("VNet5GW"))
        let health = try portal.ask(
            "GET", gateway + "/providers/Microsoft.ResourceHealth/availabilityStatuses", "-H", bearer)
        #expect(health.body.contains("Customer Initiated"))

        // No key in anything that was said but the documented read.
        #expect(try portal.ask("GET", connection + "/sharedkey", "-H", bearer).body.contains(RunningPortal.key))
        for text in [portal.output, portal.errors, health.body, try portal.ask("GET", connection, "-H", bearer).body] {
            #expect(!text.contains("Qx7731v"))
        }
        #expect(try String(contentsOfFile: "\(portal.folder)/env.sh", encoding: .utf8).contains("REQUESTS_CA_BUNDLE="))

        #expect(try portal.end() == .exited(0), "\(portal.errors)")
        #expect(portal.leftovers.isEmpty)
    }

    @Test func thePortalIsForWhoeverHasItsKeyAndForNoOtherSite() throws {
        let portal = try RunningPortal()
        let reset = portal.http + "/portal/gateway/TestRG5/VNet5GW/reset"
        #expect(try portal.ask("GET", portal.http + "/portal").status == 403)
        #expect(try portal.ask("GET", portal.http + "/portal?key=00000000000000000000000000000000").status == 403)
        let entered = try portal.ask("GET", portal.entrance)
        #expect(entered.status == 303)
        let cookie = String(try #require(entered.headers.firstMatch(of: /(?i)set-cookie: ([^;]*);(.*)/)).1)
        #expect(entered.headers.contains("HttpOnly; SameSite=Strict"))
        #expect(try portal.ask("POST", reset).status == 403)
        #expect(try portal.ask("POST", reset, "-b", cookie).status == 403)
        #expect(try portal.ask("POST", reset, "-b", cookie, "-H", "Origin: https://example.org").status == 403)
        #expect(
            try portal.ask("POST", reset, "-b", cookie, "-H", "Origin: \(portal.http)", "-H", "Sec-Fetch-Site: cross-site").status == 403)
        let page = try portal.ask("GET", portal.http + "/portal/gateway/TestRG5/VNet5GW", "-b", cookie)
        #expect(
            page.status == 200 && page.body.contains("Both sides of every connection")
                || page.body.contains("both sides of every connection"))
        #expect(page.headers.lowercased().contains("content-security-policy: default-src 'none'"))
        #expect(!page.body.contains("http://") && !page.body.contains("src="))
        #expect(try portal.ask("GET", portal.http + "/portal/gateway/TestRG5/nope", "-b", cookie).status == 404)
        let list = try portal.ask("GET", portal.http + "/portal/reports", "-b", cookie)
        #expect(list.body.contains("href=\"/portal/report/monday\""))
        let report = try portal.ask("GET", portal.http + "/portal/report/monday", "-b", cookie)
        #expect(report.status == 200 && report.body.contains("Measured downtime") && report.headers.contains("sandbox"))
        for other in ["nowhere", "..", "%2e%2e%2fstate%2fportal", "monday%2f..%2f..%2fenv.sh"] {
            #expect(try portal.ask("GET", portal.http + "/portal/report/" + other, "-b", cookie, "--path-as-is").status == 404)
        }
        let operations = try portal.ask("GET", portal.http + "/portal/operations", "-b", cookie)
        #expect(operations.body.contains("none yet"))
        #expect(try portal.ask("POST", reset, "-b", cookie, "-H", "Origin: \(portal.http)").status == 303)
        #expect(try portal.ask("GET", portal.http + "/portal/operations", "-b", cookie).body.contains("reset of VNet5GW"))
        #expect(try portal.end() == .exited(0), "\(portal.errors)")
        #expect(portal.leftovers.isEmpty)
    }

    @Test(.enabled(if: Browser.requirement.letTestsRun, "\(Browser.requirement.reason)"))
    func someoneClicksResetAndSeesTheLossComeAndGo() throws {
        let portal = try RunningPortal()
        let browser = try Browser(width: 390)
        try browser.open(portal.entrance)
        #expect(try browser.evaluate("document.title") as? String == "Gateways – Resetlab")
        // A second page watches the connection, as a person would in another window.
        let watcher = try Browser(width: 1_280, isDark: true)
        try watcher.open(portal.entrance)
        try watcher.open(portal.http + "/portal/connection/TestRG5/VNet5toOffice")
        let now = "Number(document.querySelector('[data-graph]').dataset.now ?? -1)"
        try watcher.wait("the first reading") {
            try watcher.evaluate(now) as? Int ?? -1
        } until: {
            $0 == 0
        }

        try browser.open(portal.http + "/portal/gateway/TestRG5/VNet5GW")
        for page in [browser, watcher] {
            #expect(try page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth") as? Bool == true)
        }
        #expect(try watcher.evaluate("getComputedStyle(document.body).backgroundColor") as? String == "rgb(21, 24, 28)")
        // By the keyboard: the button takes the focus, and Enter.
        _ = try browser.evaluate("document.querySelector('form button').focus()")
        try browser.press("Enter", code: 13)
        try browser.wait("the reset under way") {
            try browser.evaluate("document.querySelector('[data-notice]')?.textContent") as? String ?? ""
        } until: {
            $0.contains("reset of gateway-0")
        }
        try watcher.wait("the loss") {
            try watcher.evaluate(now) as? Int ?? -1
        } until: {
            $0 > 20
        }
        try watcher.wait("the loss's end") {
            try watcher.evaluate(now) as? Int ?? -1
        } until: {
            $0 == 0
        }
        #expect(try watcher.evaluate("document.querySelector('[data-status]').textContent") as? String == "Connected")
        #expect(try (watcher.evaluate("document.querySelector('[data-line=toSite]').getAttribute('points').length") as? Int ?? 0) > 20)
        try browser.wait("the other instance") {
            try browser.evaluate("document.querySelector('[data-instance=\"gateway-1\"]').textContent") as? String ?? ""
        } until: {
            $0 == "active"
        }
        #expect(try portal.end() == .exited(0), "\(portal.errors)")
        #expect(portal.leftovers.isEmpty)
    }

    @Test func whatCannotBeServedIsToldAndLeavesNothing() throws {
        try RunningPortal.requirement.check()
        let program = Repository.path(".build/debug/resetlab-portal")
        let state = try TemporaryFolder()
        let environment = ["RESETLAB_CONTROLLER": Product.path("resetlab"), "RESETLAB_STATE": state.path]
        for (arguments, found) in [
            ([], "Missing expected argument"), (["/nowhere.yaml"], "/nowhere.yaml cannot be read"),
            (["x.yaml", "--https-port", "70000"], "--https-port: found 70000; allowed: 0 to 65535"),
            (["x.yaml", "--listen", "elsewhere"], "--listen: found elsewhere; allowed: an IP address"),
            ([Repository.path("README.md"), "--http-port", "0", "--https-port", "0"], "is not used, nothing was built"),
        ] {
            let finished = try Command(program, arguments, environment: environment).runToEnd(limit: .seconds(60))
            #expect(finished.status == .exited(2), "\(arguments)")
            #expect(finished.errorOutput.contains(found), "\(arguments): \(finished.errorOutput)")
        }
    }
}
