import Glibc
import LinuxKernel

/// The few operations on files and folders that the caches need, with the kernel's own errors.
enum FileTree {
    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallError("open", path, .last) }
        let file = FileDescriptor(owning: descriptor)
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw SystemCallError("fstat", path, .last) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemCallError("read", path, .invalidArgument) }
        let size = Int(status.st_size)
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let read = Glibc.read(file.rawValue, buffer.baseAddress?.advanced(by: count), size - count)
                if read < 0 && errno == EINTR { continue }
                if read < 0 { failure = .last }
                if read <= 0 { return }
                count += read
            }
        }
        if let failure { throw SystemCallError("read", path, failure) }
        return bytes
    }

    static func text(_ path: String) throws -> String { String(decoding: try read(path), as: UTF8.self) }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemCallError("create", path, .last) }
        let file = FileDescriptor(owning: descriptor)
        try write(bytes, toDescriptor: file.rawValue, named: path)
    }

    static func write(_ bytes: [UInt8], toDescriptor descriptor: Int32, named name: String) throws {
        try bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw SystemCallError("write", name, .last) }
                offset += count
            }
        }
    }

    /// The old file or the new one is there at any moment, never a part.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let partial = "\(path).\(getpid())"
        do {
            try write(bytes, to: partial)
            try rename(partial, to: path)
        } catch {
            unlink(partial)
            throw error
        }
    }

    static func rename(_ path: String, to target: String) throws {
        guard Glibc.rename(path, target) == 0 else { throw SystemCallError("rename", "\(path) to \(target)", .last) }
    }

    /// The folder and those above it, where they are missing.
    static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        let failure = Errno.last
        guard failure == .noSuchEntry, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw SystemCallError("mkdir", path, failure)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemCallError("mkdir", path, .last) }
    }

    /// The names in a folder, sorted; none for a folder that is not there.
    static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw SystemCallError("opendir", folder, .last)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Every regular file below a folder, by its path, sorted. Symbolic links are not followed.
    static func files(below folder: String) throws -> [String] {
        var files: [String] = []
        for name in try names(in: folder) {
            let path = "\(folder)/\(name)"
            switch kind(of: path) {
            case S_IFDIR: files += try self.files(below: path)
            case S_IFREG: files.append(path)
            default: break
            }
        }
        return files
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Removes a file, or a folder with all that is in it; what is not there is no error.
    static func remove(_ path: String) throws {
        if kind(of: path) == S_IFDIR {
            for name in try names(in: path) { try remove("\(path)/\(name)") }
            guard rmdir(path) == 0 || errno == ENOENT else { throw SystemCallError("rmdir", path, .last) }
        } else {
            guard unlink(path) == 0 || errno == ENOENT else { throw SystemCallError("unlink", path, .last) }
        }
    }

    private static func kind(of path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
    }
}
