import LinuxKernel
import Processes

/// Where kernel packages come from.
protocol PackageSource {
    /// The names of the packages that can be had, kernel images among them.
    func packageNames() throws -> [String]

    /// Fetches packages and unpacks them into a folder, without installing anything.
    ///
    /// - Parameter workFolder: an empty folder for what the fetch leaves.
    func unpack(_ packages: [String], into folder: String, workFolder: String) throws
}

/// The distribution's own archive, through apt: no privilege needed, nothing installed, signatures checked by apt.
struct AptArchive: PackageSource {
    /// Dies with this process, when given.
    let launcher: Launcher?

    func packageNames() throws -> [String] {
        try require("apt-cache", package: "apt")
        let listing = try Command("apt-cache", ["search", "--names-only", "^linux-(image|modules)-"]).runToEnd(launcher: launcher).checked()
        // "NAME - DESCRIPTION"
        return listing.text.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    func unpack(_ packages: [String], into folder: String, workFolder: String) throws {
        try require("apt-get", package: "apt")
        try require("dpkg-deb", package: "dpkg")
        // apt-get downloads into the folder it runs in.
        try Command("env", ["--chdir=\(workFolder)", "apt-get", "download", "--quiet"] + packages, environment: ["LC_ALL": "C"])
            .runToEnd(limit: .seconds(1800), launcher: launcher).checked()
        for archive in try FileTree.files(below: workFolder) where archive.hasSuffix(".deb") {
            try Command("dpkg-deb", ["--extract", archive, folder]).runToEnd(launcher: launcher).checked()
        }
    }

    private func require(_ program: String, package: String) throws {
        guard ExecutableLookup.path(of: program) != nil else {
            throw GuestKernelError.toolMissing(program: program, package: package)
        }
    }
}
