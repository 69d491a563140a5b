import Links
import LinuxKernel

/// A part of building a lab: what is done in one node without leaving it.
package struct BuildStep {
    package enum Work {
        case settings([KernelSetting])
        /// One batch, in order, and the numbers of the interfaces it speaks of.
        case changes([NetworkChange], numbers: [String: Int32])
    }

    /// The node's index in the plan.
    package let node: Int
    package let work: Work

    package init(node: Int, work: Work) { (self.node, self.work) = (node, work) }
}
