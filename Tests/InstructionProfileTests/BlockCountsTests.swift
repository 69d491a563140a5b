import Testing

@testable import InstructionProfile

@Suite struct BlockCountsTests {
    private func file(_ numbers: [UInt64]) -> [UInt8] {
        numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }

    @Test func entriesOfBlocksThatRanAreTaken() throws {
        // Address, instructions, executions; an unused entry; one that was translated only.
        let counts = try BlockCounts(file: file([0x1000, 12, 3, 0, 0, 0, 0x2000, 0, 0]))
        #expect(counts.blocks == [.init(address: 0x1000, instructions: 12, executions: 3)])
    }

    @Test func aCutFileIsRefused() { #expect { try BlockCounts(file: [1, 2]) } throws: { "\($0)".contains("2 bytes") } }

    @Test func withoutThePluginNothingIsCounted() {
        #expect(throws: BlockCounts.Failure.self) { try BlockCounts(file: file([0, 0, 0])) }
    }

    @Test func aFullTableIsRefused() {
        #expect { try BlockCounts(file: file([.max, 5, 1])) } throws: { "\($0)".contains("INSTRUCTION_COUNT_BLOCKS") }
    }
}
