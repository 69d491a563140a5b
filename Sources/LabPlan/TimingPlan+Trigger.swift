extension TimingPlan {
    /// What brings a failover about.
    public enum Trigger: String, Codable, Sendable, CaseIterable {
        /// A reset that was asked for.
        case reset
        /// Planned maintenance.
        case maintenance
        /// An instance's unplanned end.
        case failure
    }

    public func failover(after trigger: Trigger) -> Failover {
        switch trigger {
        case .reset: reset
        case .maintenance: maintenance
        case .failure: failure
        }
    }
}

extension LabAction {
    /// What the action sets off at the gateway; nil for one that ends no instance.
    public var trigger: TimingPlan.Trigger? {
        switch self {
        case .resetGateway: .reset
        case .maintainInstance: .maintenance
        case .failInstance: .failure
        case .resetConnection, .cutLink, .restoreLink, .flapLink, .impairLink, .dropAnnouncements: nil
        }
    }
}

extension RehearsalPlan {
    /// Whose durations it depends on, in the triggers' own order.
    public var triggers: [TimingPlan.Trigger] {
        let used = steps.compactMap { step in
            if case .perform(let action) = step.action { action.trigger } else { nil }
        }
        return TimingPlan.Trigger.allCases.filter(used.contains)
    }
}
