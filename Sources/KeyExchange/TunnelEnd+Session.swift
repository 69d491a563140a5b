import LabPlan

// The messages after IKE_AUTH: one request under way in each direction, each answer kept for a repeated request (RFC 7296 §2.1 to §2.3).

extension TunnelEnd {
    // MARK: Requests of the peer

    mutating func receiveRequest(_ message: IKEMessage, _ datagram: [UInt8], _ random: inout some RandomSource) {
        guard let session else { return }
        let header = message.header
        if let last = session.lastAnswer, header.messageID &+ 1 == session.nextExpectedID {
            guard last.request == datagram else { return }
            peerIsHeard()
            outputs.append(.send(last.response))
            return
        }
        // The deletion of the IKE SA is sent at once, over a window that may be full; nothing that comes before it matters any more.
        let deletesSession = header.exchange == .informational && message.deletions.contains(.ikeSA)
        guard header.messageID == session.nextExpectedID || deletesSession && header.messageID > session.nextExpectedID else { return }
        peerIsHeard()

        if deletesSession {
            answer(message, datagram, [])
            outputs.append(.event(.deletedByPeer))
            dropSession()
            beginOrWait(&random)
        } else if header.exchange == .createChildSA {
            answerRekeying(message, datagram, &random)
        } else {
            let deleted = message.deletions.flatMap(\.childSPIs).compactMap { deletedByPeer($0) }
            answer(message, datagram, deleted.isEmpty ? [] : [.delete(Deletion(deleted.map(\.inbound.spi)))])
            // Without its only pair of SAs the IKE SA is of no use.
            if let current = self.session?.current, deleted.contains(current) {
                outputs.append(.event(.deletedByPeer))
                dropSession()
                beginOrWait(&random)
            } else {
                sendNext(&random)
            }
        }
    }

    mutating func answer(_ message: IKEMessage, _ datagram: [UInt8], _ payloads: [IKEPayload]) {
        guard let session else { return }
        let header = session.header(message.header.exchange, isResponse: true, messageID: message.header.messageID)
        guard let response = try? IKEMessage(header: header, payloads: payloads).encoded() else { return }
        self.session?.nextExpectedID = message.header.messageID &+ 1
        self.session?.lastAnswer = IKESession.Answer(request: datagram, response: response)
        outputs.append(.send(response))
    }

    // MARK: Requests of this end

    mutating func enqueue(_ task: IKESession.Task, _ random: inout some RandomSource) {
        session?.tasks.append(task)
        // A question is repeated at the next look for a sign of life only; something waits for its answer now.
        if case .question = session?.outstanding?.purpose, !isPending(.retransmission) {
            start(.retransmission, after: settings.retransmission.wait(afterRepetitions: 0))
        }
        sendNext(&random)
    }

    mutating func sendNext(_ random: inout some RandomSource) {
        while let session, session.outstanding == nil, let task = session.tasks.first {
            self.session?.tasks.removeFirst()
            switch task {
            case .rekey(let spi): requestRekeying(of: spi, &random)
            case .delete(let child): request(.informational, [.delete(Deletion([child.inbound.spi]))], .deletion(child))
            }
        }
    }

    /// - Returns: why it cannot be sent.
    @discardableResult mutating func request(
        _ exchange: IKEHeader.Exchange, _ payloads: [IKEPayload], _ purpose: IKESession.Request.Purpose
    ) -> IKEEncodingError? {
        guard let session else { return nil }
        let header = session.header(exchange, isResponse: false, messageID: session.nextRequestID)
        let bytes: [UInt8]
        do throws(IKEEncodingError) { bytes = try IKEMessage(header: header, payloads: payloads).encoded() } catch { return error }
        self.session?.outstanding = IKESession.Request(
            purpose: purpose, exchange: exchange, messageID: session.nextRequestID, bytes: bytes)
        self.session?.nextRequestID &+= 1
        outputs.append(.send(bytes))
        if case .question = purpose { return nil }
        start(.retransmission, after: settings.retransmission.wait(afterRepetitions: 0))
        return nil
    }

    mutating func repeatRequest(_ random: inout some RandomSource) {
        guard var request = session?.outstanding else { return }
        request.waited += settings.retransmission.wait(afterRepetitions: request.repetitions)
        guard request.repetitions < settings.retransmission.tries else {
            // RFC 7296 §2.4: an IKE SA whose request stays without an answer has failed.
            let failure = KeyExchangeFailure.noResponse(request.exchange, transmissions: request.repetitions + 1)
            if case .rekeying = request.purpose { rekeyFailed(failure) }
            lastFailure = failure
            peerIsDead(silence: request.waited, &random)
            return
        }
        request.repetitions += 1
        session?.outstanding = request
        outputs.append(.send(request.bytes))
        start(.retransmission, after: settings.retransmission.wait(afterRepetitions: request.repetitions))
    }

    mutating func receiveResponse(_ message: IKEMessage, _ random: inout some RandomSource) {
        guard let request = session?.outstanding, request.messageID == message.header.messageID,
            request.exchange == message.header.exchange
        else { return }
        peerIsHeard()
        session?.outstanding = nil
        cancel(.retransmission)
        switch request.purpose {
        case .question: break
        case .rekeying(let rekeying): finish(rekeying, message)
        // The peer has changed over: nothing new comes on the old inbound SA.
        case .deletion(let child): keepReplaced(child)
        }
        sendNext(&random)
    }

    /// Once, and without waiting for the answer: the message that an end sends as it drops the IKE SA.
    mutating func sendDeletionOfSession() {
        guard let session else { return }
        let header = session.header(.informational, isResponse: false, messageID: session.nextRequestID)
        guard let bytes = try? IKEMessage(header: header, payloads: [.delete(.ikeSA)]).encoded() else { return }
        outputs.append(.send(bytes))
    }

    // MARK: The SAs

    mutating func install(_ child: NegotiatedChild, _ halves: Halves) {
        if let index = session?.installed.firstIndex(where: { $0.child.inbound.spi == child.inbound.spi }) {
            session?.installed[index].halves.formUnion(halves)
        } else {
            session?.installed.append(IKESession.InstalledPair(child: child, halves: halves))
        }
        outputs.append(.install(child, halves))
    }

    mutating func remove(_ child: NegotiatedChild, _ halves: Halves) {
        guard let index = session?.installed.firstIndex(where: { $0.child.inbound.spi == child.inbound.spi }),
            let there = session?.installed[index].halves.intersection(halves), !there.isEmpty
        else { return }
        session?.installed[index].halves.subtract(there)
        if session?.installed[index].halves.isEmpty == true { session?.installed.remove(at: index) }
        outputs.append(.remove(child, there))
    }

    /// What is left of the pair with this inbound SPI.
    mutating func removePair(_ spi: ChildSPI) {
        guard let pair = session?.installed.first(where: { $0.child.inbound.spi == spi }) else { return }
        remove(pair.child, pair.halves)
    }

    /// Removes the tunnel's SAs, and what this end knows of the IKE SA.
    mutating func dropSession() {
        guard let session else { return }
        cancelTimersOfSession()
        for pair in session.installed { outputs.append(.remove(pair.child, pair.halves)) }
        self.session = nil
    }

    mutating func cancelTimersOfSession() {
        guard session != nil else { return }
        for purpose in timersInOrder.map(\.timer.purpose) {
            switch purpose {
            case .retransmission, .liveness, .rekeyRetry, .keepReplaced: cancel(purpose)
            case .yield, .halfOpen, .retry: break
            }
        }
    }
}
