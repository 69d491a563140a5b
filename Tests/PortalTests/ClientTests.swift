import Glibc
import Processes
import TestRequirements
import Testing

/// The real service's own clients against a server: what they send and expect is theirs to say.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ClientTests {
    /// A client that scripts/clients has installed; the folder is in the environment.
    private static func client(_ variable: String, _ name: String) -> (folder: String, requirement: Requirement) {
        let folder = getenv(variable).map { String(cString: $0) } ?? ""
        return (folder, Requirement(reason: folder.isEmpty ? "\(variable) names no \(name): scripts/clients installs it" : ""))
    }

    static let sdk = client("RESETLAB_CLIENT_SDK", "Python SDK")
    static let az = client("RESETLAB_CLIENT_AZ", "az")

    @Test(.enabled(if: !sdk.folder.isEmpty && RunningPortal.requirement.letTestsRun, "\(sdk.requirement.reason)"))
    func thePythonSDK() throws {
        let portal = try RunningPortal()
        let answer = try portal.ask("GET", portal.http + "/msi/token?resource=x", "-H", "X-IDENTITY-HEADER: x")
        let token = try #require(try portal.object(answer.body)["access_token"] as? String)
        let finished = try Command(
            "\(Self.sdk.folder)/bin/python",
            [Repository.path("Tests/PortalTests/Clients/sdk.py"), portal.https, portal.certificate, RunningPortal.subscription, token]
        ).runToEnd(limit: .seconds(300))
        #expect(finished.status == .exited(0) && finished.text == "done\n", "\(finished.text) \(finished.errorOutput)")
        #expect(try portal.end() == .exited(0))
        #expect(portal.leftovers.isEmpty)
    }

    /// Only where it was asked for (`scripts/test --clients`): az is 700 MB.
    @Test(.enabled(if: !az.folder.isEmpty && RunningPortal.requirement.letTestsRun, "\(az.requirement.reason)"))
    func azItself() throws {
        let portal = try RunningPortal()
        let finished = try Command(
            "bash", [Repository.path("Tests/PortalTests/Clients/az.sh"), "\(portal.folder)/env.sh", portal.https, Self.az.folder]
        ).runToEnd(limit: .seconds(400))
        #expect(finished.status == .exited(0) && finished.text.hasSuffix("done\n"), "\(finished.text) \(finished.errorOutput)")
        #expect(try portal.end() == .exited(0))
        #expect(portal.leftovers.isEmpty)
    }
}
