import LabPlan

/// An IKE SA as one of its ends keeps it, with the one tunnel that it protects: at most one pair of ESP SAs in use, its successor while it is
/// being rekeyed, and the replaced ones' inbound SAs for a while.
///
/// Each end has one request under way at most (RFC 7296 §2.3: a window of 1, the default); others wait in `tasks`.
struct IKESession: Sendable {
    let initiatorSPI: IKESPI
    let responderSPI: IKESPI
    /// Whether this end began it.
    let isInitiator: Bool
    let secrets: ExchangeSecrets
    /// The exchange by which it came about, at the end that answered: its last answer may have to be repeated.
    var answered: AnsweringExchange?

    /// The pair on which this end sends.
    var current: NegotiatedChild
    /// Agreed on when the peer asked for it, and used for sending as soon as the peer deletes the current one.
    var successor: NegotiatedChild?
    /// Whether the successor's soft lifetime came before its time to be used.
    var isSuccessorExpiring = false
    /// What the kernel has of this tunnel, the oldest pair first.
    var installed: [InstalledPair] = []

    /// Of this end's next request. The IKE SA's initiator has used 0 and 1 (RFC 7296 §2.2).
    var nextRequestID: UInt32
    /// Of the peer's next request.
    var nextExpectedID: UInt32
    var lastAnswer: Answer?
    var outstanding: Request?
    var tasks: [Task] = []

    /// How long nothing had come from the peer at the last look for a sign of life.
    var silence = Duration.zero

    struct InstalledPair: Sendable {
        let child: NegotiatedChild
        var halves: Halves
    }

    struct Answer: Sendable {
        let request: [UInt8]
        let response: [UInt8]
    }

    /// A request that waits for its answer.
    struct Request: Sendable {
        enum Purpose: Sendable {
            /// An empty INFORMATIONAL request: "are you alive?"
            case question
            case rekeying(RekeyingRequest)
            case deletion(NegotiatedChild)
        }

        let purpose: Purpose
        let exchange: IKEHeader.Exchange
        let messageID: UInt32
        let bytes: [UInt8]
        var repetitions = 0
        /// The sum of the waits up to now.
        var waited = Duration.zero
    }

    enum Task: Sendable {
        /// By the inbound SPI.
        case rekey(ChildSPI)
        case delete(NegotiatedChild)
    }

    init(_ child: NegotiatedChild, secrets: ExchangeSecrets, answered: AnsweringExchange?) {
        initiatorSPI = child.initiatorSPI
        responderSPI = child.responderSPI
        isInitiator = answered == nil
        self.secrets = secrets
        self.answered = answered
        current = child
        nextRequestID = isInitiator ? 2 : 0
        nextExpectedID = isInitiator ? 0 : 2
    }

    /// Whether the message is the peer's, of this IKE SA.
    func isNamed(by header: IKEHeader) -> Bool {
        header.initiatorSPI == initiatorSPI && header.responderSPI == responderSPI && header.isFromInitiator != isInitiator
    }

    func header(_ exchange: IKEHeader.Exchange, isResponse: Bool, messageID: UInt32) -> IKEHeader {
        IKEHeader(
            initiatorSPI: initiatorSPI, responderSPI: responderSPI, exchange: exchange, isFromInitiator: isInitiator,
            isResponse: isResponse, messageID: messageID)
    }

    /// Whether the pair's rekeying is under way, agreed on or about to begin.
    func isBeingRekeyed(_ spi: ChildSPI) -> Bool {
        if case .rekeying(let request) = outstanding?.purpose, request.replaced == spi { return true }
        return successor != nil || tasks.contains { if case .rekey(spi) = $0 { true } else { false } }
    }
}
