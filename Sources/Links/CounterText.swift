/// Reads the two forms in which `/proc/net` shows counters. Those at zero are left out: nearly all are.
enum CounterText {
    enum Form: Sendable { case tables, list }

    /// `snmp` and `netstat`: a line of names, a line of values, both after the protocol's name. `IpExt: InNoRoutes …` gives `IpExtInNoRoutes`.
    ///
    /// Settings that hide among the counters and are negative (`TcpMaxConn` -1) are left out, too.
    static func readTables(_ text: [UInt8], into counters: inout [String: UInt64]) {
        let lines = text.split(separator: UInt8(ascii: "\n"))
        var index = 0
        while index + 1 < lines.count {
            let names = lines[index].split(separator: UInt8(ascii: " "))
            let values = lines[index + 1].split(separator: UInt8(ascii: " "))
            guard let label = names.first, label == values.first, label.last == UInt8(ascii: ":") else {
                index += 1
                continue
            }
            let protocolName = label.dropLast()
            for (name, value) in zip(names.dropFirst(), values.dropFirst()) where value != [UInt8(ascii: "0")] {
                guard let value = number(value) else { continue }
                counters[String(decoding: protocolName + name, as: UTF8.self)] = value
            }
            index += 2
        }
    }

    /// `snmp6` and `xfrm_stat`: a name and a value on each line.
    static func readList(_ text: [UInt8], into counters: inout [String: UInt64]) {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
            guard words.count == 2, words[1] != [UInt8(ascii: "0")], let value = number(words[1]) else { continue }
            counters[String(decoding: words[0], as: UTF8.self)] = value
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (tenfold, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, exceeded) = tenfold.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            if overflowed || exceeded { return nil }
            value = sum
        }
        return digits.isEmpty ? nil : value
    }
}
