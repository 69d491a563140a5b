import Foundation
import LabKeeper
import Measurement
import TestRequirements
import Testing

struct HealthFileTests {

    @Test func foldersFollowTheEnvironment() throws {
        func folder(_ environment: [String: String]) throws -> String { try HealthFile.folder(of: "lab") { environment[$0] } }
        #expect(try folder(["RESETLAB_STATE": "/s", "XDG_STATE_HOME": "/x"]) == "/s/lab")
        if getuid() == 0 {
            #expect(try folder(["XDG_STATE_HOME": "/x"]) == "/var/lib/resetlab/lab")
        } else {
            #expect(try folder(["XDG_STATE_HOME": "/x"]) == "/x/resetlab/lab")
            #expect(try folder(["HOME": "/h"]) == "/h/.local/state/resetlab/lab")
        }
    }

    @Test func aLongOrBrokenFileIsReadAndCut() throws {
        let folder = try TemporaryFolder()
        let lines = (0..<1_500).map { time in
            "{\"availability\":\"Available\",\"kind\":\"gateway\",\"reason\":\"r\",\"resource\":\"g\",\"since\":\(time)}\n"
        }
        try folder.file("health.jsonl", lines.joined() + "{\"availability\":\"Avai")
        let file = try HealthFile(folder: folder.path)
        #expect(file.entries.count == 1_000)
        #expect(file.entries.first?.since == 500)
        #expect(file.entries.first?.until == 501)
        #expect(file.entries.last?.until == nil)
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(text.split(separator: "\n").count == 1_000)
    }
}
