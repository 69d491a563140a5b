import Glibc
import LinuxKernel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The folder in which the labs that stand have theirs.
public struct LabsFolder: Sendable, Hashable {
    public let path: String

    /// `/run/resetlab/labs` for root, `resetlab/labs` in XDG_RUNTIME_DIR for others, `/tmp/resetlab-UID/labs` without one. RESETLAB_RUN names
    /// another folder in the place of `resetlab`.
    ///
    /// - Throws: `LabFolderError` when a folder on the way belongs to somebody else, or cannot be made.
    public init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) throws {
        let base: String
        if let named = environment("RESETLAB_RUN") {
            guard named.hasPrefix("/") else { throw LabFolderError("RESETLAB_RUN is \(named); allowed: a path that begins with /") }
            base = named
        } else if getuid() == 0 {
            base = "/run/resetlab"
        } else if let runtime = environment("XDG_RUNTIME_DIR"), runtime.hasPrefix("/") {
            base = "\(runtime)/resetlab"
        } else {
            base = "/tmp/resetlab-\(getuid())"
        }
        path = "\(base)/labs"
        try Self.make(base)
        try Self.make(path)
    }

    public func folder(of lab: String) -> LabFolder { LabFolder(path: "\(path)/\(lab)", lab: lab) }

    /// The labs that stand, by their names; what dead keepers have left is removed on the way.
    public func standing() throws -> [LabFolder] {
        guard let directory = opendir(path) else { throw LabFolderError("\(path): \(Errno.last.message)") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if LabFolder.isName(name) { names.append(name) }
        }
        return names.sorted().map(folder).filter { !$0.removeIfDead() }
    }

    /// Makes a folder for this user alone, or sees to it that the one there is.
    fileprivate static func make(_ path: String) throws {
        if mkdir(path, 0o700) != 0, Errno.last != .exists { throw LabFolderError("\(path) cannot be made: \(Errno.last.message)") }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw LabFolderError("\(path): \(Errno.last.message)") }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(), status.st_mode & 0o022 == 0 else {
            throw LabFolderError("\(path) is not used: it is no folder of this user's that nobody else may write to")
        }
    }
}

public struct LabFolderError: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// A standing lab's folder:
///
///     control.sock   where its keeper is asked
///     lab.json       LabDescription; there from the moment the lab stands
///     topology.yaml  what the user wrote, without its secrets
///     log            what the keeper and its agent wrote to standard error
///     lock           held (flock(2)) by the keeper while it lives: a folder whose lock is free belongs to a dead one
public struct LabFolder: Sendable, Hashable {
    public let path: String
    public let lab: String

    public var socket: String { "\(path)/control.sock" }
    public var descriptionFile: String { "\(path)/lab.json" }
    public var topology: String { "\(path)/topology.yaml" }
    public var log: String { "\(path)/log" }
    fileprivate var lock: String { "\(path)/lock" }

    /// The only names that are looked at; no path can be made of them.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// Takes the lab's name for a keeper.
    ///
    /// - Throws: `LabFolderError` when a lab of that name stands already, or the folder cannot be made.
    public func take() throws -> LabLock {
        // Somebody who looks whether this keeper lives holds the lock for a moment.
        for _ in 0..<40 {
            try LabsFolder.make(path)
            if let lock = try tryLock(exclusively: true) {
                removeFiles()
                return lock
            }
            usleep(25_000)
        }
        throw LabFolderError(
            "a lab named \(lab) stands already; resetlab down --lab \(lab) takes it down, --name gives this one another name")
    }

    /// Whether a living keeper has it.
    public var isStanding: Bool {
        var status = stat()
        guard stat(lock, &status) == 0 else { return false }
        let raw = open(lock, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { return false }
        let descriptor = FileDescriptor(owning: raw)
        return flock(descriptor.rawValue, LOCK_SH | LOCK_NB) != 0
    }

    /// What the keeper has written down of the lab; nil while it does not stand yet.
    public var description: LabDescription? {
        guard let data = try? Data(contentsOf: URL(filePath: descriptionFile)) else { return nil }
        return try? JSONDecoder().decode(LabDescription.self, from: data)
    }

    /// Removes what a dead keeper has left.
    ///
    /// - Returns: false when a living one has it.
    func removeIfDead() -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return true }
        guard !isStanding, let lock = try? tryLock(exclusively: true) else { return false }
        remove(lock)
        return true
    }

    /// The lab has gone.
    public func remove(_ lock: LabLock) {
        removeFiles()
        unlink(self.lock)
        rmdir(path)
    }

    private func removeFiles() {
        for file in [socket, descriptionFile, "\(descriptionFile).new", topology, log] { unlink(file) }
    }

    /// nil when somebody else has the lock.
    private func tryLock(exclusively: Bool) throws -> LabLock? {
        let raw = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard raw >= 0 else {
            // Whoever had it has just removed the folder.
            if Errno.last == .noSuchEntry { return nil }
            throw LabFolderError("\(lock): \(Errno.last.message)")
        }
        let taken = LabLock(FileDescriptor(owning: raw))
        guard flock(raw, (exclusively ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 else { return nil }
        // The file may have been removed between both calls: then the lock is on nothing.
        var own = stat()
        var there = stat()
        guard fstat(raw, &own) == 0, stat(lock, &there) == 0, own.st_ino == there.st_ino else { return nil }
        return taken
    }

    /// At most 64 KiB.
    var logTail: String {
        let raw = open(log, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { return "" }
        let descriptor = FileDescriptor(owning: raw)
        var bytes = [UInt8](repeating: 0, count: 65_536)
        lseek(descriptor.rawValue, max(-off_t(bytes.count), -lseek(descriptor.rawValue, 0, Int32(SEEK_END))), Int32(SEEK_END))
        let count = read(descriptor.rawValue, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    func write(_ description: LabDescription) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try Self.write(encoder.encode(description), to: "\(descriptionFile).new")
        guard rename("\(descriptionFile).new", descriptionFile) == 0 else {
            throw LabFolderError("\(descriptionFile): \(Errno.last.message)")
        }
    }

    static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
        let raw = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw LabFolderError("\(path): \(Errno.last.message)") }
        let descriptor = FileDescriptor(owning: raw)
        let bytes = Array(bytes)
        guard Glibc.write(descriptor.rawValue, bytes, bytes.count) == bytes.count else {
            throw LabFolderError("\(path): \(Errno.last.message)")
        }
    }
}

/// A keeper's hold on its lab's name, until it goes away or its process ends.
public final class LabLock {
    private let descriptor: FileDescriptor

    fileprivate init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}
