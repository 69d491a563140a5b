import Testing

@testable import InstructionProfile

@Suite struct KernelSymbolsTests {
    private static let text = """
        ffffffff81000000 T _text
        ffffffff81000100 t xfrm_lookup
        ffffffff81000100 T xfrm_lookup_alias
        ffffffff81000200 W memcpy
        ffffffff81000300 D table
        ffffffffc0001000 t veth_xmit	[veth]
        0000000000001000 A per_cpu_start

        """

    private func symbols(_ text: String = text) throws -> KernelSymbols { try KernelSymbols(kallsyms: Array(text.utf8)) }

    @Test func aFunctionReachesToTheNextSymbol() throws {
        let symbols = try symbols()
        let last = try #require(symbols.function(at: 0xffff_ffff_8100_02ff))
        #expect(last.function == .init("memcpy") && !last.isFirst)
        #expect(symbols.function(at: 0xffff_ffff_8100_0200)?.isFirst == true)
    }

    @Test func ofTwoNamesTheGlobalOneCounts() throws {
        #expect(try symbols().function(at: 0xffff_ffff_8100_0100)?.function.name == "xfrm_lookup_alias")
    }

    @Test func dataAndWhatIsBeforeAllSymbolsIsNoFunction() throws {
        let symbols = try symbols()
        #expect(symbols.function(at: 0xffff_ffff_8100_0300) == nil)
        #expect(symbols.function(at: 0xffff_ffff_8100_0310) == nil)
        #expect(symbols.function(at: 0xffff_ffff_8000_0000) == nil)
    }

    @Test func aModulesFunctionHasItsModule() throws {
        #expect(try symbols().function(at: 0xffff_ffff_c000_1004)?.function == .init("veth_xmit", module: "veth"))
    }

    /// Of a module with functions at 0x0, 0x40, 0x90 and 0x200 of its first page.
    private static let movable = """
        ffffffff81000000 T _text
        ffffffffc0001000 t one	[mod]
        ffffffffc0001040 t two	[mod]
        ffffffffc0001090 t three	[mod]
        ffffffffc0001200 t four	[mod]

        """

    private func relocated(_ addresses: [UInt64]) throws -> KernelSymbols {
        try symbols(Self.movable).relocated(to: BlockCounts(addresses.map { .init(address: $0, instructions: 1, executions: 1) }))
    }

    @Test func aModuleIsFoundWhereItsFunctionsBegin() throws {
        // Three of four, seven pages further; and one block where the module was, which something else is.
        let symbols = try relocated([
            0xffff_ffff_c000_8000, 0xffff_ffff_c000_8040, 0xffff_ffff_c000_8048, 0xffff_ffff_c000_8200, 0xffff_ffff_c000_1090,
        ])
        #expect(symbols.function(at: 0xffff_ffff_c000_8200)?.function == .init("four", module: "mod"))
        #expect(symbols.function(at: 0xffff_ffff_c000_8200)?.isFirst == true)
        // Its pages end after the last one's.
        #expect(symbols.function(at: 0xffff_ffff_c000_9000) == nil)
        #expect(symbols.function(at: 0xffff_ffff_c000_1090)?.function.module == nil)
    }

    @Test func aModuleThatTooLittleSpeaksForIsNowhere() throws {
        let symbols = try relocated([0xffff_ffff_c000_8000, 0xffff_ffff_c000_8040])
        #expect(symbols.function(at: 0xffff_ffff_c000_8044)?.function.module == nil)
        #expect(symbols.function(at: 0xffff_ffff_c000_1044)?.function.module == nil)
    }

    @Test func whereOneModuleIsNoOtherIs() throws {
        // Four functions of the one, at the offsets of three of the other's, which were executed elsewhere, one time less.
        let other = """
            ffffffffc0003000 t uno	[other]
            ffffffffc0003040 t due	[other]
            ffffffffc0003090 t tre	[other]

            """
        let place: UInt64 = 0xffff_ffff_c000_8000
        let addresses = [0, 0x40, 0x90, 0x200, 0x4000, 0x4040, 0x4090].map { place + $0 }
        let symbols = try symbols(Self.movable + other).relocated(
            to: BlockCounts(addresses.map { .init(address: $0, instructions: 1, executions: 1) }))
        #expect(symbols.function(at: place)?.function.module == "mod")
        #expect(symbols.function(at: place + 0x4040)?.function == .init("due", module: "other"))
    }

    @Test func hiddenAddressesAreRefused() {
        #expect(throws: KernelSymbols.Failure.self) { try symbols("0000000000000000 T _text\n") }
    }

    @Test func aLineThatIsNoSymbolIsRefused() {
        #expect { try symbols("ffffffff81000000 T\n") } throws: { "\($0)".contains("found 'ffffffff81000000 T'") }
    }
}
