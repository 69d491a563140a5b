import Testing

@testable import Lab

@Suite struct RandomSeedTests {
    /// Reports can be compared over versions only as long as these stay.
    @Test func staysTheSame() {
        #expect(RandomSeed.derive(0, "") == 0x813f_0174_a236_7c13)
        #expect(RandomSeed.derive(1, "netem tokyo wan") == 0xe84c_9496_eea6_ac5f)
    }

    @Test func seedAndPurposeBothMatter() {
        var seeds: Set<UInt64> = []
        for seed in UInt64(0)..<32 {
            for purpose in 0..<32 { seeds.insert(RandomSeed.derive(seed, "netem s\(purpose) wan")) }
        }
        #expect(seeds.count == 32 * 32)
    }

    /// Alike labels give unlike seeds: one bit changes about half of all.
    @Test(arguments: ["wan", "s0001", "netem tokyo wan"]) func neighboursDiffer(purpose: String) {
        for seed in UInt64(0)..<64 {
            let difference = RandomSeed.derive(seed, purpose) ^ RandomSeed.derive(seed ^ 1, purpose)
            #expect((8...56).contains(difference.nonzeroBitCount))
        }
    }
}
