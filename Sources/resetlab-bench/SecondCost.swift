import AgentProtocol
import RunCost

/// What one more second of virtual time costs, by the model: the difference of two rehearsals without any step.
struct SecondCost: Codable {
    var sites: Int
    /// Probes a second, in each direction of each connection.
    var rate: Int
    var instructions: Double
    var wakeUps: Double

    /// Whether it is more than the guest can do in a second.
    var isTooMuch: Bool { instructions * Double(GuestContract.instructionTime) > 1e9 }

    private init(sites: Int, rate: Int) throws {
        let models = try [60, 120].map { seconds in
            var plan = try CostCase.plan(sites: sites, rate: rate, seconds: seconds)
            plan.rehearsal.steps = []
            return CostModel(RunWork(plan))
        }
        (self.sites, self.rate) = (sites, rate)
        instructions = (models[1].instructions - models[0].instructions) / 60
        wakeUps = (models[1].wakeUps - models[0].wakeUps) / 60
    }

    static func all() throws -> [SecondCost] {
        try [1, 10, 100, 1_000].flatMap { sites in try [1, 10, 100].map { try SecondCost(sites: sites, rate: $0) } }
    }
}
