/// What a guest executed from its start to its end, by function.
public struct FunctionCounts: Sendable {
    struct Count {
        var instructions: UInt64 = 0
        /// Executions of the block that begins with the function's first instruction.
        var calls: UInt64 = 0
    }

    /// Programs' instructions, and firmware's, which no symbols tell apart.
    static let userSpace = KernelSymbols.Function("[user space]")
    /// In the kernel, and in none of its functions: the code of BPF programs, such as packet sockets' filters.
    static let outside = KernelSymbols.Function("[no function]")

    private(set) var counts: [KernelSymbols.Function: Count] = [:]

    public init(_ blocks: BlockCounts, _ symbols: KernelSymbols) {
        for block in blocks.blocks {
            let place: (function: KernelSymbols.Function, isFirst: Bool) =
                KernelSymbols.isKernel(block.address)
                ? symbols.function(at: block.address) ?? (Self.outside, false) : (Self.userSpace, false)
            counts[place.function, default: Count()].instructions += block.instructions
            if place.isFirst { counts[place.function, default: Count()].calls += block.executions }
        }
    }

    /// Of the kernel's instructions, those in no function, and those in a module's function that was never entered at its beginning: both
    /// are next to nothing with the right symbols, and with another guest's, whose modules lie elsewhere, they are not.
    public var misplacedShare: Double {
        var (kernel, misplaced): (UInt64, UInt64) = (0, 0)
        for (function, count) in counts where function != Self.userSpace {
            kernel += count.instructions
            if function == Self.outside || (function.module != nil && count.calls == 0) { misplaced += count.instructions }
        }
        return kernel == 0 ? 0 : Double(misplaced) / Double(kernel)
    }
}
