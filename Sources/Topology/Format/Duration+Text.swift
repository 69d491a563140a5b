extension Duration {
    /// A duration as a topology has it: `45ms`, `1.5s`, `45min`; nil for anything else, negative ones among it.
    public init?(topologyText text: String) {
        guard case .value(let duration) = DurationText.parse(text) else { return nil }
        self = duration
    }
}
