/// A kernel module's own description: the `.modinfo` section that modinfo(8) prints.
struct KernelModule {
    /// With underscores, as the kernel has it.
    let name: String
    /// The modules that must be loaded before, by name.
    let dependencies: [String]
    /// The file's contents, not compressed and without a signature.
    let bytes: [UInt8]

    /// - Parameter file: for messages.
    init(_ bytes: [UInt8], file: String) throws {
        guard let information = ELFImage(bytes)?.section(".modinfo") else {
            throw GuestKernelError.malformed(file: file, reason: "not a kernel module")
        }
        let fields = KernelModule.fields(information)
        name = KernelModule.normalised(fields["name"] ?? KernelModule.name(ofFile: file) ?? file)
        dependencies = (fields["depends"] ?? "").split(separator: ",").map { KernelModule.normalised(String($0)) }
        self.bytes = KernelModule.withoutSignature(bytes)
    }

    private static let signatureMark = Array("~Module signature appended~\n".utf8)

    /// Cuts off what signs the module. Distributions' kernels load modules unsigned as well (they are tainted by it, no more), and in the emulated
    /// processor the check of a signature takes most of a module's time: 0.75 s of virtual time for all of them.
    ///
    /// Behind the module stand the signature, 12 bytes about it (`struct module_signature`, whose last four are the signature's length, the
    /// highest byte first), and the mark.
    static func withoutSignature(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > signatureMark.count + 12, bytes.suffix(signatureMark.count).elementsEqual(signatureMark) else { return bytes }
        let length = bytes.dropLast(signatureMark.count).suffix(4).reduce(0) { $0 << 8 | Int($1) }
        let end = bytes.count - signatureMark.count - 12 - length
        return end > 0 ? Array(bytes[..<end]) : bytes
    }

    /// The `key=value` strings, each ended by a zero byte. Of a key that comes twice, the first counts.
    static func fields(_ information: some Collection<UInt8>) -> [String: String] {
        var fields: [String: String] = [:]
        for entry in information.split(separator: 0) {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let key = String(decoding: entry[..<equals], as: UTF8.self)
            if fields[key] == nil { fields[key] = String(decoding: entry[entry.index(after: equals)...], as: UTF8.self) }
        }
        return fields
    }

    /// File names may have dashes where the kernel has underscores.
    static func normalised(_ name: String) -> String { String(name.map { $0 == "-" ? "_" : $0 }) }

    /// The module's name by its file's: `…/xfrm_user.ko.xz` is `xfrm_user`. nil for another kind of file.
    static func name(ofFile path: String) -> String? {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        guard let suffix = [".ko", ".ko.xz", ".ko.zst", ".ko.gz"].first(where: file.hasSuffix) else { return nil }
        return normalised(String(file.dropLast(suffix.count)))
    }
}
