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
    /// Wrong symbols are wrong for whole modules, which have a tenth of a probe's instructions.
    private static let mostMisplaced = 0.01

    /// - Parameter symbols: of a guest with the same kernel and modules.
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
        guard counts.misplacedShare <= Self.mostMisplaced else {
            throw BenchFailure(
                "\(Decimals.text(100 * counts.misplacedShare)) % of the kernel's instructions are in no function, or in a module's function that "
                    + "was never entered: the symbols are not this guest's")
        }
        standardError("instructions in no function: \(Decimals.text(100 * counts.misplacedShare)) %")
        return counts
    }
}
