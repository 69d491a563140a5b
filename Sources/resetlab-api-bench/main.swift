import Foundation

// What a read of the management API takes, as a table. A run of its own: what is measured in the guest must not grow by what this needs.

let times = try await APIBenchmark.run(reads: 5_000, lists: 50)

func row(_ name: String, _ values: [Int64], goal: Double?) -> String {
    let sorted = values.sorted()
    let milliseconds = [sorted[sorted.count / 2], sorted[sorted.count * 99 / 100], sorted[sorted.count - 1]].map { Double($0) / 1e6 }
    let texts = milliseconds.map { ($0 * 1_000).rounded() / 1_000 }.map { "\($0) ms" }
    let verdict = goal.map { "≤ \($0) ms | \(milliseconds[0] <= $0 ? "holds" : "MISSED")" } ?? " | "
    return "| \(name) | \(texts.joined(separator: " | ")) | \(values.count) | \(verdict) |"
}

print("| quantity | median | 99 % | max | times | goal | |")
print("|---|---:|---:|---:|---:|---|---|")
print(row("API: read a connection, \(APIBenchmark.gateways) gateways × \(APIBenchmark.connections)", times.reads, goal: 5))
print(row("API: list all of them", times.lists, goal: nil))
