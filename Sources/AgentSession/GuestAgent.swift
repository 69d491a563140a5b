import AgentProtocol
import GuestKernel

extension GuestMachine: RunningAgent {
    public var consoleText: String { consoleTail }
}

extension [AgentRequest] {
    /// The requests as a guest in virtual time finds them in its window.
    public func job() throws -> [UInt8] { try flatMap { try JSONLines.encode($0) } }
}
