import Links
import LinuxKernel

/// A part of building a lab: what is done in one node without leaving it.
package struct BuildStep {
    package enum Work {
        case settings([KernelSetting])
        /// One batch, in order.
        case changes([NetworkChange])
    }

    /// The node's index in the plan.
    package let node: Int
    package let work: Work

    init(node: Int, _ settings: [KernelSetting]) { (self.node, work) = (node, .settings(settings)) }
    init(node: Int, _ changes: [NetworkChange]) { (self.node, work) = (node, .changes(changes)) }
}
