import LabPlan

// The exchange that this end begins, and the one that it answers.

extension TunnelEnd {
    /// After a start, a reset, or a tunnel's end: as the mode says, leaving the peer the first word.
    mutating func beginOrWait(_ random: inout some RandomSource) {
        switch settings.mode {
        case .responderOnly: awaited = .peer
        case .default where settings.yield > .zero:
            awaited = .turn
            if !isPending(.halfOpen) { start(.yield, after: settings.yield) }
        case .default, .initiatorOnly: beginAtOnce(&random)
        }
    }

    /// Unless it may not begin, or the peer has.
    mutating func beginAtOnce(_ random: inout some RandomSource) {
        guard settings.mode != .responderOnly else {
            awaited = .peer
            return
        }
        awaited = .turn
        if !isPending(.halfOpen) { begin(&random) }
    }

    mutating func begin(_ random: inout some RandomSource) {
        cancel(.yield)
        cancel(.retry)
        guard isAdmitted else {
            if awaited != .admission { outputs.append(.event(.exchangeQueued)) }
            awaited = .admission
            return
        }
        awaited = .turn
        // The peer may now answer this exchange, and must not be able to complete an earlier one of its own as well.
        forgetAnswering()
        outputs.append(.event(.exchangeStarted))
        var initiator = Initiator(connection: connection, retransmission: settings.retransmission, random: &random)
        let wanted = initiator.start()
        self.initiator = initiator
        perform(wanted, &random)
    }

    mutating func abandonExchange() {
        guard initiator != nil else { return }
        initiator = nil
        cancel(.retransmission)
    }

    mutating func forgetAnswering() {
        answering = []
        cancel(.halfOpen)
    }

    mutating func repeatOfExchange(_ random: inout some RandomSource) {
        guard var initiator, let initiatorTimer else { return }
        let wanted = initiator.timerFired(initiatorTimer)
        self.initiator = initiator
        perform(wanted, &random)
    }

    /// An answer to IKE_SA_INIT or IKE_AUTH.
    mutating func receiveAnswer(_ message: IKEMessage, _ datagram: [UInt8], _ random: inout some RandomSource) {
        guard var initiator else { return }
        let wasAuthenticating = initiator.isAuthenticating
        let wanted = initiator.receive(message, datagram)
        self.initiator = initiator
        // The peer goes along with this exchange: from now on it must not complete one that it had begun before.
        if initiator.isAuthenticating, !wasAuthenticating { forgetAnswering() }
        perform(wanted, &random)
    }

    /// A request in an IKE SA whose IKE_AUTH is answered, but the answer is not here yet.
    ///
    /// The peer repeats most of them. The deletion it does not, and there will be no answer to IKE_AUTH any more.
    mutating func receiveEarlyRequest(_ message: IKEMessage, _ random: inout some RandomSource) {
        guard message.header.exchange == .informational, message.deletions.contains(.ikeSA) else { return }
        abandonExchange()
        outputs.append(.event(.deletedByPeer))
        beginOrWait(&random)
    }

    private mutating func perform(_ wanted: [KeyExchangeOutput], _ random: inout some RandomSource) {
        for output in wanted {
            switch output {
            case .send(let bytes): outputs.append(.send(bytes))
            case .startTimer(let timer, let duration):
                initiatorTimer = timer
                start(.retransmission, after: duration)
            case .cancelTimer: cancel(.retransmission)
            case .completed(let child):
                guard let secrets = initiator?.secrets else { continue }
                initiator = nil
                establish(child, secrets: secrets, answered: nil)
            case .failed(_, let failure):
                initiator = nil
                failed(failure)
                if case .noResponse = failure {
                    beginAtOnce(&random)
                } else if !isPending(.halfOpen) {
                    start(.retry, after: settings.retryPause)
                }
            case .discarded: break
            }
        }
    }

    private mutating func failed(_ failure: KeyExchangeFailure) {
        lastFailure = failure
        outputs.append(.event(.exchangeFailed(failure)))
    }

    /// INITIAL_CONTACT: whatever this end had of the tunnel is void once the new SAs are there.
    private mutating func establish(_ child: NegotiatedChild, secrets: ExchangeSecrets, answered: AnsweringExchange?) {
        let replaced = session
        cancelTimersOfSession()
        cancel(.yield)
        cancel(.retry)
        if answering.isEmpty { cancel(.halfOpen) }
        session = IKESession(child, secrets: secrets, answered: answered)
        install(child, .both)
        for pair in replaced?.installed ?? [] { outputs.append(.remove(pair.child, pair.halves)) }
        lastFailure = nil
        outputs.append(.event(.established(child, initiated: answered == nil)))
        startLookingForLife()
    }
}

// MARK: - Answering

extension TunnelEnd {
    mutating func answerInit(_ message: IKEMessage, _ datagram: [UInt8], _ random: inout some RandomSource) {
        let header = message.header
        guard settings.mode != .initiatorOnly, header.isFromInitiator, header.responderSPI == .none, header.messageID == 0 else { return }
        if let known = (answering + [session?.answered].compactMap(\.self)).first(where: { $0.initRequest == datagram }) {
            outputs.append(.send(known.initResponse))
            return
        }
        guard let exchange = try? AnsweringExchange(message, datagram, connection: connection, random: &random) else { return }
        answering = answering.suffix(Self.exchangesKept - 1) + [exchange]
        if !exchange.isRefused {
            if let initiator, !initiator.isAuthenticating, connection.localAddress < connection.remoteAddress { abandonExchange() }
            cancel(.yield)
            cancel(.retry)
            start(.halfOpen, after: Self.halfOpenTime)
        }
        perform(exchange.initOutputs)
    }

    mutating func answerAuth(_ message: IKEMessage, _ datagram: [UInt8]) {
        let header = message.header
        guard header.isFromInitiator, header.messageID == 1 else { return }
        if var exchange = session?.answered, exchange.isNamed(by: header) {
            peerIsHeard()
            perform(exchange.receiveAuth(message, datagram))
            return
        }
        guard let index = answering.firstIndex(where: { $0.isNamed(by: header) }) else { return }
        let wanted = answering[index].receiveAuth(message, datagram)
        let exchange = answering[index]
        if let secrets = exchange.secrets {
            // Earlier ones are given up by the peer, and a late message must not complete one. Later ones may be what it is about to complete.
            answering.removeFirst(index + 1)
            abandonExchange()
            perform(wanted) { $0.establish($1, secrets: secrets, answered: exchange) }
        } else {
            perform(wanted)
        }
    }

    private mutating func perform(
        _ wanted: [KeyExchangeOutput], completed: (inout TunnelEnd, NegotiatedChild) -> Void = { _, _ in }
    ) {
        for output in wanted {
            switch output {
            case .send(let bytes): outputs.append(.send(bytes))
            case .completed(let child): completed(&self, child)
            case .failed(_, let failure): failed(failure)
            // A responder has no timers.
            case .startTimer, .cancelTimer, .discarded: break
            }
        }
    }
}
