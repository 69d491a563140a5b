import Glibc
import LinuxKernel

/// The templates of guests, kept for later runs: at most so many, and so large together; those that were not used for longest go first.
///
///     CACHE/templates/KEY.template     a `GuestTemplate`
///     CACHE/templates/KEY.partial      one that is being written, locked by its writer; without a lock, what a killed one left
///     CACHE/templates/KEY.refused      why QEMU cannot make or use this one
///
/// Nothing here is needed: whoever cannot have a template boots a guest anew.
public struct TemplateCache: Sendable {
    /// Why there is no template.
    enum Refusal: Error, CustomStringConvertible {
        /// Another process is making it at this moment.
        case beingMade
        /// An earlier attempt found that QEMU cannot.
        case refused(String)
        case diskFull(folder: String, free: Int)

        var description: String {
            switch self {
            case .beingMade: "another rehearsal is saving it"
            case .refused(let reason): "tried before: \(reason)"
            case .diskFull(let folder, let free):
                "\(folder): found \(free >> 20) MiB free; allowed: \(TemplateCache.neededSpace >> 20) MiB or more"
            }
        }
    }

    /// What is kept.
    public struct Contents: Sendable, Equatable, CustomStringConvertible {
        public var count = 0
        /// On the disk, in bytes.
        public var size = 0

        public var description: String { "\(count == 1 ? "1 template" : "\(count) templates"), \(size >> 20) MiB" }
    }

    public static let mostTemplates = 6
    /// In bytes, on the disk.
    public static let mostSpace = 1 << 30
    /// In bytes: more than a template takes.
    static let neededSpace = 512 << 20

    /// The folder.
    public let path: String

    public init(folder: CacheFolder) { path = "\(folder.path)/templates" }

    private static let suffix = ".template"
    private static let partialSuffix = ".partial"
    private static let refusedSuffix = ".refused"

    private func file(_ key: TemplateKey, _ suffix: String) -> String { "\(path)/\(key.name)\(suffix)" }

    /// A template that was checked from end to end; nil when there is none, or a damaged one, which is removed.
    ///
    /// - Parameter memory: in MiB.
    /// - Throws: `Refusal.refused`, or `SystemCallError` when it cannot be read.
    func template(_ key: TemplateKey, memory: Int) throws -> GuestTemplate? {
        if let reason = try? FileTree.text(file(key, Self.refusedSuffix)) { throw Refusal.refused(reason) }
        do {
            let template = try GuestTemplate(path: file(key, Self.suffix), memory: memory, key: key.name)
            // The latest use, by which the oldest is found.
            _ = futimens(template.file.rawValue, nil)
            return template
        } catch is GuestTemplate.Damage {
            remove(key)
            return nil
        } catch let error as SystemCallError where error.errno == .noSuchEntry {
            return nil
        } catch let error as SystemCallError where error.errno == Errno(code: ENODATA) {
            remove(key)
            return nil
        }
    }

    func remove(_ key: TemplateKey) { unlink(file(key, Self.suffix)) }

    /// From here on nobody tries again, until something changes that the key is made of.
    func refuse(_ key: TemplateKey, reason: String) {
        remove(key)
        try? FileTree.replace(file(key, Self.refusedSuffix), with: Array(reason.utf8))
    }

    /// Makes a template. It is there as a whole or not at all, whatever happens meanwhile.
    ///
    /// - Parameter body: writes into an empty file, whose path is for messages only.
    /// - Throws: `Refusal`, `SystemCallError` for a folder that cannot be written or a full disk, and what the body throws.
    func make(_ key: TemplateKey, _ body: (_ descriptor: Int32, _ path: String) throws -> Void) throws {
        try FileTree.makeFolder(path)
        let partial = file(key, Self.partialSuffix)
        let descriptor = open(partial, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemCallError("create", partial, .last) }
        let lock = FileDescriptor(owning: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isSameFile(descriptor, partial) else { throw Refusal.beingMade }
        // Held until this returns, also when this process is killed meanwhile.
        defer { _ = lock.rawValue }
        do {
            try checkSpace(of: path)
            guard ftruncate(descriptor, 0) == 0 else { throw SystemCallError("truncate", partial, .last) }
            try body(descriptor, partial)
            try FileTree.rename(partial, to: file(key, Self.suffix))
        } catch {
            unlink(partial)
            throw error
        }
        removeAbandoned()
        removeOldest(keeping: "\(key.name)\(Self.suffix)")
    }

    /// Whoever removes what a killed process left may have taken the name away between opening and locking.
    private static func isSameFile(_ descriptor: Int32, _ path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }

    /// Changes nothing.
    ///
    /// - Throws: `SystemCallError` where nothing can be written, `Refusal.diskFull`.
    func checkUsable() throws {
        // The folder, or the nearest above it that there is: what is missing is made when it is needed.
        var folder = path
        while !FileTree.exists(folder), let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
            folder = String(folder[..<slash])
        }
        guard access(folder, W_OK | X_OK) == 0 else { throw SystemCallError("write in", folder, .last) }
        try checkSpace(of: folder)
    }

    private func checkSpace(of path: String) throws {
        var system = statvfs()
        guard statvfs(path, &system) == 0 else { throw SystemCallError("statvfs", path, .last) }
        let free = Int(clamping: system.f_bavail) * Int(clamping: system.f_frsize)
        guard free >= Self.neededSpace else { throw Refusal.diskFull(folder: path, free: free) }
    }

    // MARK: - Tidying

    public var contents: Contents {
        kept().reduce(into: Contents()) {
            $0.count += 1
            $0.size += $1.size
        }
    }

    /// Removes what killed processes left half written.
    ///
    /// - Returns: the files' paths.
    @discardableResult
    public func removeAbandoned() -> [String] {
        let names = ((try? FileTree.names(in: path)) ?? []).filter { $0.hasSuffix(Self.partialSuffix) }
        return names.map { "\(path)/\($0)" }.filter { partial in
            let descriptor = open(partial, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            let file = FileDescriptor(owning: descriptor)
            // A lock is held by a process that writes.
            return flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 && unlink(partial) == 0
        }
    }

    /// Removes all templates. A guest that was restored from one goes on.
    ///
    /// - Returns: what there was.
    public func removeAll() -> Contents {
        let contents = contents
        for name in (try? FileTree.names(in: path)) ?? [] where name.hasSuffix(Self.suffix) || name.hasSuffix(Self.refusedSuffix) {
            unlink("\(path)/\(name)")
        }
        return contents
    }

    private struct Kept {
        var name: String
        var size: Int
        /// In nanoseconds since 1970.
        var used: Int
    }

    private func kept(_ suffix: String = suffix) -> [Kept] {
        ((try? FileTree.names(in: path)) ?? []).filter { $0.hasSuffix(suffix) }.compactMap { name in
            var status = stat()
            guard stat("\(path)/\(name)", &status) == 0 else { return nil }
            return Kept(name: name, size: Int(status.st_blocks) * 512, used: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec)
        }
    }

    private func removeOldest(keeping newest: String) {
        for (suffix, space) in [(Self.suffix, Self.mostSpace), (Self.refusedSuffix, Int.max)] {
            var kept = kept(suffix).sorted { ($0.used, $0.name) < ($1.used, $1.name) }
            while kept.count > Self.mostTemplates || kept.reduce(0, { $0 + $1.size }) > space,
                let index = kept.firstIndex(where: { $0.name != newest })
            {
                unlink("\(path)/\(kept.remove(at: index).name)")
            }
        }
    }
}
