import Processes

/// Programs for people who work in a guest's lab, from this machine: a shell and the usual commands (busybox), and the network tools that are
/// installed here.
///
/// Only in labs that people work in: a rehearsal's image stays as small as it is, and its reports the same bytes.
public enum GuestTools {
    /// This machine's own where they are installed: they know more than busybox's applets of the same name.
    static let programs = ["ip", "tc", "ss", "bridge", "ping", "traceroute", "tcpdump", "iperf3", "mtr", "dig", "curl"]

    /// - Parameter searchPath: where programs are looked for; nil for PATH and the system's folders.
    /// - Throws: `GuestKernelError.libraryMissing`, `SystemCallError` for a file that cannot be read.
    public static func files(searchPath: String? = nil) throws -> [GuestFile] {
        var files: [String: GuestFile] = [:]
        for name in programs {
            guard let path = ExecutableLookup.path(of: name, searchPath: searchPath) else { continue }
            for file in try GuestImage.files(ofProgram: path, installedAs: "/usr/bin/\(name)") { files[file.path] = file }
        }
        if let busybox = ExecutableLookup.path(of: "busybox", searchPath: searchPath) {
            for file in try GuestImage.files(ofProgram: busybox, installedAs: "/bin/busybox") { files[file.path] = file }
            for applet in try Command(busybox, ["--list"]).runToEnd().checked().text.split(separator: "\n") where applet != "busybox" {
                files["/bin/\(applet)"] = GuestFile(path: "/bin/\(applet)", linkTo: "busybox")
            }
        }
        guard !files.isEmpty else { return [] }
        files["/etc/passwd"] = GuestFile(path: "/etc/passwd", contents: Array("root:x:0:0:root:/:/bin/sh\n".utf8))
        files["/etc/hosts"] = GuestFile(path: "/etc/hosts", contents: Array("127.0.0.1 localhost\n::1 localhost\n".utf8))
        return files.values.sorted { $0.path < $1.path }
    }

    /// What to tell a user who has no shell to work with; nil when there is one.
    public static var missing: String? {
        ExecutableLookup.path(of: "busybox") == nil
            ? "no busybox here: this lab has no shell (scripts/prepare installs busybox-static)" : nil
    }
}
