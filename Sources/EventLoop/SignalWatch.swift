import CSocket
import Glibc
import LinuxKernel

/// Signals that are read instead of ending the process (signalfd(2)).
public final class SignalWatch {
    private let descriptor: FileDescriptor
    private var before = sigset_t()

    public init(_ signals: [Int32]) throws {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, &before)
        let raw = signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        guard raw >= 0 else {
            let error = Errno.last
            pthread_sigmask(SIG_SETMASK, &before, nil)
            throw SystemCallError("signalfd", "signals", error)
        }
        descriptor = FileDescriptor(owning: raw)
    }

    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// The number of a signal that has come, if one has.
    public func next() -> Int32? {
        var information = signalfd_siginfo()
        guard read(descriptor.rawValue, &information, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size else {
            return nil
        }
        return Int32(information.ssi_signo)
    }

    /// Lets the signals do again what they did before.
    public func restore() { pthread_sigmask(SIG_SETMASK, &before, nil) }
}
