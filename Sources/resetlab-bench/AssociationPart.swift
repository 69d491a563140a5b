import Addressing
import LinuxKernel
import XFRM

/// How far into the making of an SA a request comes before the kernel refuses it, and what it has cost by then: the differences are what the steps
/// take (`xfrm_state_construct`, `__xfrm_init_state`, `xfrm_state_add`).
struct AssociationPart: Codable {
    var name: String
    /// In microseconds of virtual time, the answer to a refusal included.
    var cost: Double

    private static let count = 1_000

    /// - Parameter socket: of a namespace whose SAs may go.
    static func measured(_ socket: XFRMSocket) throws -> [AssociationPart] {
        try socket.flushAssociations()
        let all = AssociationBenchmark.associations
        func part(_ name: String, refused: Bool = true, _ transform: ((SecurityAssociation) -> ESPTransform)?) throws -> AssociationPart {
            var batch = XFRMBatch()
            for association in all {
                var association = association
                if let transform { association.transform = transform(association) }
                try batch.append(.add(association))
            }
            let start = SystemClock.monotonic.nanoseconds
            let failures = try socket.apply(&batch).count
            let time = SystemClock.monotonic.nanoseconds - start
            guard failures == (refused ? count : 0) else { throw BenchFailure("\(name): \(failures) of \(count) SAs were refused") }
            return AssociationPart(name: name, cost: Double(time) / Double(count) / 1_000)
        }
        let key = KeyMaterial([UInt8](repeating: 7, count: 36))
        var parts = [
            try part("refused for an unknown algorithm") { _ in
                .aead(AEADAlgorithm(rawValue: "rfc4106(gcm(none))"), key: key, icvBits: 128)
            },
            try part("refused for its key's length, its cipher allocated") { _ in
                .aead(.gcm, key: KeyMaterial([UInt8](repeating: 7, count: 35)), icvBits: 128)
            },
            try part("refused for its check value's length, its key set") { _ in .aead(.gcm, key: key, icvBits: 40) },
            try part("installed", refused: false, nil),
        ]
        parts.append(try part("refused since it is there, all else done", nil))
        try socket.flushAssociations()
        return parts
    }
}
