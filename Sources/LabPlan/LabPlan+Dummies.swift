import Addressing

extension LabPlan {
    /// The same for a kernel without dummy interfaces: what is on them is on loopback, each address by itself.
    package var withoutDummies: LabPlan {
        var plan = self
        let dummies = Set(plan.dummies)
        func isDummy(_ node: Int, _ interface: String) -> Bool { dummies.contains(Dummy(node: node, interface: interface)) }
        plan.dummies = []
        for index in plan.addresses.indices where isDummy(plan.addresses[index].node, plan.addresses[index].interface) {
            plan.addresses[index].interface = "lo"
            plan.addresses[index].address = IPPrefix(host: plan.addresses[index].address.address)
        }
        for index in plan.routes.indices where isDummy(plan.routes[index].node, plan.routes[index].interface) {
            plan.routes[index].interface = "lo"
        }
        return plan
    }
}
