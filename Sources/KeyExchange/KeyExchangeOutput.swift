/// What an end of an exchange wants done, in order.
public enum KeyExchangeOutput: Sendable, Equatable {
    /// Send a datagram to the peer: for a responder, to where the request came from.
    case send([UInt8])
    /// An exchange has one timer at a time: it has fired or is cancelled before the next one starts.
    case startTimer(RetransmissionTimer, after: Duration)
    case cancelTimer(RetransmissionTimer)
    /// Install these SAs. The responder gets this before its `send`: the initiator may use its SAs as soon as it has the answer.
    case completed(NegotiatedChild)
    case failed(connection: String, KeyExchangeFailure)
    /// The input changed nothing.
    case discarded(DiscardReason)
}

/// Names one start of an exchange's timer, so that the end of an earlier one is told from it.
public struct RetransmissionTimer: Sendable, Hashable {
    public let generation: Int

    public init(generation: Int) { self.generation = generation }
}

/// Why an exchange ended without keys.
public enum KeyExchangeFailure: Error, Sendable, Hashable {
    /// NO_PROPOSAL_CHOSEN: the policies of both ends differ, for the IKE SA (encryption, integrity, DH group), for ESP, or for its rekeying
    /// (PFS group).
    case noProposalChosen(IKEHeader.Exchange)
    /// AUTHENTICATION_FAILED, or the peer's proof is wrong: the pre-shared keys differ, or an end is not who the other expects.
    case authenticationFailed
    /// TS_UNACCEPTABLE: the prefixes of both ends differ.
    case trafficSelectorsUnacceptable
    /// The peer refused for a reason that the lab's own ends never have.
    case refused(notification: UInt16)
    /// The peer answered something that was not asked for.
    case invalidResponse(IKEHeader.Exchange)
    /// No answer to a request that was sent this often.
    case noResponse(IKEHeader.Exchange, transmissions: Int)
    /// The configuration does not fit into a message.
    case unencodable(IKEEncodingError)
}

/// Why an input was not used.
public enum DiscardReason: Sendable, Hashable {
    case malformed(IKEDecodingError)
    /// From an address that is not the peer's.
    case unexpectedSource
    /// No connection between these addresses.
    case unknownConnection
    /// Of an exchange that this end does not know, or no longer.
    case unknownExchange
    /// A request where a response belongs, or the reverse.
    case wrongDirection
    /// Not the exchange type or message number that is due: a late repetition, most of the time.
    case unexpectedMessage
    case missingPayload(PayloadType)
    /// The same message number as an answered request, with other content.
    case conflictingRequest
    /// The exchange has ended.
    case finished
    case staleTimer
}

extension KeyExchangeFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noProposalChosen(.saInit): "no proposal chosen: the IKE encryption, integrity or DH group of both sides differ"
        case .noProposalChosen(.createChildSA): "no proposal chosen: the PFS groups of both sides differ"
        case .noProposalChosen: "no proposal chosen: the IPsec encryption or integrity of both sides differ"
        case .authenticationFailed: "authentication failed: the pre-shared keys or addresses of both sides differ"
        case .trafficSelectorsUnacceptable: "traffic selectors unacceptable: the prefixes of both sides differ"
        case .refused(let notification): "refused with notification \(notification)"
        case .invalidResponse(let exchange): "invalid response in \(exchange)"
        case .noResponse(let exchange, let transmissions): "no response in \(exchange) to \(transmissions) transmissions"
        case .unencodable(let error): "\(error)"
        }
    }
}

extension IKEHeader.Exchange: CustomStringConvertible {
    public var description: String {
        switch self {
        case .saInit: "IKE_SA_INIT"
        case .auth: "IKE_AUTH"
        case .createChildSA: "CREATE_CHILD_SA"
        case .informational: "INFORMATIONAL"
        }
    }
}
