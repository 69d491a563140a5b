import Glibc

/// This machine's processor. The agent runs in the guest as it is built for the host, so both are of one kind.
enum Processor {
    /// The processor's name.
    ///
    /// - Throws: `GuestKernelError.unsupportedProcessor` for one that there is no guest for.
    static func checked() throws -> String {
        var system = utsname()
        uname(&system)
        let name = withUnsafeBytes(of: &system.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        guard name == "x86_64" else { throw GuestKernelError.unsupportedProcessor(name) }
        return name
    }
}
