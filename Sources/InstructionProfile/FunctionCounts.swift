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

    /// - Parameter symbols: of a guest with the same kernel and modules.
    public init(_ blocks: BlockCounts, _ symbols: KernelSymbols) {
        let symbols = symbols.relocated(to: blocks)
        for block in blocks.blocks {
            let place: (function: KernelSymbols.Function, isFirst: Bool) =
                KernelSymbols.isKernel(block.address)
                ? symbols.function(at: block.address) ?? (Self.outside, false) : (Self.userSpace, false)
            counts[place.function, default: Count()].instructions += block.instructions
            if place.isFirst { counts[place.function, default: Count()].calls += block.executions }
        }
    }

    /// Of the kernel's instructions, those in no function.
    public var outsideShare: Double { share({ $0 == Self.outside }, of: { $0 != Self.userSpace }) }

    /// Of the modules' instructions, those in functions that were never entered at their beginning: none with the right symbols, and nearly
    /// all with those of another guest, whose modules lie elsewhere.
    public var strayShare: Double { share({ counts[$0]?.calls == 0 }, of: { $0.module != nil }) }

    private func share(_ isPart: (KernelSymbols.Function) -> Bool, of isInWhole: (KernelSymbols.Function) -> Bool) -> Double {
        var (part, whole): (UInt64, UInt64) = (0, 0)
        for (function, count) in counts where isInWhole(function) {
            whole += count.instructions
            if isPart(function) { part += count.instructions }
        }
        return whole == 0 ? 0 : Double(part) / Double(whole)
    }
}
