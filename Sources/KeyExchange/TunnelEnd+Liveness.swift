import LabPlan

// Dead peer detection (RFC 7296 §2.4). There is no clock here: silence is the sum of the timers that ended in it. It begins with the last
// message of the IKE SA, or with the last look at the SAs' counters that found them grown.

extension TunnelEnd {
    mutating func startLookingForLife() {
        guard let detection = settings.deadPeerDetection else { return }
        start(.liveness, after: detection.questionInterval)
    }

    /// A message of the IKE SA has come: silence is counted from now on.
    mutating func peerIsHeard() {
        guard session != nil, let detection = settings.deadPeerDetection else { return }
        session?.silence = .zero
        start(.liveness, after: detection.questionInterval)
    }

    mutating func lookForLife(_ timer: TunnelTimer, opened: UInt64, _ random: inout some RandomSource) {
        guard timer.purpose == .liveness, let elapsed = takeTimer(timer), let session, let detection = settings.deadPeerDetection else {
            return
        }
        // Less than before is a new count.
        let isTrafficSeen = opened > lastOpened || opened < lastOpened && opened > 0
        lastOpened = opened
        let silence = isTrafficSeen ? .zero : session.silence + elapsed
        self.session?.silence = silence
        guard silence < detection.timeout else {
            peerIsDead(silence: silence, &random)
            return
        }
        if let outstanding = session.outstanding {
            // Any request is a question, and is repeated by its own timer, if it has one. A question stays one while traffic comes in: it has
            // its place in the window until it is answered.
            if !isPending(.retransmission) { outputs.append(.send(outstanding.bytes)) }
        } else if silence > .zero {
            request(.informational, [], .question)
        }
        start(.liveness, after: min(detection.questionInterval, detection.timeout - silence))
    }

    mutating func peerIsDead(silence: Duration, _ random: inout some RandomSource) {
        outputs.append(.event(.peerDead(silence: silence)))
        dropSession()
        switch settings.deadPeerDetection?.action ?? .restart {
        case .restart: beginAtOnce(&random)
        case .clear: awaited = .peer
        case .hold: awaited = settings.mode == .responderOnly ? .peer : .traffic
        }
    }
}

extension ConnectionPlan.DeadPeerDetection {
    /// A peer must be asked before it can be called dead, also where the timeout leaves no whole interval for it.
    fileprivate var questionInterval: Duration { interval < timeout ? interval : timeout / 2 }
}
