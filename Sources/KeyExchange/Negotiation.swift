import LabPlan

/// The choice among proposals (RFC 7296 §2.7), for policies that name one algorithm of each kind.
enum Negotiation {
    /// The first offer that allows these transforms, reduced to them; nil when none does.
    static func choice(
        among offers: [Proposal], for securityProtocol: Proposal.SecurityProtocol, transforms: [Transform]
    ) -> Proposal? {
        let kinds = Set(transforms.map(\.kind))
        let match = offers.first { offer in
            offer.securityProtocol == securityProtocol && transforms.allSatisfy(offer.transforms.contains)
                // A kind that this end does not name cannot be left out of the choice.
                && offer.transforms.allSatisfy { kinds.contains($0.kind) }
        }
        guard var choice = match else { return nil }
        choice.transforms = transforms
        return choice
    }

    /// The peer's choice from this end's only offer; nil when it is something else.
    static func accepted(_ answer: [Proposal], offer: Proposal) -> Proposal? {
        guard let choice = answer.first, answer.count == 1, choice.number == offer.number,
            choice.securityProtocol == offer.securityProtocol, choice.transforms.count == offer.transforms.count,
            Set(choice.transforms) == Set(offer.transforms)
        else { return nil }
        return choice
    }
}

extension Proposal {
    /// The only offer of an end.
    static func ike(_ policy: IPsecPolicy) -> Proposal {
        Proposal(number: 1, securityProtocol: .ike, transforms: policy.ikeTransforms)
    }

    /// The only offer of an end, which will receive on this SPI.
    static func esp(_ policy: IPsecPolicy, inbound spi: ChildSPI) -> Proposal {
        Proposal(number: 1, securityProtocol: .esp, spi: spi.rawValue.bigEndianBytes, transforms: policy.childTransforms)
    }

    /// The only offer of an end that asks for a rekeying.
    static func rekeyedESP(_ policy: IPsecPolicy, inbound spi: ChildSPI) -> Proposal {
        Proposal(number: 1, securityProtocol: .esp, spi: spi.rawValue.bigEndianBytes, transforms: policy.rekeyTransforms)
    }
}

extension IKENotification {
    static func pfsGroup(of policy: IPsecPolicy) -> IKENotification {
        IKENotification(.pfsGroup, data: policy.pfsGroupNumber.bigEndianBytes)
    }
}

extension IKEMessage {
    /// The group of the peer's `pfsGroup` notification.
    var pfsGroup: UInt16? {
        guard let data = notification(.pfsGroup)?.data, data.count == 2 else { return nil }
        return UInt16(data[0]) << 8 | UInt16(data[1])
    }
}

/// What the exchange's parties make up by themselves. In bytes.
enum IKESizes {
    /// Half the key size of the largest PRF at least (RFC 7296 §2.10).
    static let nonce = 32
}
