import Processes
import TestRequirements
import Testing

@testable import GuestKernel

/// Synthetic files: just enough of each format.
enum Synthetic {
    static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian, Array.init)
    }

    /// An ELF file with a string table and one more section.
    static func elf(section: String, _ contents: [UInt8]) -> [UInt8] {
        let names = Array("\0.shstrtab\0\(section)\0".utf8)
        let tableOffset = 64 + names.count + contents.count
        var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + Array(repeating: 0, count: 9)
        file += littleEndian(UInt16(1)) + littleEndian(UInt16(62)) + littleEndian(UInt32(1))  // relocatable, x86-64
        file += littleEndian(UInt64(0)) + littleEndian(UInt64(0)) + littleEndian(UInt64(tableOffset)) + littleEndian(UInt32(0))
        // Header sizes and counts: itself, program (none), sections (3, names in the second).
        for number in [64, 0, 0, 64, 3, 1] as [UInt16] { file += littleEndian(number) }
        file += names + contents
        file += Array(repeating: 0, count: 64)
        file += sectionHeader(name: 1, offset: 64, size: names.count)
        file += sectionHeader(name: 11, offset: 64 + names.count, size: contents.count)
        return file
    }

    private static func sectionHeader(name: UInt32, offset: Int, size: Int) -> [UInt8] {
        littleEndian(name) + littleEndian(UInt32(1)) + littleEndian(UInt64(0)) + littleEndian(UInt64(0)) + littleEndian(UInt64(offset))
            + littleEndian(UInt64(size)) + Array(repeating: 0, count: 24)
    }

    static func module(_ name: String, depends: String = "") -> [UInt8] {
        elf(section: ".modinfo", Array("license=GPL\0depends=\(depends)\0name=\(name)\0vermagic=6.12\0".utf8))
    }

    /// A bzImage with two setup sectors and the payload at an odd place.
    static func bzImage(payload: [UInt8], length: Int? = nil) -> [UInt8] {
        var image = [UInt8](repeating: 0xEE, count: 3 * 512 + 100)
        image[0x1F1] = 2
        image.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
        image.replaceSubrange(0x206..<0x208, with: littleEndian(UInt16(0x20F)))
        image.replaceSubrange(0x248..<0x24C, with: littleEndian(UInt32(100)))
        image.replaceSubrange(0x24C..<0x250, with: littleEndian(UInt32(length ?? payload.count)))
        return image + payload + [0xCC, 0xCC]
    }
}

@Suite struct KernelModuleTests {
    @Test func information() throws {
        let module = try KernelModule(Synthetic.module("xfrm_user", depends: "xfrm-algo,af_key"), file: "x.ko")
        #expect(module.name == "xfrm_user")
        #expect(module.dependencies == ["xfrm_algo", "af_key"])
    }

    @Test func fields() {
        let fields = KernelModule.fields(Array("\0a=1\0b=\0nothing\0c=x=y\0a=2\0last=unended".utf8))
        #expect(fields == ["a": "1", "b": "", "c": "x=y", "last": "unended"])
    }

    @Test(arguments: [
        ("lib/modules/6/kernel/net/xfrm-user.ko", "xfrm_user"), ("veth.ko.xz", "veth"), ("a/gcm.ko.zst", "gcm"), ("x.ko.gz", "x"),
    ]) func namesOfFiles(file: String, name: String) { #expect(KernelModule.name(ofFile: file) == name) }

    @Test(arguments: ["modules.builtin", "veth.ko.tmp", "ko"]) func otherFiles(file: String) {
        #expect(KernelModule.name(ofFile: file) == nil)
    }

    @Test func signatureIsCutOff() throws {
        let module = Synthetic.module("x")
        // Signature, what it is (eight bytes), its length, the mark.
        let signature: [UInt8] = Array(repeating: 9, count: 300) + [0, 0, 2, 0, 0, 0, 0, 0] + [0, 0, 1, 0x2C]
        let signed = module + signature + Array("~Module signature appended~\n".utf8)
        #expect(try KernelModule(signed, file: "x").bytes == module)
        #expect(try KernelModule(module, file: "x").bytes == module)
        // A length that reaches before the file's beginning.
        let broken = module + [0, 0, 2, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + Array("~Module signature appended~\n".utf8)
        #expect(KernelModule.withoutSignature(broken) == broken)
    }

    @Test func brokenFilesAreErrors() {
        let module = Synthetic.module("x")
        // Every length, and every header field as far out as it goes: an error or a result, never a trap.
        for length in 0..<module.count { _ = try? KernelModule(Array(module[..<length]), file: "x") }
        for offset in 0..<64 {
            var broken = module
            broken[offset] = 0xFF
            _ = try? KernelModule(broken, file: "x")
        }
        for offset in stride(from: 24, to: 64, by: 8) {
            var broken = module
            broken.replaceSubrange(offset..<offset + 8, with: Array(repeating: 0xFF, count: 8))
            _ = try? KernelModule(broken, file: "x")
        }
        #expect(throws: GuestKernelError.malformed(file: "x", reason: "not a kernel module")) {
            try KernelModule(Array("text".utf8), file: "x")
        }
    }
}

@Suite struct ModuleTreeTests {
    let folder: TemporaryFolder
    let tree: ModuleTree

    init() throws {
        folder = try TemporaryFolder()
        let modules = [("a", "b,c"), ("b", "c"), ("c", "built"), ("d", ""), ("e", "gone"), ("loop1", "loop2"), ("loop2", "loop1")]
        for (name, depends) in modules { try folder.file("kernel/\(name)/\(name).ko", Synthetic.module(name, depends: depends)) }
        try folder.file("modules.builtin", Array("kernel/built.ko\n".utf8))
        tree = try ModuleTree(folders: [folder.path, "\(folder.path)/not-there"])
    }

    @Test(arguments: [
        (["a"], ["c", "b", "a"]), (["b", "a", "d"], ["c", "b", "a", "d"]), (["built"], []), (["d", "d"], ["d"]),
        (["loop1"], ["loop2", "loop1"]),
    ]) func dependenciesComeFirst(wanted: [String], order: [String]) throws {
        #expect(try tree.resolve(wanted, kernel: "6").map(\.name) == order)
    }

    @Test func missingDependency() {
        #expect(throws: GuestKernelError.lacking(kernel: "6", options: ["the module gone"])) { try tree.resolve(["e"], kernel: "6") }
    }

    @Test(Requirements.programs(["xz", "zstd", "gzip"])) func compressedModules() throws {
        for (program, suffix) in [("xz", "xz"), ("zstd", "zst"), ("gzip", "gz")] {
            let plain = try MemoryFile(name: "module", contents: [Synthetic.module("m_\(suffix)")])
            let compressed = try Command(program, ["-c", "-q"]).runToEnd(input: plain.descriptor.rawValue).checked().output
            try folder.file("more/m-\(suffix).ko.\(suffix)", compressed)
        }
        let tree = try ModuleTree(folders: [folder.path])
        let wanted = ["m_xz", "m_zst", "m_gz"]
        #expect(try tree.resolve(wanted, kernel: "6").map(\.name) == wanted)
        #expect(try tree.resolve(wanted, kernel: "6").map(\.bytes) == wanted.map { Synthetic.module($0) })
    }
}

@Suite struct KernelImageTests {
    static let kernel = Synthetic.elf(section: ".text", Array(repeating: 0x90, count: 5000))

    @Test(
        Requirements.programs(["xz", "zstd", "lz4", "gzip"]),
        arguments: [("zstd", ["-c", "-q"]), ("lz4", ["-l", "-c", "-q"]), ("lz4", ["-c", "-q"]), ("xz", ["-c"]), ("gzip", ["-n", "-c"])])
    func unpacked(program: String, arguments: [String]) throws {
        let plain = try MemoryFile(name: "kernel", contents: [KernelImageTests.kernel])
        var payload = try Command(program, arguments).runToEnd(input: plain.descriptor.rawValue).checked().output
        // gzip ends with the length by itself.
        if program != "gzip" { payload += Synthetic.littleEndian(UInt32(KernelImageTests.kernel.count)) }
        #expect(try KernelImage.vmlinux(from: Synthetic.bzImage(payload: payload), file: "vmlinuz") == KernelImageTests.kernel)

        // With another length behind it, it is damaged.
        payload.replaceSubrange(payload.count - 4..<payload.count, with: [1, 2, 3, 4])
        #expect(throws: (any Error).self) { try KernelImage.vmlinux(from: Synthetic.bzImage(payload: payload), file: "vmlinuz") }
    }

    @Test func bareKernel() throws { #expect(try KernelImage.vmlinux(from: KernelImageTests.kernel, file: "x") == KernelImageTests.kernel) }

    @Test(arguments: [
        ([], "not a Linux kernel with boot protocol 2.08 or later"),
        (Array(repeating: 0, count: 5000), "not a Linux kernel with boot protocol 2.08 or later"),
        (Synthetic.bzImage(payload: Array("plain text".utf8)), "its compression is unknown"),
        (Synthetic.bzImage(payload: [1], length: 1 << 30), "cut off: its kernel lies outside of the file"),
        (Synthetic.bzImage(payload: [], length: 0), "cut off: its kernel lies outside of the file"),
    ]) func refused(image: [UInt8], reason: String) {
        #expect(throws: GuestKernelError.malformed(file: "vmlinuz", reason: reason)) {
            try KernelImage.vmlinux(from: image, file: "vmlinuz")
        }
    }
}

@Suite struct KernelConfigurationTests {
    let requirements = [
        KernelRequirement(option: "A", module: "a", isNecessary: true), KernelRequirement(option: "B", module: nil, isNecessary: true),
        KernelRequirement(option: "C", module: "c", isNecessary: false),
    ]

    @Test(arguments: [
        ("CONFIG_A=m\nCONFIG_B=y\nCONFIG_C=m\n", ["a", "c"], []),
        ("CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=y\n", [], []),
        ("# CONFIG_A is not set\nCONFIG_B=m\n", [], ["CONFIG_A", "CONFIG_B's module"]),
        ("CONFIG_A=m\nCONFIG_AB=y\n", ["a"], ["CONFIG_B"]),
        ("CONFIG_A=\"y\"\nCONFIG_B=y", [], ["CONFIG_A"]),
    ]) func modulesToLoad(text: String, modules: [String], missing: [String]) {
        let result = KernelConfiguration(text).modules(for: requirements) { _ in true }
        #expect(result.modules == modules)
        #expect(result.missing == missing)
    }

    @Test func moduleInAnotherPackage() {
        let result = KernelConfiguration("CONFIG_A=m\nCONFIG_B=y\nCONFIG_C=m\n").modules(for: requirements) { _ in false }
        #expect(result.modules.isEmpty)
        #expect(result.missing == ["CONFIG_A's module"])
    }
}

@Suite struct SharedLibrariesTests {
    @Test func listing() throws {
        let listing = """
            \tlinux-vdso.so.1 (0x00007ffd0b5f2000)
            \tlibmnl.so.0 => /lib/x86_64-linux-gnu/libmnl.so.0 (0x00007f1)
            \tlibx.so => /opt/with space (1)/libx.so (0x00007f2)
            \t/lib64/ld-linux-x86-64.so.2 (0x00007f3)
            """
        #expect(
            try SharedLibraries.parse(listing: listing, program: "agent") == [
                "/lib/x86_64-linux-gnu/libmnl.so.0", "/opt/with space (1)/libx.so",
            ])
    }

    @Test func missingLibrary() {
        #expect(throws: GuestKernelError.libraryMissing(program: "agent", library: "libgone.so.1")) {
            try SharedLibraries.parse(listing: "\tlibgone.so.1 => not found\n", program: "agent")
        }
    }

    @Test func ofARealProgram() throws {
        let path = try #require(ExecutableLookup.path(of: "sh"))
        let needs = try SharedLibraries.needed(by: path, try FileTree.read(path))
        #expect(needs.interpreter?.contains("ld-linux") == true)
        #expect(needs.libraries.contains { $0.hasSuffix("/libc.so.6") })
    }
}
