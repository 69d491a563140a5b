import EventLoop
import Glibc
import LinuxKernel
import Processes

/// The reading end of a guest's serial console: for people, so only its end is kept.
final class GuestConsole {
    private let reader: FileDescriptor
    private var tail = ByteTail(capacity: 65536)
    private var watch: (loop: EventLoop, watch: EventLoop.Watch)?

    init(reader: consuming FileDescriptor) {
        _ = fcntl(reader.rawValue, F_SETFL, fcntl(reader.rawValue, F_GETFL) | O_NONBLOCK)
        self.reader = reader
    }

    func attach(to loop: EventLoop) throws {
        detach()
        watch = (loop, try loop.watch(reader.rawValue) { [unowned self] _ in drain() })
    }

    func detach() {
        if let watch { watch.loop.cancel(watch.watch) }
        watch = nil
    }

    /// Takes what is there.
    func drain() {
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = read(reader.rawValue, &buffer, buffer.count)
            if count > 0 {
                tail.append(buffer[..<count])
            } else if count == 0 {
                // The other end is closed for good, and would be reported without end.
                return detach()
            } else if errno != EINTR {
                return
            }
        }
    }

    /// Without what a serial line adds.
    var text: String { String(tail.text.unicodeScalars.filter { $0 != "\r" }.map(Character.init)) }

    deinit { detach() }
}
