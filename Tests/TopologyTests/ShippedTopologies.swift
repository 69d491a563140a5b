import Foundation
import Testing
import Topology

/// The repository's own files.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}

enum ShippedTopologies {
    static let files = [
        "single-site", "two-sites", "ipv6", "many-sites", "active-active", "responder-only", "state-sync", "same-spi", "double-reset",
        "misconfigured", "rekeying", "connection-reset",
    ].map { "topologies/\($0).yaml" }

    static func load(_ file: String) throws -> Topology {
        try Topology.load(text: try Repository.text(file), file: file)
    }
}

enum ShippedRehearsals {
    static let files = ["only-tokyo", "flapping-line", "lost-announcements", "applications"].map { "rehearsals/\($0).yaml" }

    static func load(_ file: String) throws -> Rehearsal {
        try Rehearsal.load(text: try Repository.text(file), file: file)
    }
}
