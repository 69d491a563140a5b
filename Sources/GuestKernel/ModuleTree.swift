/// The modules of one kernel release: `lib/modules/RELEASE` of its package.
///
/// Dependencies come from the modules themselves, so that depmod(8) need not run.
struct ModuleTree {
    private var files: [String: String] = [:]
    private var builtIn: Set<String> = []

    init(folders: [String]) throws {
        for folder in folders {
            for path in try FileTree.files(below: folder) {
                if let name = KernelModule.name(ofFile: path) { files[name] = path }
            }
            let list = "\(folder)/modules.builtin"
            guard FileTree.exists(list) else { continue }
            for line in try FileTree.text(list).split(separator: "\n") {
                if let name = KernelModule.name(ofFile: String(line)) { builtIn.insert(name) }
            }
        }
    }

    func has(_ name: String) -> Bool { files[name] != nil || builtIn.contains(name) }

    /// The modules, and those they depend on, each behind all that it depends on. What the kernel has built in is left out.
    ///
    /// - Throws: `GuestKernelError.lacking` for a module that is nowhere.
    func resolve(_ wanted: [String], kernel: String) throws -> [KernelModule] {
        var resolved: [KernelModule] = []
        var seen: Set<String> = []
        func visit(_ name: String) throws {
            guard seen.insert(name).inserted else { return }
            guard let path = files[name] else {
                if builtIn.contains(name) { return }
                throw GuestKernelError.lacking(kernel: kernel, options: ["the module \(name)"])
            }
            var bytes = try FileTree.read(path)
            if let compression = Compression(of: bytes) { bytes = try compression.decompress(bytes) }
            let module = try KernelModule(bytes, file: path)
            try module.dependencies.forEach(visit)
            resolved.append(module)
        }
        try wanted.forEach(visit)
        return resolved
    }
}
