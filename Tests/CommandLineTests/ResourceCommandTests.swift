import Foundation
import Processes
import TestRequirements
import Testing

/// `resetlab import`, `export` and `serve` as their users call them.
@Suite(.enabled(if: Controller.requirement.letTestsRun, "\(Controller.requirement.reason)"), .timeLimit(.minutes(10)))
struct ResourceCommandTests {
    private let folder: TemporaryFolder
    private let topology = Repository.path("topologies/single-site.yaml")

    init() throws { folder = try TemporaryFolder() }

    @Test func thereAndBackAgain() throws {
        let template = "\(folder.path)/template.json"
        #expect(try Controller.run("export", topology, "-o", template).status == .exited(0))
        let connection = try #require(
            try String(contentsOfFile: template, encoding: .utf8).firstMatch(of: /The pre-shared key of (.*)\./).map { String($0.1) })
        let key = try folder.file("key", "a key from a file\n")
        let imported = "\(folder.path)/imported.yaml"
        let fromFile = try Controller.run("import", template, "--key", "\(connection)=\(key)", "-o", imported)
        #expect(fromFile.status == .exited(0), "\(fromFile.errorOutput)")
        #expect(try String(contentsOfFile: imported, encoding: .utf8).contains("preSharedKey: \"a key from a file\""))
        #expect(try Controller.run("check", imported).status == .exited(0))
        let fromEnvironment = try Controller.run(
            "import", template, "--key-env", "\(connection)=SECRET_OF_IT", environment: ["SECRET_OF_IT": "hush"])
        #expect(fromEnvironment.text.contains("preSharedKey: \"hush\""))
        let resources = try Controller.run("export", topology, "--form", "resources")
        #expect(resources.text.contains("\"virtualNetworkGateways\""))
    }

    @Test func whatHasKeysIsForItsOwnerAlone() throws {
        let template = "\(folder.path)/template.json"
        #expect(try Controller.run("export", topology, "-o", template).status == .exited(0))
        // As an editor of another system writes it.
        let key = try folder.file("key", "hush\r\n")
        let imported = "\(folder.path)/imported.yaml"
        #expect(try Controller.run("import", template, "--key", "OFFICE=\(key)", "-o", imported).status == .exited(0))
        #expect(try String(contentsOfFile: imported, encoding: .utf8).contains("preSharedKey: \"hush\"\n"))
        let attributes = try FileManager.default.attributesOfItem(atPath: imported)
        #expect((attributes[.posixPermissions] as? Int) == 0o600)
        // A key in the place of its variable's name is not shown, and what was there stays.
        let mistaken = try Controller.run("import", template, "--key-env", "office=hush-hush", "-o", imported)
        #expect(mistaken.status == .exited(2))
        #expect(mistaken.errorOutput.contains("the environment has no variable") && !mistaken.errorOutput.contains("hush"))
        #expect(try String(contentsOfFile: imported, encoding: .utf8).contains("preSharedKey: \"hush\"\n"))
    }

    @Test func badInput() throws {
        let template = "\(folder.path)/template.json"
        #expect(try Controller.run("export", topology, "-o", template).status == .exited(0))
        let cut = try folder.file("cut.json", String(String(contentsOfFile: template, encoding: .utf8).prefix(700)))
        for (arguments, found) in [
            ([template], "--key-env"), ([cut], "found no JSON, or only a part of it"), (["/nowhere.json"], "No such file"),
            ([template, "--key", "x"], "--key: found no \"=\""),
            ([template, "--key-env", "c=NOT_IN_THE_ENVIRONMENT"], "the environment has no"),
            ([template, "--without-keys", "--key", "nowhere=\(template)"], "found a key for nowhere, which is no connection"),
            ([template, "--key", "office=\(template)", "--key", "Office=\(template)"], "the key of Office is given twice"),
            ([template, "--without-keys", "-o", "/nowhere/x.yaml"], "/nowhere/x.yaml cannot be written"),
            ([Repository.path("docs/report.example.json")], "found no gateway"), ([], "Missing expected argument"),
        ] {
            let finished = try Controller.command(["import"] + arguments).runToEnd()
            #expect(finished.status == .exited(2), "\(arguments)")
            #expect(finished.errorOutput.contains(found), "\(arguments): \(finished.errorOutput)")
            #expect(finished.output.isEmpty)
        }
        #expect(try Controller.run("export", "/nowhere.yaml").status == .exited(2))
        #expect(try Controller.run("export", "--lab", "nope").errorOutput.contains("nope"))
        for arguments in [["export"], ["export", topology, "--lab", "x"]] {
            let finished = try Controller.command(arguments).runToEnd()
            #expect(finished.status == .exited(2) && finished.errorOutput.contains("allowed: a topology file, or --lab"))
        }
        for option in ["--resource-group", "--subscription", "--location"] {
            let finished = try Controller.run("export", topology, option, "a/b")
            #expect(finished.status == .exited(2) && finished.output.isEmpty)
            #expect(finished.errorOutput.contains("\(option): found \"a/b\""))
        }
        #expect(try Controller.run("reset", "classic-gateway", "--vnet-name", "Group of four words").status == .exited(2))
    }
}
