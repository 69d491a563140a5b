import Measurement

let millisecond: Int64 = 1_000_000
let second: Int64 = 1_000_000_000

extension FlowTrace {
    /// A flow in which every character is a probe: `.` arrives after 10 ms, `x` is lost, `u` is not sent, `d` arrives twice.
    init(_ pattern: String, rate: Double = 10) {
        self.init(rate: rate, expectedProbes: pattern.count)
        for (sequence, fate) in pattern.enumerated() {
            let time = Int64(Double(sequence) * 1e9 / rate)
            switch fate {
            case "u": recordUnsent(sequence: sequence)
            case "x": recordSend(sequence: sequence, at: time)
            default:
                recordSend(sequence: sequence, at: time)
                recordArrival(sequence: sequence, at: time + 10 * millisecond)
                if fate == "d" { recordArrival(sequence: sequence, at: time + 11 * millisecond) }
            }
        }
    }

    static func pattern(_ parts: (String, Int)...) -> String { parts.map { String(repeating: $0.0, count: $0.1) }.joined() }
}
