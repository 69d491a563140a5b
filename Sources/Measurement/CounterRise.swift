/// By how much a counter rose between two readings.
struct CounterRise {
    let counter: CounterKey
    let meaning: CounterMeaning
    /// When it was read: nanoseconds since the measured part's start.
    let from: Int64
    var to: Int64
    var packets: UInt64

    /// All rises, by precedence, counter and time.
    ///
    /// - Parameter resolution: rises of one counter within this many nanoseconds become one. Packets under way blur the readings anyway, and
    ///   without this a burst of readings would make the ledger large.
    static func rises(in snapshots: [CounterSnapshot], resolution: Int64) -> [CounterRise] {
        var readings: [CounterKey: (at: Int64, value: UInt64)] = [:]
        var rises: [CounterKey: [CounterRise]] = [:]
        for snapshot in snapshots.sorted(by: { $0.at < $1.at }) {
            for reading in snapshot.readings {
                let (counter, value) = (reading.counter, reading.value)
                let before = readings.updateValue((snapshot.at, value), forKey: counter)
                guard let before, value != before.value else { continue }
                // A counter that fell began anew, with its interface: all that it shows has been counted since.
                let packets = value > before.value ? value - before.value : value
                guard packets > 0 else { continue }
                rises[counter, default: []].add(
                    CounterRise(
                        counter: counter, meaning: CounterMeaning.of(counter.name), from: before.at, to: snapshot.at,
                        packets: packets), resolution: resolution)
            }
        }
        return rises.values.joined().sorted { ($0.meaning.precedence, $0.counter, $0.from) < ($1.meaning.precedence, $1.counter, $1.from) }
    }
}

extension [CounterRise] {
    fileprivate mutating func add(_ rise: CounterRise, resolution: Int64) {
        if let last, rise.to - last.from <= resolution {
            self[count - 1].to = rise.to
            self[count - 1].packets += rise.packets
        } else {
            append(rise)
        }
    }
}
