import ArgumentParser
import Topology

/// A duration on the command line, written as in a topology: `60s`, `1.5s`, `45min`.
struct DurationArgument: ExpressibleByArgument {
    var duration: Duration

    init?(argument: String) {
        guard let duration = Duration(topologyText: argument) else { return nil }
        self.duration = duration
    }
}
