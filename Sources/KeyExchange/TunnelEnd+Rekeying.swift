// A pair of SAs is replaced without losing a packet:
//
//     the end that asks                                         the end that is asked
//     CREATE_CHILD_SA                                     ──>   installs the new inbound SA, sends on the old pair
//     installs the new pair, removes the old outbound SA  <──   answer
//     DELETE for the old pair                             ──>   installs the new outbound SA, removes the old one
//     (keeps the old inbound SA for a while)              <──   answer, (keeps the old inbound SA for a while)
//
// No end sends on an SA before its peer receives on it, whichever messages are lost, and none stops receiving on an SA before its peer has
// changed over. When both ask at once, the end with the greater address has its way: it refuses (TEMPORARY_FAILURE), while the other answers.
// RFC 7296 §2.8.1 has both answer and then close the pair with the lowest nonce, which costs a second pair for as long.

extension TunnelEnd {
    mutating func expiring(_ spi: ChildSPI, _ random: inout some RandomSource) {
        guard let session else { return }
        if session.successor?.inbound.spi == spi {
            self.session?.isSuccessorExpiring = true
        } else if !isPending(.rekeyRetry) {
            rekey(spi, &random)
        }
    }

    mutating func expired(_ spi: ChildSPI, _ random: inout some RandomSource) {
        guard let session else { return }
        if session.successor?.inbound.spi == spi {
            removePair(spi)
            self.session?.successor = nil
        } else if session.current.inbound.spi != spi {
            cancel(.keepReplaced(spi))
            removePair(spi)
        } else if session.successor != nil {
            changeOver()
            removePair(spi)
            sendNext(&random)
        } else {
            outputs.append(.event(.expired))
            // The peer's SAs may live longer, and it would go on sending on them.
            sendDeletionOfSession()
            dropSession()
            beginOrWait(&random)
        }
    }

    mutating func rekey(_ spi: ChildSPI, _ random: inout some RandomSource) {
        guard let session, session.current.inbound.spi == spi, !session.isBeingRekeyed(spi) else { return }
        enqueue(.rekey(spi), &random)
    }

    mutating func requestRekeying(of spi: ChildSPI, _ random: inout some RandomSource) {
        // The peer may have asked for it in the meantime.
        guard let session, session.current.inbound.spi == spi, session.successor == nil else { return }
        let rekeying = RekeyingRequest(replacing: spi, of: connection, random: &random)
        if let error = request(.createChildSA, rekeying.payloads, .rekeying(rekeying)) { rekeyFailed(.unencodable(error)) }
    }

    mutating func rekeyFailed(_ failure: KeyExchangeFailure) {
        lastFailure = failure
        outputs.append(.event(.rekeyFailed(failure)))
        start(.rekeyRetry, after: Self.rekeyPause)
    }

    /// The answer to this end's CREATE_CHILD_SA.
    mutating func finish(_ rekeying: RekeyingRequest, _ answer: IKEMessage) {
        // The peer's own rekeying of the same pair may have come first.
        guard let session, session.current.inbound.spi == rekeying.replaced, session.successor == nil else { return }
        guard answer.error?.kind != .temporaryFailure else {
            start(.rekeyRetry, after: Self.rekeyPause)
            return
        }
        do throws(KeyExchangeFailure) {
            let child = try rekeying.child(by: answer, of: session)
            let old = session.current
            install(child, .both)
            remove(old, .outbound)
            self.session?.current = child
            succeeded(child, initiated: true)
            self.session?.tasks.insert(.delete(old), at: 0)
        } catch {
            rekeyFailed(error)
        }
    }

    /// The peer's CREATE_CHILD_SA.
    mutating func answerRekeying(_ message: IKEMessage, _ datagram: [UInt8], _ random: inout some RandomSource) {
        guard let session else { return }
        guard let rekeyed = message.notification(.rekeySA)?.spi else {
            // One pair of SAs is what a tunnel has.
            answer(message, datagram, [.notify(IKENotification(.noAdditionalSAs))])
            return
        }
        guard rekeyed == session.current.outbound.spi else {
            answer(message, datagram, [.notify(IKENotification(.childSANotFound))])
            return
        }
        if case .rekeying = session.outstanding?.purpose, connection.localAddress > connection.remoteAddress {
            answer(message, datagram, [.notify(IKENotification(.temporaryFailure))])
            return
        }
        switch RekeyingRequest.answer(message, of: session, random: &random) {
        case .failure(let refusal): answer(message, datagram, [.notify(refusal.notification)])
        case .success(let (child, payloads)):
            // One that the peer has not taken, as it asks again.
            if let earlier = session.successor { remove(earlier, .both) }
            self.session?.successor = child
            self.session?.isSuccessorExpiring = false
            install(child, .inbound)
            answer(message, datagram, payloads)
        }
    }

    /// The peer deletes the pair on which it receives with this SPI.
    ///
    /// - Returns: the pair; nil when this end does not have it.
    mutating func deletedByPeer(_ spi: ChildSPI) -> NegotiatedChild? {
        guard let session, let pair = session.installed.first(where: { $0.child.outbound.spi == spi }) else { return nil }
        if pair.child == session.current, session.successor != nil {
            changeOver()
            keepReplaced(pair.child)
        }
        return pair.child
    }

    /// From now on this end sends on the successor.
    private mutating func changeOver() {
        guard let session, let successor = session.successor else { return }
        install(successor, .outbound)
        remove(session.current, .outbound)
        self.session?.current = successor
        self.session?.successor = nil
        succeeded(successor, initiated: false)
        if session.isSuccessorExpiring { self.session?.tasks.append(.rekey(successor.inbound.spi)) }
        self.session?.isSuccessorExpiring = false
    }

    private mutating func succeeded(_ child: NegotiatedChild, initiated: Bool) {
        cancel(.rekeyRetry)
        lastFailure = nil
        outputs.append(.event(.rekeyed(child, initiated: initiated)))
    }

    mutating func keepReplaced(_ child: NegotiatedChild) {
        guard session?.installed.contains(where: { $0.child == child }) == true else { return }
        if settings.keepReplaced > .zero {
            start(.keepReplaced(child.inbound.spi), after: settings.keepReplaced)
        } else {
            remove(child, .inbound)
        }
    }
}
