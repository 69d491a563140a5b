/// How often each block of a guest's code was executed: the file that QEMU's plugin `InstructionCount.c` writes.
public struct BlockCounts: Sendable {
    public struct Block: Hashable, Sendable {
        /// Of its first instruction.
        public var address: UInt64
        /// All executions' together.
        public var instructions: UInt64
        public var executions: UInt64

        public init(address: UInt64, instructions: UInt64, executions: UInt64) {
            (self.address, self.instructions, self.executions) = (address, instructions, executions)
        }
    }

    public enum Failure: Error, CustomStringConvertible {
        case length(Int)
        case nothing
        case tooManyBlocks

        public var description: String {
            switch self {
            case .length(let bytes): "instruction counts: \(bytes) bytes are no whole number of entries of \(BlockCounts.entryLength)"
            case .nothing: "instruction counts: nothing was executed; QEMU ran without the plugin"
            case .tooManyBlocks: "instruction counts: the guest had more blocks than there are entries (INSTRUCTION_COUNT_BLOCKS)"
            }
        }
    }

    /// Address, instructions and executions (`instruction_count_block`).
    static let entryLength = 24

    public var blocks: [Block]

    public init(_ blocks: [Block]) { self.blocks = blocks }

    /// - Parameter file: its bytes.
    /// - Throws: `Failure`.
    public init(file: [UInt8]) throws {
        guard file.count.isMultiple(of: Self.entryLength) else { throw Failure.length(file.count) }
        blocks = file.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: Self.entryLength).compactMap { offset in
                func number(_ place: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: offset + 8 * place, as: UInt64.self) }
                let block = Block(address: number(0), instructions: number(1), executions: number(2))
                return block.executions == 0 ? nil : block
            }
        }
        guard !blocks.isEmpty else { throw Failure.nothing }
        // INSTRUCTION_COUNT_REST
        guard !blocks.contains(where: { $0.address == .max }) else { throw Failure.tooManyBlocks }
    }
}
