import Processes

/// The shared libraries of a program on this machine.
enum SharedLibraries {
    /// What a program needs to run elsewhere.
    struct Needs: Equatable {
        /// The program loader, which has to be at this very path; nil for a static program.
        var interpreter: String?
        /// The libraries' files.
        var libraries: [String] = []
    }

    /// Asks the program's own loader, which knows all of its rules; the program itself does not run.
    static func needed(by path: String, _ program: [UInt8]) throws -> Needs {
        guard let file = ELFImage(program) else { throw GuestKernelError.malformed(file: path, reason: "not a 64-bit program") }
        guard let interpreter = file.interpreter else { return Needs() }
        let listing = try Command(interpreter, ["--list", path]).runToEnd()
        // A missing library is in the listing, and makes the loader fail.
        let libraries = try parse(listing: listing.text, program: path)
        try listing.checked()
        return Needs(interpreter: interpreter, libraries: libraries)
    }

    /// Lines are `NAME => PATH (ADDRESS)`; the vDSO and the loader come without an arrow.
    static func parse(listing: String, program: String) throws -> [String] {
        var libraries: [String] = []
        for line in listing.split(separator: "\n") {
            guard let arrow = line.firstRange(of: " => ") else { continue }
            let name = line[..<arrow.lowerBound].drop(while: \.isWhitespace)
            let target = line[arrow.upperBound...]
            guard target.hasPrefix("/") else { throw GuestKernelError.libraryMissing(program: program, library: String(name)) }
            let path = target.range(ofAddress: " (0x").map { target[..<$0] } ?? target
            libraries.append(String(path))
        }
        return libraries
    }
}

extension Substring {
    fileprivate func range(ofAddress mark: String) -> Index? { firstRange(of: mark)?.lowerBound }
}
