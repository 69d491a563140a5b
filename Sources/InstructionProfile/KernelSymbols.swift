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

    private init(_ all: [Symbol]) {
        var symbols: [Symbol] = []
        symbols.reserveCapacity(all.count)
        for symbol in all.sorted(by: Self.precedes) where symbols.last?.address != symbol.address { symbols.append(symbol) }
        self.symbols = symbols
    }

    /// - Parameter kallsyms: the file's text.
    /// - Throws: `Failure`.
    public init(kallsyms: [UInt8]) throws {
        let parsed = try kallsyms.split(separator: UInt8(ascii: "\n")).compactMap(Self.symbol)
        guard parsed.contains(where: { $0.function != nil }) else { throw Failure.noFunctions }
        self.init(parsed)
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
            // A module's data is in memory of its own, which moves for itself.
            return words.count == 4 ? nil : Symbol(address: address, function: nil, isGlobal: false)
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

    // MARK: - Modules

    private static let page: UInt64 = 4096
    /// Fewer functions may begin at executed instructions by chance.
    private static let least = 3

    /// The same symbols for another guest, which executed these blocks.
    ///
    /// The kernel is in the same place in all guests, but its modules are where there was room when they were loaded, and what earlier ones
    /// left is given back at some time later, which is not the same in guests that differ in anything. A module's code moves as a whole, by
    /// pages: it is where its functions begin with executed instructions. The modules that this is plainest of go first, and where they are
    /// no other is. One of which next to nothing was executed is nowhere.
    public func relocated(to counts: BlockCounts) -> KernelSymbols {
        var modules = Dictionary(grouping: symbols.filter { $0.function?.module != nil }) { $0.function?.module ?? "" }
        var result = symbols.filter { $0.function?.module == nil }
        // Modules are above the kernel.
        let lowest = modules.values.joined().map(\.address).min() ?? .max
        let kernelEnd = result.last { $0.address < lowest }?.address ?? 0
        let executed = counts.blocks.map(\.address).filter { $0 > kernelEnd }
        var taken: [Range<UInt64>] = []
        while let (name, distance) = Self.plainest(of: modules, executed, taken), let functions = modules.removeValue(forKey: name) {
            let moved = functions.map { Symbol(address: $0.address &+ distance, function: $0.function, isGlobal: $0.isGlobal) }
            let place = Self.pages(of: moved)
            result += moved + [Symbol(address: place.upperBound, function: nil, isGlobal: false)]
            taken.append(place)
        }
        return KernelSymbols(result)
    }

    /// The module and the distance for which the most speaks: functions that begin at executed instructions, less those that were executed
    /// but not begun.
    private static func plainest(
        of modules: [String: [Symbol]], _ executed: [UInt64], _ taken: [Range<UInt64>]
    ) -> (name: String, distance: UInt64)? {
        let byOffset = Dictionary(grouping: executed) { $0 % page }
        var best: (name: String, distance: UInt64, score: Int)?
        for (name, functions) in modules.sorted(by: { $0.key < $1.key }) {
            var agreements: [UInt64: Int] = [:]
            for function in functions {
                for address in byOffset[function.address % page] ?? [] { agreements[address &- function.address, default: 0] += 1 }
            }
            let place = pages(of: functions)
            let own = KernelSymbols(functions)
            for (distance, agreement) in agreements.sorted(by: { $0.key < $1.key })
            where agreement > best?.score ?? least - 1 {
                let moved = (place.lowerBound &+ distance)..<(place.upperBound &+ distance)
                guard !taken.contains(where: moved.overlaps) else { continue }
                let found = executed.filter(moved.contains).compactMap { own.function(at: $0 &- distance) }
                let executed = Set(found.map(\.function)).count
                let begun = Set(found.filter(\.isFirst).map(\.function)).count
                let score = 2 * begun - executed
                if score > best?.score ?? least - 1 { best = (name, distance, score) }
            }
        }
        return best.map { ($0.name, $0.distance) }
    }

    private static func pages(of functions: [Symbol]) -> Range<UInt64> {
        let addresses = functions.map(\.address)
        let (first, last) = (addresses.min() ?? 0, addresses.max() ?? 0)
        return first / page * page..<(last / page + 1) * page
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
