import Glibc
import LinuxKernel

/// Memory that is in use, in bytes.
struct MemoryUse {
    /// What the kernel cannot give back: `SUnreclaim`, `Percpu` and `KernelStack` of /proc/meminfo. Other programs' too.
    var kernel: Int
    /// This process's resident set.
    var own: Int

    static func now() -> MemoryUse {
        let kernel = ["SUnreclaim:", "Percpu:", "KernelStack:"].reduce(0) { $0 + value(of: $1, in: "/proc/meminfo") }
        return MemoryUse(kernel: kernel, own: value(of: "VmRSS:", in: "/proc/self/status"))
    }

    private static func value(of name: String, in path: String) -> Int {
        guard let file = fopen(path, "r") else { return 0 }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 256)
        while fgets(&text, Int32(text.count), file) != nil {
            let words = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                .split(whereSeparator: \.isWhitespace)
            if words.first.map(String.init) == name, words.count > 1 { return (Int(words[1]) ?? 0) << 10 }
        }
        return 0
    }
}

/// Processor time of this process and of those that it started and that have ended, in nanoseconds.
enum ProcessorTime {
    static func now() -> Int64 {
        [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue].reduce(0) { sum, whose in
            var usage = rusage()
            getrusage(whose, &usage)
            return [usage.ru_utime, usage.ru_stime].reduce(sum) { $0 + Int64($1.tv_sec) * 1_000_000_000 + Int64($1.tv_usec) * 1_000 }
        }
    }
}
