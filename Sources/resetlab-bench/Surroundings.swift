import Glibc
import Processes

/// What the figures hold for.
struct Surroundings: Codable {
    var resetlab: String
    var guestKernel: String
    var qemu: String
    var iproute2: String
    /// Empty where it is not installed.
    var mininet: String?
    /// Of this machine.
    var kernel: String?
    var processor: String
    var processors: Int
    /// Of the last minute before, by the host's kernel: what else it was busy with.
    var loadBefore: Double

    /// - Parameter resetlab: the controller's executable.
    init(resetlab: String) throws {
        self.resetlab = try Self.firstLine(of: Command(resetlab, ["--version"]))
        guestKernel = ""
        qemu = try Self.firstLine(of: Command("qemu-system-x86_64", ["--version"]))
        iproute2 = try Self.firstLine(of: Command("ip", ["-V"]))
        mininet = try? Self.firstLine(of: Command("mn", ["--version"]))
        kernel = try? Self.firstLine(of: Command("uname", ["-r"]))
        processor = Self.processorModel
        processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        var loads = [0.0]
        loadBefore = getloadavg(&loads, 1) == 1 ? loads[0] : .nan
    }

    /// Below a table.
    var sentence: String {
        var text =
            "resetlab \(resetlab), guest kernel \(guestKernel), \(qemu), \(iproute2); "
        if let mininet = mininet { text += "Mininet \(mininet); " }
        if let kernel = kernel { text += "this machine's kernel \(kernel); " }
        text += "\(processors) × \(processor), load before \(Decimals.text(loadBefore)).\n"
        return text
    }

    private static func firstLine(of command: Command) throws -> String {
        try command.runToEnd(limit: .seconds(30)).checked().text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "unknown"
    }

    private static var processorModel: String {
        guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown" }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 4_096)
        var line: String?
        while line == nil, fgets(&text, Int32(text.count), file) != nil {
            let read = String(decoding: text.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if read.hasPrefix("model name") { line = read }
        }
        return line?.split(separator: ":").last.map { String($0.drop(while: \.isWhitespace)) } ?? "unknown"
    }
}
