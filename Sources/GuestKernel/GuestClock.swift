/// What time is in a guest.
public enum GuestClock: Sendable, Hashable {
    /// QEMU counts instructions, and skips idle time. The same image, job and seed give the same run, to the nanosecond,
    /// booted or restored from a template, whatever else the machine does.
    case virtual(seed: UInt64)
    /// A second is a second.
    case real(Processor)

    /// What runs the guest's instructions.
    public enum Processor: Sendable, Hashable {
        /// QEMU translates them. Works everywhere.
        case emulated
        /// The processor itself, through `/dev/kvm`. See `KVMTrial`.
        case kvm
    }

    var isVirtual: Bool {
        if case .virtual = self { return true }
        return false
    }
}
