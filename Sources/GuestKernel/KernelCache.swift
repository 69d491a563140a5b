import Glibc
import LinuxKernel
import Processes

/// The kernels that guests run: taken from the distribution's packages, never installed, kept in the cache folder.
///
///     CACHE/lock
///     CACHE/kernels/PACKAGE/{vmlinux, *.ko, manifest}
///     CACHE/kernels/.partial/…                          a fetch in progress, or what an interrupted one left: removed by the next
public struct KernelCache: Sendable {
    /// Which kernel is wanted.
    public enum Choice: Sendable, Hashable {
        /// A cached one, or the best that the package lists offer.
        case best
        /// The package's.
        case package(String)
        /// The one in a folder into which the package was unpacked (`dpkg-deb -x`).
        case unpacked(folder: String)

        /// `RESETLAB_KERNEL_ROOT`, `RESETLAB_KERNEL_PACKAGE`, or the best.
        public init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
            if let folder = environment("RESETLAB_KERNEL_ROOT"), !folder.isEmpty {
                self = .unpacked(folder: folder)
            } else if let package = environment("RESETLAB_KERNEL_PACKAGE"), !package.isEmpty {
                self = .package(package)
            } else {
                self = .best
            }
        }
    }

    /// How many packages are fetched (some 35 MB each) before giving up.
    private static let mostAttempts = 3

    public let folder: CacheFolder
    public let choice: Choice
    private let launcher: Launcher?

    /// - Parameter launcher: ties the tools that run meanwhile to this process.
    public init(folder: CacheFolder, choice: Choice = Choice(), launcher: Launcher? = nil) {
        self.folder = folder
        self.choice = choice
        self.launcher = launcher
    }

    private var kernels: String { "\(folder.path)/kernels" }

    /// The kernel without any fetching, when the cache has it.
    public var cached: PreparedKernel? {
        switch choice {
        case .best:
            let names = (try? FileTree.names(in: kernels)) ?? []
            return KernelCandidate.ranked(packages: names).lazy.compactMap { PreparedKernel(cachedIn: path(of: $0.package)) }.first
        case .package(let name): return PreparedKernel(cachedIn: path(of: name))
        case .unpacked(let root): return PreparedKernel(cachedIn: path(of: KernelCache.name(forUnpacked: root)))
        }
    }

    /// The wanted kernel; fetched when it is not in the cache, which takes some seconds and 35 MB.
    ///
    /// - Parameter report: told in a line what is done and why.
    /// - Throws: `GuestKernelError`, `ProcessError` of the tools, `SystemCallError`.
    public func kernel(report: (String) -> Void = { _ in }) throws -> PreparedKernel {
        try kernel(from: AptArchive(launcher: launcher), report: report)
    }

    func kernel(from source: some PackageSource, report: (String) -> Void) throws -> PreparedKernel {
        if let cached { return cached }
        return try folder.locked {
            // Another process may have fetched it while this one waited for the lock.
            if let cached { return cached }
            switch choice {
            case .unpacked(let root):
                report("preparing the kernel in \(root)")
                return try prepare(KernelCache.name(forUnpacked: root), origin: root) { try $0(root) }
            case .package(let name):
                report("fetching \(name), which RESETLAB_KERNEL_PACKAGE names")
                let candidate = KernelCandidate.ranked(packages: try source.packageNames()).first { $0.package == name }
                return try fetch(name, candidate?.companions ?? [], from: source)
            case .best: return try fetchBest(from: source, report)
            }
        }
    }

    private func fetchBest(from source: some PackageSource, _ report: (String) -> Void) throws -> PreparedKernel {
        let candidates = KernelCandidate.ranked(packages: try source.packageNames())
        guard !candidates.isEmpty else { throw GuestKernelError.noCandidate }
        var refusals: [GuestKernelError.Refusal] = []
        var refusedReleases: Set<String> = []
        for candidate in candidates {
            // A release that lacks something lacks it under its other package's name too.
            if refusedReleases.contains(candidate.release) { continue }
            if refusals.count == KernelCache.mostAttempts { break }
            do {
                report("fetching \(candidate.package), the best of \(candidates.count) kernels in the package lists")
                return try fetch(candidate.package, candidate.companions, from: source)
            } catch let error as GuestKernelError {
                guard case .lacking = error else { throw error }
                refusals.append(.init(package: candidate.package, reason: error.description))
                refusedReleases.insert(candidate.release)
            } catch let error as ProcessError {
                refusals.append(.init(package: candidate.package, reason: error.description))
            }
            if let refusal = refusals.last { report("not \(refusal.package): \(refusal.reason)") }
        }
        throw GuestKernelError.noneUsable(refusals)
    }

    private func fetch(_ package: String, _ companions: [String], from source: some PackageSource) throws -> PreparedKernel {
        try prepare(package, origin: package) { prepare in
            let unpacked = "\(partial)/unpacked"
            let download = "\(partial)/download"
            try FileTree.makeFolder(unpacked)
            try FileTree.makeFolder(download)
            try source.unpack([package] + companions, into: unpacked, workFolder: download)
            try prepare(unpacked)
        }
    }

    /// Work in progress; one place is enough, because the lock is held.
    private var partial: String { "\(kernels)/.partial" }

    /// Prepares a kernel beside the cache and moves it in as a whole.
    private func prepare(
        _ name: String, origin: String, _ unpack: (_ prepare: (_ root: String) throws -> Void) throws -> Void
    ) throws -> PreparedKernel {
        try FileTree.remove(partial)
        try FileTree.makeFolder(partial)
        defer { try? FileTree.remove(partial) }
        let prepared = "\(partial)/prepared"
        try unpack { try PreparedKernel.prepare(fromUnpacked: $0, origin: origin, into: prepared) }
        try FileTree.remove(path(of: name))
        try FileTree.rename(prepared, to: path(of: name))
        guard let kernel = PreparedKernel(cachedIn: path(of: name)) else {
            throw GuestKernelError.malformed(file: path(of: name), reason: "the prepared kernel cannot be read back")
        }
        return kernel
    }

    private func path(of name: String) -> String { "\(kernels)/\(name)" }

    /// A folder's kernel is known by the folder's path and the kernel file's time, so that another package unpacked there is seen.
    private static func name(forUnpacked root: String) -> String {
        var status = stat()
        let file = (try? FileTree.names(in: "\(root)/boot"))?.last { $0.hasPrefix("vmlinuz-") } ?? ""
        stat("\(root)/boot/\(file)", &status)
        let path = String(root.map { $0 == "/" ? "_" : $0 })
        return "unpacked\(path)@\(status.st_mtim.tv_sec)"
    }
}
