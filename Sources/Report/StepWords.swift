import LabPlan

extension LabAction {
    /// In words: `cut link tokyo for 10 s`.
    public func words(in lab: LabPlan) -> String {
        switch self {
        case .resetGateway(let address): "reset gateway" + (address.map { " at \($0)" } ?? "")
        case .resetConnection(let index): "reset connection \(lab.connectionName(index))"
        case .failInstance(let choice): "fail instance \(choice.words(in: lab))"
        case .maintainInstance(let choice): "maintain instance \(choice.words(in: lab))"
        case .cutLink(let link, let duration): "cut link \(lab.safeLinkName(link))" + duration.suffix
        case .restoreLink(let link): "restore link \(lab.safeLinkName(link))"
        case .flapLink(let link, let down, let up, let times):
            "flap link \(lab.safeLinkName(link)) \(times == 1 ? "once" : "\(times) times"): \(down.words) down, \(up.words) up"
        case .impairLink(let link, let impairment, let direction, let duration):
            "impair link \(lab.safeLinkName(link))\(direction.words): \(impairment.words)" + duration.suffix
        case .dropAnnouncements(let count): "drop \(count) announcement\(count == 1 ? "" : "s")"
        }
    }
}

extension RehearsalStep {
    /// What is done, in words.
    func words(in lab: LabPlan) -> String {
        switch action {
        case .perform(let action): action.words(in: lab)
        case .waitUntilRecovered(let limit): "wait until recovered, \(limit.words) at most"
        }
    }
}

extension RehearsalStep.Start {
    var words: String {
        switch self {
        case .at(let time): "at \(time.words)"
        case .after(let event, .zero): "after \(event)"
        case .after(let event, let delay): "\(delay.words) after \(event)"
        case .next(.zero): "then"
        case .next(let delay): "\(delay.words) later"
        }
    }
}

extension InstanceChoice {
    fileprivate func words(in lab: LabPlan) -> String {
        switch self {
        case .active: "active"
        case .standby: "standby"
        case .index(let index): lab.gateway.instances.indices.contains(index) ? lab.gateway.instances[index].name : "\(index)"
        }
    }
}

extension LinkDirection {
    fileprivate var words: String {
        switch self {
        case .both: ""
        case .toNode: " towards it"
        case .fromNode: " away from it"
        }
    }
}

extension Impairment {
    /// `delay 200 ms ± 10 ms, 30% loss`.
    var words: String {
        var parts: [String] = []
        if delay != .zero { parts.append("delay \(delay.words)" + (jitter == .zero ? "" : " ± \(jitter.words)")) }
        if loss > 0 { parts.append("\((loss * 100_000).rounded() / 1_000)%".replacing(".0%", with: "%") + " loss") }
        if let rate { parts.append("\(Double(rate) / 1_000_000) Mbit/s".replacing(".0 ", with: " ")) }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }
}

extension Duration? {
    fileprivate var suffix: String { map { " for \($0.words)" } ?? "" }
}

extension Duration {
    /// In seconds, or in milliseconds below one.
    var words: String {
        self > .zero && self < .seconds(1) ? "\(Milliseconds(self).shortText) ms" : "\(Seconds(self).shortText) s"
    }
}

extension LabPlan {
    func connectionName(_ index: Int) -> String { connections.indices.contains(index) ? connections[index].name : "\(index)" }
    fileprivate func safeLinkName(_ index: Int) -> String { links.indices.contains(index) ? linkName(index) : "\(index)" }
}
