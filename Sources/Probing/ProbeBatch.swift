import CSocket
import Glibc

/// Room for the probes that one system call takes from a socket (recvmmsg(2)): one for many sockets, and no allocation for any probe.
public final class ProbeBatch {
    /// How many probes at once.
    static let capacity = Int(resetlab_batch_datagrams)

    private let batch: OpaquePointer

    public init() {
        guard let batch = resetlab_batch_make() else { preconditionFailure("no memory for some kilobytes") }
        self.batch = batch
    }

    deinit { free(UnsafeMutableRawPointer(batch)) }

    /// Takes what has arrived at a socket, at most `capacity`, and hands over what are probes, each with the time of its arrival in nanoseconds of
    /// CLOCK_REALTIME. Only a probe's header is read: the kernel drops the rest.
    ///
    /// - Returns: how many packets there were; -1 with `errno` when none could be received.
    func receive(_ descriptor: Int32, _ body: (ProbePacket, Int64) -> Void) -> Int {
        let count = resetlab_batch_receive(batch, descriptor)
        guard count > 0 else { return Int(count) }
        for index in 0..<count {
            var length = 0
            let bytes = resetlab_batch_datagram(batch, index, &length)
            let arrival = resetlab_batch_arrival(batch, index)
            guard arrival != 0, let probe = ProbePacket(UnsafeRawBufferPointer(start: bytes, count: length)) else { continue }
            body(probe, arrival)
        }
        return Int(count)
    }
}
