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

    @Test func hiddenAddressesAreRefused() {
        #expect(throws: KernelSymbols.Failure.self) { try symbols("0000000000000000 T _text\n") }
    }

    @Test func aLineThatIsNoSymbolIsRefused() {
        #expect { try symbols("ffffffff81000000 T\n") } throws: { "\($0)".contains("found 'ffffffff81000000 T'") }
    }
}
