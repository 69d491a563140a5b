/// What the agent's kernel has had of its processors since its start.
///
/// In a guest's virtual time it is the same on every machine: an instruction takes `GuestContract.instructionTime`, and what is not idle
/// was instructions.
public struct ProcessorUse: Codable, Sendable, Equatable {
    /// Since the kernel's start, in nanoseconds (CLOCK_BOOTTIME).
    public var uptime: Int64
    /// Of it without anything to do, all processors together, in nanoseconds; known to hundredths of a second.
    public var idle: Int64
    /// Interrupts by timers. In virtual time nothing else wakes a processor that is idle, and mostly it is when one comes.
    public var wakeUps: Int64

    public init(uptime: Int64, idle: Int64, wakeUps: Int64) {
        (self.uptime, self.idle, self.wakeUps) = (uptime, idle, wakeUps)
    }

    /// In nanoseconds; of a kernel with one processor.
    public var busy: Int64 { uptime - idle }

    /// In virtual time.
    public var instructions: Int64 { busy / GuestContract.instructionTime }

    /// What was used between two readings.
    public static func - (after: ProcessorUse, before: ProcessorUse) -> ProcessorUse {
        ProcessorUse(uptime: after.uptime - before.uptime, idle: after.idle - before.idle, wakeUps: after.wakeUps - before.wakeUps)
    }
}
