/// What the controller and an agent on the host agree on.
public enum HostContract {
    /// Followed by the number of the inherited descriptor that is the stream, a connected socket. The agent ends when the stream ends.
    public static let streamOption = "--stream"
}
