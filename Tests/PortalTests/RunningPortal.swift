import Foundation
import Glibc
import LinuxKernel
import Processes
import TestRequirements

/// The server with one lab in a guest, as a user starts it.
final class RunningPortal {
    private let files: TemporaryFolder
    var folder: String { files.path }
    let process: ChildProcess
    let http: String
    let https: String
    /// The portal's entrance, by plain http.
    let entrance: String
    var certificate: String { "\(folder)/state/portal/certificate.pem" }
    private let environment: [String: String]

    static let requirement = Requirement.all([
        .guest, .product("resetlab"), .product("resetlab-agent"), .program("curl", package: "curl"),
        Requirement(reason: access(program, X_OK) == 0 ? "" : "there is no \(program)"),
    ])
    /// Built with the tests.
    private static let program = Repository.path(".build/debug/resetlab-portal")

    static let subscription = "00000000-0000-0000-0000-000000000001"
    static let network = "/subscriptions/\(subscription)/resourceGroups/TestRG5/providers/Microsoft.Network"
    static let key = "an unlikely key Qx7731vW"

    static let topology = """
        resetlab: 1
        name: portal-test
        gateway:
          name: VNet5GW
          addresses: [203.0.113.10]
          prefixes: [10.1.0.0/16]
          timing: {profile: instant, detection: 3s, takeover: 3s}
        sites:
          - name: office
            address: 198.51.100.10
            prefixes: [10.20.0.0/16]
            connection: {name: VNet5toOffice, preSharedKey: "\(key)"}

        """

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Waits until it serves.
    init() throws {
        try Self.requirement.check()
        files = try TemporaryFolder()
        let folder = files.path
        try FileManager.default.createDirectory(atPath: "\(folder)/reports/monday", withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: Repository.path("docs/report.example.html"), toPath: "\(folder)/reports/monday/report.html")
        let topology = try files.file("portal-test.yaml", Self.topology)
        environment = [
            "RESETLAB_RUN": "\(folder)/run", "RESETLAB_STATE": "\(folder)/state", "RESETLAB_CONTROLLER": Product.path("resetlab"),
        ]
        let (output, errors) = (try Self.open("\(folder)/output"), try Self.open("\(folder)/errors"))
        process = try ChildProcess(
            Command(
                Self.program,
                [
                    topology, "--resource-group", "TestRG5", "--backend", "guest", "--https-port", "0", "--http-port", "0", "--rate", "20",
                    "--env-file", "\(folder)/env.sh", "--reports", "\(folder)/reports",
                ], environment: environment), descriptors: [1: output, 2: errors])
        close(output)
        close(errors)
        let text = try Self.awaitText(of: "\(folder)/output", errors: "\(folder)/errors", process)
        func found(_ pattern: Regex<(Substring, Substring)>) throws -> String {
            guard let match = text.firstMatch(of: pattern) else { throw Failure(description: "the server printed: \(text)") }
            return String(match.1)
        }
        https = try found(/The API is at (https:\S+)/)
        http = try found(/and (http:\S+);/)
        entrance = http + (try found(/https:\S+(\/portal\?key=\S+)/))
    }

    private static func open(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(description: "\(path) cannot be made") }
        return descriptor
    }

    private static func awaitText(of output: String, errors: String, _ process: ChildProcess) throws -> String {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            if text.contains("vnet-gateway reset") { return text }
            if let status = process.reap() {
                throw Failure(description: "it ended with \(status): \((try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")")
            }
            usleep(50_000)
        }
        throw Failure(description: "it does not serve after two minutes")
    }

    var errors: String { (try? String(contentsOfFile: "\(folder)/errors", encoding: .utf8)) ?? "" }
    var output: String { (try? String(contentsOfFile: "\(folder)/output", encoding: .utf8)) ?? "" }

    /// Everything that is left of it, in words; empty for nothing.
    var leftovers: [String] {
        let labs = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/run/labs")) ?? []
        return labs.map { "lab \($0)" }
    }

    /// Ends it as a service manager does.
    func end() throws -> ExitStatus {
        process.signal(SIGTERM)
        guard let status = process.wait(for: .seconds(60)) else {
            process.kill()
            throw Failure(description: "it does not end within a minute")
        }
        return status
    }

    deinit {
        process.kill()
        _ = try? Command(Product.path("resetlab"), ["down", "--all"], environment: environment).runToEnd(limit: .seconds(60))
    }

    /// Asks by curl.
    ///
    /// - Returns: the status, the header lines, and the body.
    func ask(_ method: String, _ url: String, _ more: String...) throws -> (status: Int, headers: String, body: String) {
        let arguments = ["-sS", "-i", "-X", method, "--cacert", certificate, "--max-time", "60"] + more + [url]
        let finished = try Command("curl", arguments).runToEnd(limit: .seconds(90))
        let text = String(decoding: finished.output, as: UTF8.self)
        let parts = text.components(separatedBy: "\r\n\r\n")
        guard let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Failure(description: "curl: \(finished.errorOutput)")
        }
        return (status, parts[0], parts.dropFirst().joined(separator: "\r\n\r\n"))
    }

    func object(_ text: String) throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw Failure(description: "no JSON object: \(text)")
        }
        return object
    }
}
