import CLinux
import Glibc

/// The kernel's random number generator, for process 1 of a guest whose run is to be repeated.
public enum KernelRandom {
    /// Readies the generator with bytes that are always the same, so that nobody waits for it (RNDADDENTROPY, random(4)).
    ///
    /// - Throws: `SystemCallError` with EPERM without `CAP_SYS_ADMIN`.
    public static func readyWithFixedBytes() throws {
        let file = try openFile(path, O_WRONLY)
        let raw = file.rawValue
        let bytes = Array(UInt8(1)...32)
        try systemCall("RNDADDENTROPY", path) { linux_credit_random(raw, bytes, Int32(bytes.count)) }
    }

    /// Mixes a seed in and gives the generator a new key (RNDRESEEDCRNG): from here on its numbers follow from the seed and what was before.
    ///
    /// - Throws: `SystemCallError` with ENODATA when the generator is not ready.
    public static func reseed(with seed: UInt64) throws {
        let file = try openFile(path, O_WRONLY)
        let raw = file.rawValue
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: seed >> ($0 * 8)) }
        try systemCall("write", path) { Int32(truncatingIfNeeded: write(raw, bytes, bytes.count)) }
        try systemCall("RNDRESEEDCRNG", path) { linux_reseed_random(raw) }
    }

    private static let path = "/dev/urandom"
}
