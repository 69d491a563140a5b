/// How much memory a guest gets.
public enum GuestMemory {
    private static let least = 512
    private static let most = 4096

    /// In MiB: kernel and agent, the image twice (packed and unpacked while it starts), and what a namespace with its links, neighbours and
    /// associations takes. The kernel sizes its tables by it, so that more costs a little start time (2 GiB: 0.1 s more than 512 MiB), and a
    /// template is good for one size only: hence there are four, 512 MiB to 4 GiB. What a guest does not use takes no memory here.
    ///
    /// - Parameters:
    ///   - nodes: the lab's namespaces.
    ///   - imageSize: in bytes.
    ///   - traces: what the probes' traces take, in bytes. The first 64 MiB are in what every guest has.
    public static func size(nodes: Int, imageSize: Int, traces: Int = 0) -> Int {
        // The agent lets traces take three quarters of what is free.
        let forTraces = min(most, max(0, traces - 64 << 20) >> 20 * 4 / 3)
        let needed = 320 + 2 * max(0, nodes) + 2 * (imageSize >> 20) + forTraces
        var size = least
        while size < min(needed, most) { size *= 2 }
        return size
    }
}
