import CMnl
import Netlink

/// Which of its generators of random numbers the kernel takes SAs' salts from, for a kernel that nobody else uses.
///
/// Each SA's generator of initialisation vectors (`seqiv`) begins with a random salt (`aead_init_geniv`). The kernel has several generators
/// of NIST SP 800-90A and prefers the one with HMAC and SHA-512, which takes 45,000 instructions for it, more than two thirds of what the SA
/// takes in all. The one with AES in counter mode is as good, and AES is what the processor has instructions for.
public enum SaltGenerator {
    private static let name = "stdrng"
    private static let counterMode = "drbg_nopr_ctr_aes256"
    /// Above all others', which are 200 to 300 (`drbg_fill_array`).
    private static let priority: UInt32 = 1_000

    /// Has the kernel prefer AES in counter mode. Of use before the first SA only: the kernel keeps what it chose then.
    ///
    /// - Returns: whether it does; not where the kernel lacks that generator or the way to tell it (CONFIG_CRYPTO_USER).
    /// - Throws: `isNotPermitted` without CAP_NET_ADMIN.
    @discardableResult
    public static func preferCounterMode() throws(NetlinkError) -> Bool {
        do {
            try NetlinkSocket(.crypto).transact(request(), "prefer", "\(counterMode) for random numbers")
            return true
        } catch {
            if error.isNotSupported || error.isNotFound { return false }
            throw error
        }
    }

    /// `CRYPTO_MSG_UPDATEALG` with a priority (`crypto_update_alg`).
    static func request() throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(MessageType(CRYPTO_MSG_UPDATEALG)) { encoder throws(NetlinkError) in
            var algorithm = crypto_user_alg()
            withUnsafeMutableBytes(of: &algorithm.cru_name) { $0.copyBytes(from: name.utf8) }
            withUnsafeMutableBytes(of: &algorithm.cru_driver_name) { $0.copyBytes(from: counterMode.utf8) }
            encoder.append(header: algorithm)
            try encoder.put(AttributeType(CRYPTOCFGA_PRIORITY_VAL), priority)
        }
    }
}
