/// The kernel inside a distribution's `vmlinuz`.
///
/// QEMU starts the bare ELF kernel by its PVH entry point, which spares the emulated processor the unpacking (2 to 4 s).
enum KernelImage {
    /// Unpacks the ELF kernel from a bzImage.
    ///
    /// Where the payload lies is in the setup header (Documentation/arch/x86/boot.rst); what it is compressed with is known by how it begins. Of
    /// all but gzip, whose format has it already, the length of the result stands behind the payload, as a 32-bit number.
    static func vmlinux(from image: [UInt8], file: String) throws -> [UInt8] {
        func malformed(_ reason: String) -> GuestKernelError { .malformed(file: file, reason: reason) }
        if ELFImage(image) != nil { return image }

        // 0x202 "HdrS", 0x206 the protocol's version: payload_offset and payload_length came with 2.08.
        guard image.littleEndian(UInt32.self, at: 0x202) == 0x5372_6448, let version = image.littleEndian(UInt16.self, at: 0x206),
            version >= 0x208
        else { throw malformed("not a Linux kernel with boot protocol 2.08 or later") }
        guard let offset = image.littleEndian(UInt32.self, at: 0x248), let length = image.littleEndian(UInt32.self, at: 0x24C) else {
            throw malformed("cut off in its setup header")
        }
        // For a boot sector and as many setup sectors as 0x1F1 says; zero stands for four.
        let setupSectors = image[0x1F1] == 0 ? 4 : UInt64(image[0x1F1])
        guard length > 4, let payload = image.slice(at: (setupSectors + 1) * 512 + UInt64(offset), count: UInt64(length)) else {
            throw malformed("cut off: its kernel lies outside of the file")
        }
        guard let compression = Compression(of: payload) else { throw malformed("its compression is unknown") }

        let compressed = compression == .gzip ? payload : payload.dropLast(4)
        let kernel = try compression.decompress(Array(compressed))
        guard Array(payload.suffix(4)).littleEndian(UInt32.self, at: 0) == UInt32(truncatingIfNeeded: kernel.count) else {
            throw malformed("its kernel is damaged: \(kernel.count) bytes is not the length it should have")
        }
        guard ELFImage(kernel) != nil else { throw malformed("its kernel is no 64-bit ELF file") }
        return kernel
    }
}
