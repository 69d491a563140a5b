import AgentProtocol
import GuestKernel

extension GuestMachine: RunningAgent {
    public var consoleText: String { consoleTail }
}

extension [AgentRequest] {
    /// The requests as the file in which a guest in virtual time finds them.
    public func job() throws -> [GuestFile] {
        [GuestFile(path: GuestContract.requests, contents: try flatMap { try JSONLines.encode($0) })]
    }
}
