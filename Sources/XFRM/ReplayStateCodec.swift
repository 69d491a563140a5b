import CMnl
import Glibc
import Netlink

extension ReplayState {
    func encode(into encoder: inout MessageEncoder) throws(NetlinkError) {
        switch window {
        case .plain(let bitmap):
            let state = xfrm_replay_state(
                oseq: UInt32(truncatingIfNeeded: sent), seq: UInt32(truncatingIfNeeded: received), bitmap: bitmap)
            try encoder.put(AttributeType(XFRMA_REPLAY_VAL), structure: state)
        case .large(let packets, let bitmap):
            var header = xfrm_replay_state_esn()
            header.bmp_len = UInt32(truncatingIfNeeded: bitmap.count)
            header.oseq = UInt32(truncatingIfNeeded: sent)
            header.oseq_hi = UInt32(truncatingIfNeeded: sent >> 32)
            header.seq = UInt32(truncatingIfNeeded: received)
            header.seq_hi = UInt32(truncatingIfNeeded: received >> 32)
            header.replay_window = packets
            var bytes = withUnsafeBytes(of: header) { Array($0) }
            bitmap.withUnsafeBytes { bytes += $0 }
            try encoder.put(AttributeType(XFRMA_REPLAY_ESN_VAL), bytes: bytes)
        }
    }

    /// nil when the attributes hold none.
    init?(in attributes: NetlinkAttributes) throws(NetlinkError) {
        if let attribute = attributes[AttributeType(XFRMA_REPLAY_ESN_VAL)] {
            let header = try attribute.load(as: xfrm_replay_state_esn.self)
            let words = attribute.payload.dropFirst(MemoryLayout<xfrm_replay_state_esn>.size)
            guard header.bmp_len <= XFRMA_REPLAY_ESN_MAX / 32, words.count >= Int(header.bmp_len) * 4 else {
                throw NetlinkError(.malformed("a replay bitmap of \(header.bmp_len) words in \(words.count) bytes"))
            }
            let bitmap = words.withUnsafeBytes { words in
                (0..<Int(header.bmp_len)).map { words.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
            }
            self.init(
                sent: UInt64(header.oseq_hi) << 32 | UInt64(header.oseq), received: UInt64(header.seq_hi) << 32 | UInt64(header.seq),
                window: .large(packets: header.replay_window, bitmap: bitmap))
        } else if let state = try attributes.load(AttributeType(XFRMA_REPLAY_VAL), as: xfrm_replay_state.self) {
            self.init(sent: UInt64(state.oseq), received: UInt64(state.seq), window: .plain(bitmap: state.bitmap))
        } else {
            return nil
        }
    }
}
