/// An ACPI table (SSDT) that tells the guest's kernel of its processor's one idle state, C1, which is the instruction `hlt`.
///
/// Without it QEMU's microvm has no idle driver, and then the kernel stops its tick only after one that passed without work (Linux 6.12:
/// `cpuidle_idle_call` in kernel/sched/idle.c): after nearly everything that happens in a lab, the processor would be woken once more, up to
/// 4 ms later, for nothing.
///
/// Sources: ACPI 6.5 §5.2.6 (header), §8.4.1.1 (_CST), §6.4.3.7 (generic register), §20.2 (encoding).
enum ProcessorTable {
    /// As an archive before the guest's image, where the kernel looks for tables of its own accord
    /// (Documentation/admin-guide/acpi/initrd_table_override.rst).
    static let archive = RAMArchive.bytes(of: [GuestFile(path: "/kernel/firmware/acpi/processor.aml", contents: bytes)])

    static let bytes: [UInt8] = {
        var table = Array("SSDT".utf8) + fourBytes(headerSize + definitions.count) + [2, 0]
        table += Array("RESLABPROCIDLE".utf8) + fourBytes(1) + Array("RLAB".utf8) + fourBytes(1) + definitions
        // All bytes add up to nothing.
        table[9] = 0 &- table.reduce(0, &+)
        return table
    }()

    private static let headerSize = 36

    /// `Scope (\_SB) { Device (CPU0) { … } }`, the processor that the interrupt controller's table (MADT) has as number 0.
    private static var definitions: [UInt8] {
        let processor =
            Array("CPU0".utf8) + named("_HID", [0x0d] + Array("ACPI0007".utf8) + [0]) + named("_UID", [0])
            // One state: C1, with a latency of 1 µs and no power told.
            + named("_CST", package([[1], package([buffer(idleRegister), [1], [1], [0]])]))
        return [0x10] + sized(Array("\\_SB_".utf8) + [0x5b, 0x82] + sized(processor))
    }

    /// Functional fixed hardware (0x7F) without further meaning: for C1 the kernel then takes `hlt` (`acpi_processor_evaluate_cst`).
    private static let idleRegister: [UInt8] = [0x82, 12, 0, 0x7f, 0, 0, 0] + [UInt8](repeating: 0, count: 8) + [0x79, 0]

    private static func named(_ name: String, _ value: [UInt8]) -> [UInt8] { [0x08] + Array(name.utf8) + value }

    private static func package(_ elements: [[UInt8]]) -> [UInt8] {
        [0x12] + sized([UInt8(elements.count)] + elements.joined())
    }

    private static func buffer(_ contents: [UInt8]) -> [UInt8] { [0x11] + sized([0x0a, UInt8(contents.count)] + contents) }

    /// With its own length before it, which counts itself: one byte up to 63, two up to 4,095.
    private static func sized(_ contents: [UInt8]) -> [UInt8] {
        if contents.count < 63 { return [UInt8(contents.count + 1)] + contents }
        let length = contents.count + 2
        precondition(length < 4_096, "the table is small")
        return [0x40 | UInt8(length & 15), UInt8(length >> 4)] + contents
    }

    private static func fourBytes(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
}
