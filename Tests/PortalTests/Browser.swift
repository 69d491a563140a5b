import Foundation
import Glibc
import LinuxKernel
import Processes
import TestRequirements

/// Chromium, driven by its own protocol over a pair of pipes (`--remote-debugging-pipe`: messages of JSON, each with a zero byte behind it).
final class Browser {
    static let requirement = Requirement.program("chromium", package: "chromium")

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let process: ChildProcess
    private let writer: FileDescriptor
    private let reader: FileDescriptor
    private let profile: TemporaryFolder
    private var session: String?
    private var numbers = 0
    private var received: [UInt8] = []

    init(width: Int, height: Int = 900, isDark: Bool = false) throws {
        try Self.requirement.check()
        profile = try TemporaryFolder()
        let (commandReader, commandWriter) = try Pipe().ends()
        let (answerReader, answerWriter) = try Pipe().ends()
        writer = FileDescriptor(owning: commandWriter)
        reader = FileDescriptor(owning: answerReader)
        process = try ChildProcess(
            Command(
                "chromium",
                [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
                    "--user-data-dir=\(profile.path)", "about:blank",
                ]), descriptors: [3: commandReader, 4: answerWriter])
        close(commandReader)
        close(answerWriter)
        let target = try call("Target.createTarget", ["url": "about:blank"])
        let attached = try call("Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
        session = attached["sessionId"] as? String
        _ = try call("Emulation.setDeviceMetricsOverride", ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
        if isDark {
            _ = try call("Emulation.setEmulatedMedia", ["features": [["name": "prefers-color-scheme", "value": "dark"]]])
        }
    }

    deinit {
        process.kill()
    }

    /// Opens a page, and waits until it is there.
    func open(_ url: String) throws {
        _ = try call("Page.navigate", ["url": url])
        try wait("the page \(url)") {
            try evaluate("document.readyState + ' ' + location.href") as? String ?? ""
        } until: {
            $0.hasPrefix("complete ") && !$0.hasSuffix("about:blank")
        }
    }

    /// An expression's value in the page.
    func evaluate(_ expression: String) throws -> Any? {
        let answer = try call("Runtime.evaluate", ["expression": expression, "returnByValue": true])
        return (answer["result"] as? [String: Any])?["value"]
    }

    func press(_ key: String, code: Int) throws {
        for type in ["rawKeyDown", "char", "keyUp"] {
            var event: [String: Any] = ["type": type, "key": key, "windowsVirtualKeyCode": code]
            if key == "Enter" { event["text"] = "\r" }
            if type == "char", key != "Enter" { continue }
            _ = try call("Input.dispatchKeyEvent", event)
        }
    }

    /// - Returns: the value that was awaited.
    @discardableResult
    func wait<Value>(_ what: String, for limit: Duration = .seconds(40), _ value: () throws -> Value, until isRight: (Value) -> Bool) throws
        -> Value
    {
        let deadline = ContinuousClock.now + limit
        while true {
            let found = try value()
            if isRight(found) { return found }
            guard ContinuousClock.now < deadline else { throw Failure(description: "\(what): waited in vain; last: \(found)") }
            usleep(100_000)
        }
    }

    private func call(_ method: String, _ parameters: [String: Any]) throws -> [String: Any] {
        numbers += 1
        var message: [String: Any] = ["id": numbers, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        var bytes = Array(try JSONSerialization.data(withJSONObject: message)) + [0]
        while !bytes.isEmpty {
            let count = write(writer.rawValue, bytes, bytes.count)
            guard count > 0 else { throw Failure(description: "the browser takes no command") }
            bytes.removeFirst(count)
        }
        while true {
            let answer = try next()
            guard answer["id"] as? Int == numbers else { continue }
            if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    private func next() throws -> [String: Any] {
        while true {
            if let end = received.firstIndex(of: 0) {
                let message = received[..<end]
                received.removeSubrange(...end)
                return try JSONSerialization.jsonObject(with: Data(message)) as? [String: Any] ?? [:]
            }
            var ready = pollfd(fd: reader.rawValue, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 60_000) > 0 else { throw Failure(description: "the browser does not answer") }
            var piece = [UInt8](repeating: 0, count: 65_536)
            let count = read(reader.rawValue, &piece, piece.count)
            guard count > 0 else { throw Failure(description: "the browser has ended") }
            received += piece[..<count]
        }
    }
}
