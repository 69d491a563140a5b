/// Allocates demands to suppliers of limited capacity so that as much as possible is met: a maximum flow through a bipartite network, by
/// Dinic's algorithm.
///
///     demand 0 (7) ──┬── supplier 0 (5)
///     demand 1 (2) ──┴── supplier 1 (3)
///
/// Suppliers are opened in order. What suppliers have been allocated never falls when more are opened, so that the ones opened first are used
/// as far as possible before later ones are asked. Equal inputs give equal allocations.
struct AllocationNetwork {
    /// What is left of each demand and of each supplier.
    private(set) var unmet: [Int]
    private(set) var spare: [Int]

    /// Edges in the order of their demands: those of demand d are `demandEdges[d]..<demandEdges[d + 1]`.
    private var demandEdges: [Int32] = [0]
    private var supplierOfEdge: [Int32] = []
    private var demandOfEdge: [Int32] = []
    private var allocated: [Int] = []
    /// Edge numbers in the order of their suppliers, and where each supplier's begin.
    private var edgesBySupplier: [Int32] = []
    private var supplierEdges: [Int32]

    private var opened = 0

    /// - Parameters:
    ///   - demands: how much each demand asks for, and the suppliers that can meet it, in the order of preference.
    ///   - capacities: how much each supplier has.
    init(demands: [(amount: Int, suppliers: [Int32])], capacities: [Int]) {
        unmet = demands.map(\.amount)
        spare = capacities
        for (demand, suppliers) in demands.map(\.suppliers).enumerated() {
            supplierOfEdge += suppliers
            demandOfEdge += repeatElement(Int32(demand), count: suppliers.count)
            demandEdges.append(Int32(supplierOfEdge.count))
        }
        allocated = Array(repeating: 0, count: supplierOfEdge.count)

        supplierEdges = Array(repeating: 0, count: capacities.count + 1)
        for supplier in supplierOfEdge { supplierEdges[Int(supplier) + 1] += 1 }
        for supplier in capacities.indices { supplierEdges[supplier + 1] += supplierEdges[supplier] }
        var next = supplierEdges
        edgesBySupplier = Array(repeating: 0, count: supplierOfEdge.count)
        for (edge, supplier) in supplierOfEdge.enumerated() {
            edgesBySupplier[Int(next[Int(supplier)])] = Int32(edge)
            next[Int(supplier)] += 1
        }
    }

    /// What a demand got from each of its suppliers, in the order of preference.
    func allocation(ofDemand demand: Int) -> ArraySlice<Int> {
        allocated[Int(demandEdges[demand])..<Int(demandEdges[demand + 1])]
    }

    /// Let the suppliers before `count` take part, and meet as much as they and those opened before can.
    mutating func openSuppliers(before count: Int) {
        opened = count
        while var search = Search(self) {
            for demand in unmet.indices where unmet[demand] > 0 {
                while let path = search.path(from: demand, in: self) { augment(path, from: demand) }
            }
        }
    }

    /// Push as much as fits along a path of edges: forth to a supplier, back from it to a demand that it served, forth again.
    private mutating func augment(_ path: [Int32], from demand: Int) {
        let last = Int(supplierOfEdge[Int(path[path.count - 1])])
        var amount = min(unmet[demand], spare[last])
        for step in stride(from: 1, to: path.count, by: 2) { amount = min(amount, allocated[Int(path[step])]) }
        for (step, edge) in path.enumerated() { allocated[Int(edge)] += step.isMultiple(of: 2) ? amount : -amount }
        unmet[demand] -= amount
        spare[last] -= amount
    }

    /// One phase of Dinic's algorithm: the distance of every node from the unmet demands, and how far each node's edges have been tried.
    private struct Search {
        private var demandLevel: [Int32]
        private var supplierLevel: [Int32]
        private var nextEdgeOfDemand: [Int32]
        private var nextEdgeOfSupplier: [Int32]

        /// nil when no supplier with something to spare can be reached.
        init?(_ network: AllocationNetwork) {
            demandLevel = Array(repeating: -1, count: network.unmet.count)
            supplierLevel = Array(repeating: -1, count: network.spare.count)
            nextEdgeOfDemand = network.demandEdges
            nextEdgeOfSupplier = network.supplierEdges

            var frontier = network.unmet.indices.filter { network.unmet[$0] > 0 }
            for demand in frontier { demandLevel[demand] = 0 }
            var level: Int32 = 0
            var reached = false
            while !frontier.isEmpty, !reached {
                var suppliers: [Int] = []
                for demand in frontier {
                    for edge in Int(network.demandEdges[demand])..<Int(network.demandEdges[demand + 1]) {
                        let supplier = Int(network.supplierOfEdge[edge])
                        guard supplier < network.opened, supplierLevel[supplier] < 0 else { continue }
                        supplierLevel[supplier] = level + 1
                        suppliers.append(supplier)
                        if network.spare[supplier] > 0 { reached = true }
                    }
                }
                frontier = []
                for supplier in suppliers {
                    for index in Int(network.supplierEdges[supplier])..<Int(network.supplierEdges[supplier + 1]) {
                        let edge = Int(network.edgesBySupplier[index])
                        let demand = Int(network.demandOfEdge[edge])
                        guard network.allocated[edge] > 0, demandLevel[demand] < 0 else { continue }
                        demandLevel[demand] = level + 2
                        frontier.append(demand)
                    }
                }
                level += 2
            }
            if !reached { return nil }
        }

        /// A shortest path from a demand to a supplier with something to spare; nil when this phase has no more of them.
        mutating func path(from start: Int, in network: AllocationNetwork) -> [Int32]? {
            guard network.unmet[start] > 0 else { return nil }
            var path: [Int32] = []
            var demand = start
            while true {
                if let edge = nextForward(from: demand, in: network) {
                    path.append(edge)
                    let supplier = Int(network.supplierOfEdge[Int(edge)])
                    if network.spare[supplier] > 0 { return path }
                    if let back = nextBack(from: supplier, in: network) {
                        path.append(back)
                        demand = Int(network.demandOfEdge[Int(back)])
                    } else {
                        path.removeLast()
                        nextEdgeOfDemand[demand] += 1
                    }
                } else {
                    // A dead end: leave it by the way that led here, and do not take that way again.
                    guard path.popLast() != nil, let forward = path.popLast() else { return nil }
                    nextEdgeOfSupplier[Int(network.supplierOfEdge[Int(forward)])] += 1
                    demand = Int(network.demandOfEdge[Int(forward)])
                }
            }
        }

        private mutating func nextForward(from demand: Int, in network: AllocationNetwork) -> Int32? {
            while nextEdgeOfDemand[demand] < network.demandEdges[demand + 1] {
                let edge = nextEdgeOfDemand[demand]
                if supplierLevel[Int(network.supplierOfEdge[Int(edge)])] == demandLevel[demand] + 1 { return edge }
                nextEdgeOfDemand[demand] += 1
            }
            return nil
        }

        private mutating func nextBack(from supplier: Int, in network: AllocationNetwork) -> Int32? {
            while nextEdgeOfSupplier[supplier] < network.supplierEdges[supplier + 1] {
                let edge = network.edgesBySupplier[Int(nextEdgeOfSupplier[supplier])]
                let demand = Int(network.demandOfEdge[Int(edge)])
                if network.allocated[Int(edge)] > 0, demandLevel[demand] == supplierLevel[supplier] + 1 { return edge }
                nextEdgeOfSupplier[supplier] += 1
            }
            return nil
        }
    }
}
