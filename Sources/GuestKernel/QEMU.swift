import Processes

/// The installed QEMU.
enum QEMU {
    /// The first line that it prints about itself: `QEMU emulator version 7.2.22 (Debian …)`.
    ///
    /// - Throws: `GuestKernelError.toolMissing`.
    static func version() throws -> String {
        guard ExecutableLookup.path(of: MachineArguments.program) != nil else {
            throw GuestKernelError.toolMissing(program: MachineArguments.program, package: MachineArguments.package)
        }
        let output = try Command(MachineArguments.program, ["--version"]).runToEnd(limit: .seconds(30)).checked()
        return output.text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "QEMU of unknown version"
    }
}
