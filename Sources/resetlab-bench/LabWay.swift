import LabPlan

/// A way of building a lab and of taking it down again.
protocol LabWay: AnyObject {
    /// In the report: "resetlab", "raw", "ip", "mininet".
    var name: String { get }

    /// Builds it, and returns when everything is there.
    func build() throws
    /// Has it taken down, and returns when everything was asked for; the kernel may go on.
    func takeDown() throws
}

/// A way that tells its times itself, since its start is not to count.
protocol SelfTimedWay: AnyObject {
    var name: String { get }

    /// Builds a lab and takes it down; in nanoseconds.
    func run() throws -> (build: Int64, takeDown: Int64)
}
