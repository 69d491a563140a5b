import CLinux

/// Channel 0 of a PC's interval timer (Intel 8254).
///
/// Linux makes use of it while it finds out how fast other timers run, and leaves it running with its interrupt masked
/// (arch/x86/kernel/i8253.c). In QEMU's virtual time each of its periods is an end of an idle period that nobody needs.
public enum IntervalTimer {
    private static let channel: UInt16 = 0x40
    private static let control: UInt16 = 0x43

    /// Counts once to zero, and then no more.
    ///
    /// - Throws: `SystemCallError`: EPERM without CAP_SYS_RAWIO, ENOSYS on machines without I/O ports.
    public static func stop() throws {
        // Channel 0, low byte then high byte, mode 0: interrupt on terminal count.
        let writes: [(port: UInt16, value: UInt8)] = [(control, 0x30), (channel, 1), (channel, 0)]
        for (port, value) in writes {
            try systemCall("write to I/O port", "the interval timer") { linux_write_port(port, value) }
        }
    }

    /// Which of its six modes it is in; 2 and 3 repeat themselves.
    public static func mode() throws -> UInt8 {
        // Read back: the status of channel 0.
        try systemCall("write to I/O port", "the interval timer") { linux_write_port(control, 0xe2) }
        var status: UInt8 = 0
        try systemCall("read from I/O port", "the interval timer") { linux_read_port(channel, &status) }
        return status >> 1 & 7
    }
}
