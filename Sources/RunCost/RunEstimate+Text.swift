extension RunEstimate {
    /// For people to read.
    public var text: String {
        var text =
            "\(topology), \(rehearsal): \(Decimal.text(virtualSeconds)) s of virtual time take about \(Self.time(seconds)) of real time"
        text += trials > 1 ? ", \(trials) trials\n\n" : "\n\n"
        text += " Seconds  Share  For" + (trials > 1 ? ", in each trial\n" : "\n")
        for part in parts {
            text += Self.padded(Decimal.text(part.seconds, 1), 8) + Self.padded("\(Decimal.text(part.share * 100)) %", 7)
            text += "  \(Self.words(for: part))\n"
        }
        text += "\n\(Decimal.text(Double(probes))) probes, \(Decimal.text(instructions / 1e6)) million instructions and "
        text += "\(Decimal.text(wakeUps)) wake-ups after the start"
        text += guestMemory.map { "; the guest is given \(Decimal.text(Double($0))) MiB of memory\n" } ?? "\n"
        if load > 1 {
            text += "The guest's processor can do 1 / \(Decimal.text(load, 1)) of that in its time: many probes will not be sent in time\n"
        }
        let rates =
            "\(Decimal.text(speed.nanosecondsPerInstruction, 2)) ns an instruction, "
            + "\(Decimal.text(speed.microsecondsPerWakeUp, 1)) µs a wake-up"
        if speed.runs == 0 {
            text += "This machine's speed is not known yet: its first rehearsal in virtual time tells. Assumed is that of the machine\n"
            text += "in docs/cost.md, \(rates)\n"
        } else {
            text += "This machine's speed, by its last \(speed.runs == 1 ? "rehearsal" : "\(speed.runs) rehearsals"): \(rates)\n"
        }
        return text
    }

    private static func words(for part: Part) -> String {
        func counted(_ one: String, _ more: String) -> String { part.count == 1 ? "1 \(one)" : "\(Decimal.text(part.count)) \(more)" }
        return switch RunWork.Kind(rawValue: part.name) {
        case nil: "the guest's start"
        case .lab: "the lab without its sites, and the report"
        case .site: counted("site", "sites")
        case .keyExchange: counted("key exchange", "key exchanges")
        case .action: counted("action upon the gateway or a connection", "actions upon the gateway or connections")
        case .arrivingProbe: counted("probe that arrives", "probes that arrive")
        case .lostProbe: counted("probe that is sent into an outage", "probes that are sent into an outage")
        case .payload: counted("KiB of larger payload", "KiB of larger payload")
        case .timer: counted("timer to send or deliver probes", "timers to send or deliver probes")
        case .second: counted("second that passes", "seconds that pass")
        case .applicationSecond: counted("second of a connection's applications", "seconds of connections' applications")
        case .dropReason: counted("reason of a drop", "reasons of drops")
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func time(_ seconds: Double) -> String {
        if seconds < 20 { return "\(Decimal.text(seconds, 1)) s" }
        if seconds < 120 { return "\(Decimal.text(seconds)) s" }
        if seconds < 7_200 { return "\(Decimal.text(seconds / 60, seconds < 1_200 ? 1 : 0)) min" }
        return "\(Decimal.text(seconds / 3_600, 1)) h"
    }
}
