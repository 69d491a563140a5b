extension Double {
    /// A share of packets as a topology has it: `0.1%` is 0.001; nil for anything else.
    public init?(topologyLoss text: String) {
        guard let value = Form<Double>.loss.value(of: text) else { return nil }
        self = value
    }
}

extension UInt64 {
    /// A rate as a topology has it, in bits per second: `512kbit`, `100Mbit`, `10Gbit`; nil for anything else.
    public init?(topologyBitRate text: String) {
        guard case .value(let rate) = BitRateText.parse(text) else { return nil }
        self = rate
    }
}

extension Form {
    /// The value of a text that stands in no file.
    fileprivate func value(of text: String) -> Value? {
        var reading = Reading(file: "")
        guard let value = read(YAMLNode(path: "", position: .start, content: .scalar(text)), &reading), reading.diagnostics.isEmpty else {
            return nil
        }
        return value
    }
}
