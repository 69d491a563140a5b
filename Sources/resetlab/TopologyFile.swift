import Topology

/// Topologies and rehearsals that the user names on the command line.
enum TopologyFile {
    /// - Throws: `CommandFailure` for bad input, with everything that is wrong in the file.
    static func load(_ path: String) throws -> Topology {
        do {
            return try Topology.load(text: try readFile(path), file: path)
        } catch let errors as TopologyErrors {
            throw CommandFailure(.badInput, "\(path) is not used, nothing was built:\n\(errors)")
        }
    }
}

enum RehearsalFile {
    /// A built-in by its name, or a file by its path.
    ///
    /// - Parameter folder: What a path is relative to: a folder with a slash at its end, or nothing.
    /// - Throws: `CommandFailure` for bad input.
    static func load(_ name: String, from folder: String = "") throws -> Rehearsal {
        let path = name.hasPrefix("/") ? name : folder + name
        do {
            if let builtIn = Rehearsal.builtIn(named: name) { return try builtIn.load() }
            guard Rehearsal.isPath(name) else { throw unknown(name) }
            return try Rehearsal.load(text: try readFile(path), file: path)
        } catch let errors as TopologyErrors {
            throw CommandFailure(.badInput, "\(path) is not used, nothing was built:\n\(errors)")
        }
    }

    static func unknown(_ name: String) -> CommandFailure {
        let names = Rehearsal.builtIns.map(\.name).joined(separator: ", ")
        return CommandFailure(.badInput, "there is no rehearsal \(name); allowed: \(names), or a path that ends in .yaml")
    }
}
