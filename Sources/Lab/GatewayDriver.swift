import EventLoop
import Gateway
import LabPlan

/// What the gateway's actions do to the lab. `GatewayDriver` keeps the order, this does the work.
protocol GatewayPerforming: AnyObject {
    func takeLinksDown(_ instance: InstanceID) throws
    func bringLinksUp(_ instance: InstanceID) throws
    func flushSecurity(_ instance: InstanceID) throws
    func applyConfiguration(_ instance: InstanceID) throws
    func takeAddresses(_ set: AddressSet, at instance: InstanceID) throws
    func releaseAddresses(_ set: AddressSet, at instance: InstanceID) throws
    func announce(_ set: AddressSet, from instance: InstanceID) throws
    func startTunnels(_ instance: InstanceID) throws
    func forgetTunnels(_ instance: InstanceID) throws
    func report(_ event: GatewayEvent)
}

/// Runs the gateway's state machine: inputs in, each action of its reactions carried out before the next, timers on the loop.
final class GatewayDriver {
    private(set) var machine: GatewayMachine
    private let loop: EventLoop
    private unowned let performer: any GatewayPerforming
    private var timers: [GatewayTimer: EventLoop.Timer] = [:]
    /// An action failed: the lab is not what the plan says any more.
    private let failed: (any Error) -> Void
    /// Called after each input has been handled.
    var changed: (() -> Void)?

    init(plan: LabPlan, loop: EventLoop, performer: any GatewayPerforming, failed: @escaping (any Error) -> Void) {
        machine = GatewayMachine(plan: plan)
        self.loop = loop
        self.performer = performer
        self.failed = failed
    }

    /// Whether an instance has announcements still to make.
    var isAnnouncing: Bool {
        timers.keys.contains { if case .announcement = $0.purpose { true } else { false } }
    }

    /// - Returns: why the input changed nothing; nil when it did.
    @discardableResult
    func handle(_ input: GatewayInput) -> IgnoredInput? {
        let reaction = machine.handle(input)
        do {
            for action in reaction.actions { try perform(action) }
            changed?()
        } catch {
            failed(error)
        }
        if case .ignored(let reason) = reaction { return reason }
        return nil
    }

    /// Ends all timers: nothing happens by itself any more.
    func stop() {
        for timer in timers.values { loop.cancel(timer) }
        timers = [:]
    }

    private func perform(_ action: GatewayAction) throws {
        switch action {
        case .takeLinksDown(let instance): try performer.takeLinksDown(instance)
        case .bringLinksUp(let instance): try performer.bringLinksUp(instance)
        case .flushSecurity(let instance): try performer.flushSecurity(instance)
        case .applyConfiguration(let instance): try performer.applyConfiguration(instance)
        case .takeAddresses(let instance, let set): try performer.takeAddresses(set, at: instance)
        case .releaseAddresses(let instance, let set): try performer.releaseAddresses(set, at: instance)
        case .announce(let instance, let set): try performer.announce(set, from: instance)
        case .startTunnels(let instance): try performer.startTunnels(instance)
        case .forgetTunnels(let instance): try performer.forgetTunnels(instance)
        case .report(let event): performer.report(event)
        case .startTimer(let timer, let duration):
            timers[timer] = loop.timer(after: duration) { [unowned self] in
                timers[timer] = nil
                handle(.timerFired(timer))
            }
        case .cancelTimer(let timer):
            timers.removeValue(forKey: timer).map(loop.cancel)
        }
    }
}
