import AgentProtocol
import Hashing

/// The guest's root: the agent as process 1, its libraries, and the kernel's modules, as one archive in memory.
///
/// It is put together anew for every start: that takes less time (some 10 ms) than to find out whether a cached one is still right.
public struct GuestImage: Sendable {
    let archive: [UInt8]

    /// - Parameters:
    ///   - agent: the agent's executable; its libraries are taken from this machine.
    ///   - extraFiles: more files: tools for people, or for tests. A file of the agent's own comes first.
    /// - Throws: `SystemCallError` for a file that cannot be read, `GuestKernelError.libraryMissing`.
    public init(agent: String, kernel: PreparedKernel, extraFiles: [GuestFile] = []) throws {
        var files = try GuestImage.files(ofProgram: agent, installedAs: GuestContract.agent)
        var list = ""
        for module in kernel.modules {
            let path = "\(GuestContract.moduleFolder)/\(GuestImage.lastComponent(module))"
            files.append(GuestFile(path: path, contents: try FileTree.read(module)))
            list += "\(path)\n"
        }
        files.append(GuestFile(path: GuestContract.moduleList, contents: Array(list.utf8)))
        let own = Set(files.map(\.path))
        self.init(files: files + extraFiles.filter { !own.contains($0.path) })
    }

    /// A program of this machine and everything it needs to start in the guest.
    ///
    /// - Throws: `SystemCallError` for a file that cannot be read, `GuestKernelError.libraryMissing`.
    package static func files(ofProgram executable: String, installedAs path: String) throws -> [GuestFile] {
        let program = try FileTree.read(executable)
        let needs = try SharedLibraries.needed(by: executable, program)
        var files = [GuestFile(path: path, contents: program, isExecutable: true)]
        if let interpreter = needs.interpreter {
            files.append(GuestFile(path: interpreter, contents: try FileTree.read(interpreter), isExecutable: true))
        }
        // All in one folder that LD_LIBRARY_PATH names: a run path relative to the program means another place in the guest.
        for library in needs.libraries {
            files.append(
                GuestFile(path: "\(GuestContract.libraryFolder)/\(GuestImage.lastComponent(library))", contents: try FileTree.read(library))
            )
        }
        return files
    }

    init(files: [GuestFile]) { archive = RAMArchive.bytes(of: files, folders: GuestContract.mountPoints) }

    /// In bytes.
    public var size: Int { archive.count }

    /// What the kernel gets, one archive behind the other. In virtual time every tick that does nothing is saved.
    func archives(for clock: GuestClock) -> [[UInt8]] { clock.isVirtual ? [ProcessorTable.archive, archive] : [archive] }

    /// SHA-256 over the whole: two starts with the same digest, kernel, job and seed run alike in virtual time.
    public var digest: Digest {
        var hash = SHA256()
        hash.update(archive)
        return hash.digest()
    }

    private static func lastComponent(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
