/// A kernel in the cache, ready to start: the ELF image and the modules the agent needs.
public struct PreparedKernel: Sendable, Hashable {
    /// What `uname -r` prints in the guest.
    public let release: String
    /// Where it came from: a package's name, or a folder.
    public let origin: String
    /// The ELF image's path.
    public let image: String
    /// The modules' files in the order of loading.
    public let modules: [String]

    init(release: String, origin: String, image: String, modules: [String]) {
        self.release = release
        self.origin = origin
        self.image = image
        self.modules = modules
    }

    // A cached kernel is a folder with these files; the manifest is written last.
    static let manifestFile = "manifest"
    private static let imageFile = "vmlinux"

    /// Changed whenever the layout, or what must be taken from a package, changes: then the cached kernels are made again.
    static var manifestHead: String {
        let requirements = KernelRequirement.all.map { "\($0.option):\($0.module ?? "")" }.joined(separator: ",")
        return "resetlab kernel 2 \(requirements)"
    }

    /// Takes what is needed out of an unpacked package into a folder, which has everything or nothing of it afterwards.
    ///
    /// - Throws: `GuestKernelError` for a kernel that lacks something, `SystemCallError` for a full disk.
    static func prepare(fromUnpacked root: String, origin: String, into folder: String) throws {
        let boot = "\(root)/boot"
        guard let name = try FileTree.names(in: boot).last(where: { $0.hasPrefix("vmlinuz-") }) else {
            throw GuestKernelError.malformed(file: root, reason: "there is no boot/vmlinuz-* in it")
        }
        let release = String(name.dropFirst("vmlinuz-".count))
        let tree = try ModuleTree(folders: ["\(root)/lib/modules/\(release)", "\(root)/usr/lib/modules/\(release)"])
        let configuration = KernelConfiguration(try FileTree.text("\(boot)/config-\(release)"))
        let (wanted, missing) = configuration.modules(for: KernelRequirement.all, has: tree.has)
        guard missing.isEmpty else { throw GuestKernelError.lacking(kernel: release, options: missing) }
        let modules = try tree.resolve(wanted, kernel: release)

        try FileTree.makeFolder(folder)
        try FileTree.write(try KernelImage.vmlinux(from: try FileTree.read("\(boot)/\(name)"), file: name), to: "\(folder)/\(imageFile)")
        var manifest = [manifestHead, release, origin]
        for module in modules {
            manifest.append("\(module.name).ko")
            try FileTree.write(module.bytes, to: "\(folder)/\(module.name).ko")
        }
        try FileTree.write(Array((manifest.joined(separator: "\n") + "\n").utf8), to: "\(folder)/\(manifestFile)")
    }

    /// The kernel in a cache folder; nil when there is none, or one made by another version of this program.
    init?(cachedIn folder: String) {
        guard let manifest = try? FileTree.text("\(folder)/\(PreparedKernel.manifestFile)") else { return nil }
        let lines = manifest.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count > 3, lines[0] == PreparedKernel.manifestHead else { return nil }
        release = lines[1]
        origin = lines[2]
        image = "\(folder)/\(PreparedKernel.imageFile)"
        modules = lines[3...].filter { !$0.isEmpty }.map { "\(folder)/\($0)" }
        guard ([image] + modules).allSatisfy(FileTree.exists) else { return nil }
    }
}
