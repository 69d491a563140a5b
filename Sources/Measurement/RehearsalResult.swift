/// All that the agent measured in a rehearsal. With the plan it makes the report.
public struct RehearsalResult: Codable, Sendable, Equatable {
    /// The kernel's uptime at the measured part's start, in nanoseconds. All other times count from there.
    public var startUptime: Int64
    /// The release of the kernel that carried the lab (`uname -r`).
    public var kernelRelease: String
    /// In order of time.
    public var events: [TimelineEvent]
    /// What the kernel itself told (`KernelNotice`), in order of time.
    public var notices: [TimelineEvent]
    /// Every connection's two directions.
    public var flows: [FlowResult]
    public var encryption: EncryptionAudit
    /// What the ledger found in each counter that moved, in the counters' order.
    public var ledger: [LedgerTotal]
    /// nil where the kernel tells no reasons, or belongs to others too.
    public var drops: DropTally?
    /// Every connection's; nil where none ran.
    public var applications: [ApplicationResult]?

    public init(
        startUptime: Int64, kernelRelease: String, events: [TimelineEvent], flows: [FlowResult], encryption: EncryptionAudit,
        ledger: [LedgerTotal], drops: DropTally? = nil, notices: [TimelineEvent] = [], applications: [ApplicationResult]? = nil
    ) {
        self.startUptime = startUptime
        self.kernelRelease = kernelRelease
        self.events = events
        self.flows = flows
        self.encryption = encryption
        self.ledger = ledger
        self.drops = drops
        self.notices = notices
        self.applications = applications
    }
}
