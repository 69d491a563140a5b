import Testing

@testable import GuestKernel

@Suite struct PlacementPolicyTests {
    @Test func threadsThatDoNotWaitStay() {
        var policy = PlacementPolicy(processor: 1)
        let moves = policy.observe(waited: 0.2, idle: [0: 1, 1: 0])
        #expect(!moves)
        #expect(policy.processor == 1)
    }

    @Test func thoseThatWaitMoveToTheFreestProcessor() {
        var policy = PlacementPolicy(processor: 1)
        let moves = policy.observe(waited: 0.21, idle: [0: 0.5, 1: 0.9, 2: 0.7, 3: 0.6])
        #expect(moves)
        #expect(policy.processor == 2)
    }

    @Test func withoutAFreeProcessorTheyStay() {
        var policy = PlacementPolicy(processor: 0)
        let moves = [policy.observe(waited: 0.9, idle: [0: 0, 1: 0.49]), policy.observe(waited: 0.9, idle: [:])]
        #expect(moves == [false, false])
        #expect(policy.processor == 0)
    }
}
