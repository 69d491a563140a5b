import Processes

/// Mininet with as many hosts on one Linux bridge as the lab has nodes, driven by a script of the project's. Its interpreter's start and the
/// loading of its modules do not count.
final class MininetWay: SelfTimedWay {
    let name = "mininet"
    private let script: String
    private let hosts: Int

    init(script: String, hosts: Int) { (self.script, self.hosts) = (script, hosts) }

    func run() throws -> (build: Int64, takeDown: Int64) {
        let text = try Command(script, ["\(hosts)"]).runToEnd(limit: .seconds(1_200)).checked().text
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int64($0) }
        guard numbers.count == 2 else { throw BenchFailure("found '\(text)' from \(script), not two numbers of nanoseconds") }
        return (numbers[0], numbers[1])
    }
}
