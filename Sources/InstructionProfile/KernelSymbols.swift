/// Which function is where in a running kernel, by its `/proc/kallsyms`.
public struct KernelSymbols: Sendable {
    public struct Function: Hashable, Codable, Sendable {
        public var name: String
        /// nil for the kernel itself.
        public var module: String?

        public init(_ name: String, module: String? = nil) { (self.name, self.module) = (name, module) }
    }

    public enum Failure: Error, CustomStringConvertible {
        case noFunctions
        case line(String)

        public var description: String {
            switch self {
            case .noFunctions: "no function in the kernel's symbols, or none of them with its address, which only the privileged are told"
            case .line(let text): "the kernel's symbols: expected 'address type name [module]', found '\(text)'"
            }
        }
    }

    private struct Symbol {
        var address: UInt64
        /// nil for data: what follows it is no function's.
        var function: Function?
        var isGlobal: Bool
    }
    /// By address, which occurs once.
    private let symbols: [Symbol]

    /// - Parameter kallsyms: the file's text.
    /// - Throws: `Failure`.
    public init(kallsyms: [UInt8]) throws {
        let parsed = try kallsyms.split(separator: UInt8(ascii: "\n")).compactMap(Self.symbol)
        guard parsed.contains(where: { $0.function != nil }) else { throw Failure.noFunctions }
        var symbols: [Symbol] = []
        symbols.reserveCapacity(parsed.count)
        for symbol in parsed.sorted(by: Self.precedes) where symbols.last?.address != symbol.address { symbols.append(symbol) }
        self.symbols = symbols
    }

    /// nil for what has no address in memory.
    private static func symbol(_ line: ArraySlice<UInt8>) throws -> Symbol? {
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard words.count == 3 || words.count == 4, let type = words[1].first,
            let address = UInt64(String(decoding: words[0], as: UTF8.self), radix: 16)
        else { throw Failure.line(String(decoding: line, as: UTF8.self)) }
        // Zero where addresses are kept from the reader; counters of each processor are small offsets.
        guard KernelSymbols.isKernel(address) else { return nil }
        // nm(1): text, local or global, and weak.
        guard [UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "w"), UInt8(ascii: "W")].contains(type) else {
            return Symbol(address: address, function: nil, isGlobal: false)
        }
        let module = words.count == 4 ? String(decoding: words[3].dropFirst().dropLast(), as: UTF8.self) : nil
        let function = Function(String(decoding: words[2], as: UTF8.self), module: module)
        return Symbol(address: address, function: function, isGlobal: type == UInt8(ascii: "T"))
    }

    /// Of several names of one place the function's, and of those the global one, counts.
    private static func precedes(_ one: Symbol, _ other: Symbol) -> Bool {
        if one.address != other.address { return one.address < other.address }
        guard let first = one.function, let second = other.function else { return one.function != nil && other.function == nil }
        return one.isGlobal != other.isGlobal ? one.isGlobal : first.name < second.name
    }

    /// The upper half is the kernel's on x86-64, and only there it has symbols.
    static func isKernel(_ address: UInt64) -> Bool { address >= 1 << 63 }

    /// The function that an instruction belongs to, and whether it is its first; nil outside all functions.
    func function(at address: UInt64) -> (function: Function, isFirst: Bool)? {
        var (low, high) = (0, symbols.count)
        while low < high {
            let middle = (low + high) / 2
            if symbols[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, let function = symbols[low - 1].function else { return nil }
        return (function, symbols[low - 1].address == address)
    }
}
