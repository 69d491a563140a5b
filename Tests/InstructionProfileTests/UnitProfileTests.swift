import Testing

@testable import InstructionProfile

@Suite struct UnitProfileTests {
    private static let base: UInt64 = 0xffff_ffff_8100_0000
    private static let module: UInt64 = 0xffff_ffff_c000_0000
    /// What a module is found by.
    private static let entered: [(UInt64, UInt64, UInt64)] = [0, 0x140, 0x180, 0x1c0].map { (module + $0, 10, 1) }

    private func symbols() throws -> KernelSymbols {
        try KernelSymbols(
            kallsyms: Array(
                """
                ffffffff81000000 T xfrm_lookup
                ffffffff81000100 T kfree
                ffffffff81000200 D table
                ffffffffc0000000 t veth_xmit\t[veth]
                ffffffffc0000100 t veth_poll\t[veth]
                ffffffffc0000140 t veth_open\t[veth]
                ffffffffc0000180 t veth_close\t[veth]
                ffffffffc00001c0 t veth_stop\t[veth]

                """.utf8))
    }

    private func counts(_ blocks: [(UInt64, UInt64, UInt64)]) throws -> FunctionCounts {
        FunctionCounts(BlockCounts(blocks.map { .init(address: $0, instructions: $1, executions: $2) }), try symbols())
    }

    @Test func aUnitIsTheDifferenceOfTwoRuns() throws {
        let shorter = try counts([(Self.base, 100, 10), (Self.base + 0x100, 50, 5)])
        let longer = try counts([(Self.base, 300, 30), (Self.base + 0x40, 400, 80), (Self.base + 0x100, 50, 5), (0x401000, 100, 1)])
        let profile = UnitProfile(longer, minus: shorter, units: 10)
        #expect(profile.entries.map(\.function.name) == ["xfrm_lookup", "[user space]"])
        // Blocks within a function are no calls of it.
        #expect(profile.entries[0].instructions == 60 && profile.entries[0].calls == 2)
        #expect(profile.total == 70)
        #expect(profile.bySubsystem.map(\.subsystem) == [.xfrm, .user])
        #expect(profile.bySubsystem.map(\.instructions) == [60, 10])
    }

    @Test func wrongSymbolsAreNoticed() throws {
        let right = try counts([(Self.base, 100, 10), (Self.module + 0x20, 10, 3), (0x401000, 500, 1)] + Self.entered)
        #expect(right.outsideShare == 0 && right.strayShare == 0)
        // In data.
        #expect(try counts([(Self.base, 90, 10), (Self.base + 0x200, 10, 1), (0x401000, 500, 1)]).outsideShare == 0.1)
        // In a module's function, but never at its beginning. Outside modules there are entries that have no name.
        #expect(try counts([(Self.base + 8, 80, 10), (Self.module + 0x110, 10, 1)] + Self.entered).strayShare == 0.2)
    }

    @Test(arguments: [
        ("xfrm_state_find", nil, Subsystem.xfrm), ("__xfrm_policy_check", nil, .xfrm), ("esp_output", "esp4", .xfrm),
        ("kernfs_name_hash", nil, .files), ("pcpu_alloc_noprof", nil, .memory),
        ("gcm_setkey", "aesni_intel", .crypto), ("__kmalloc_noprof", nil, .memory), ("_raw_spin_lock", nil, .locks),
        ("validate_xmit_xfrm", nil, .xfrm), ("validate_xmit_skb", nil, .devices), ("skb_clone", nil, .packets),
        ("netem_dequeue", "sch_netem", .queues), ("unheard_of", nil, .rest),
    ])
    func theLongestBeginningDecides(name: String, module: String?, subsystem: Subsystem) {
        #expect(Subsystem(of: .init(name, module: module)) == subsystem)
    }
}
