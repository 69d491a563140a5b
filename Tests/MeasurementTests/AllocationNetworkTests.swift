import Testing

@testable import Measurement

@Suite struct AllocationNetworkTests {
    typealias Demand = (amount: Int, suppliers: [Int32])

    /// The most that can be met by the suppliers before `opened`: by the minimum cut, tried over all sets of suppliers.
    private func most(_ demands: [Demand], _ capacities: [Int], opened: Int) -> Int {
        (0..<1 << opened).map { cut in
            let isCut = { (supplier: Int32) in cut >> Int(supplier) & 1 == 1 }
            let paid = (0..<opened).reduce(0) { $0 + (isCut(Int32($1)) ? capacities[$1] : 0) }
            return demands.reduce(paid) { sum, demand in
                sum + (demand.suppliers.allSatisfy { $0 >= opened || isCut($0) } ? 0 : demand.amount)
            }
        }.min() ?? 0
    }

    @Test("As much is met as can be, and earlier suppliers give as much as they can", arguments: 1...60)
    func maximum(seed: UInt64) {
        var random = SplitMix64(state: seed)
        let capacities = (0..<7).map { _ in Int.random(in: 0..<12, using: &random) }
        let demands: [Demand] = (0..<9).map { _ in
            (Int.random(in: 0..<10, using: &random), (0..<7).filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
        }
        var network = AllocationNetwork(demands: demands, capacities: capacities)
        for opened in [2, 5, 7] {
            let before = network.spare
            network.openSuppliers(before: opened)
            #expect(zip(network.spare, capacities).reduce(0) { $0 + $1.1 - $1.0 } == most(demands, capacities, opened: opened))
            #expect(zip(network.spare, before).allSatisfy { $0 <= $1 })
        }
        var given = Array(repeating: 0, count: capacities.count)
        for (index, demand) in demands.enumerated() {
            let allocation = network.allocation(ofDemand: index)
            #expect(allocation.allSatisfy { $0 >= 0 })
            #expect(allocation.reduce(0, +) + network.unmet[index] == demand.amount)
            for (supplier, amount) in zip(demand.suppliers, allocation) { given[Int(supplier)] += amount }
        }
        #expect(zip(given, network.spare).map { $0 + $1 } == capacities)
    }

    @Test("A long chain of displacements is found")
    func chain() {
        // Each demand prefers the supplier that only its predecessor can do without.
        let count = 200
        let demands: [Demand] = (0..<count).map { (1, $0 == count - 1 ? [0] : [Int32($0), Int32($0 + 1)]) }
        var network = AllocationNetwork(demands: demands, capacities: Array(repeating: 1, count: count))
        network.openSuppliers(before: count)
        #expect(network.unmet.allSatisfy { $0 == 0 })
    }

    @Test("Nothing to allocate")
    func empty() {
        var network = AllocationNetwork(demands: [], capacities: [])
        network.openSuppliers(before: 0)
        #expect(network.unmet.isEmpty)
        network = AllocationNetwork(demands: [(3, [])], capacities: [5])
        network.openSuppliers(before: 1)
        #expect((network.unmet, network.spare) == ([3], [5]))
    }
}
