import InstructionProfile
import LinuxKernel
import Processes

/// Counts what guests execute, by a plugin of QEMU's (`InstructionCount.c`).
///
/// Counted are blocks of translated code, each as a whole: of one that is left before its end, by a page fault or an access to a device, the
/// rest is counted too. Everything else is exact, and on virtual time the same in every run.
final class InstructionCounter {
    let emulator: QEMUWrapper
    private let symbols: KernelSymbols
    private var file: String { "\(emulator.folder)/\(Self.file)" }
    private static let file = "counts"
    /// The code of BPF programs, filters of packet sockets, takes a tenth of this. Modules take over 2 % of a whole run.
    private static let mostOutside = 0.005
    private static let mostStray = 0.01

    /// - Parameter symbols: of a guest with the same kernel and modules; each guest's are found by them.
    init(_ symbols: KernelSymbols) throws {
        self.symbols = symbols
        let library = try OwnExecutable.sibling("instruction-count.so")
        emulator = try QEMUWrapper { folder in [.adding(["-plugin", "file=\(library),out=\(folder)/\(Self.file)"])] }
    }

    /// What the one guest executed that was started last.
    ///
    /// - Throws: `BenchFailure` when the symbols are not this guest's.
    func counts() throws -> FunctionCounts {
        try emulator.check()
        let counts = FunctionCounts(try BlockCounts(file: FileContents.read(file)), symbols)
        let shares =
            "\(Decimals.text(100 * counts.outsideShare)) % of the kernel's instructions are in no function, "
            + "\(Decimals.text(100 * counts.strayShare)) % of its modules' in functions that were never entered"
        guard counts.outsideShare <= Self.mostOutside, counts.strayShare <= Self.mostStray else {
            throw BenchFailure("the symbols are not this guest's: " + shares)
        }
        standardError(shares)
        return counts
    }
}
