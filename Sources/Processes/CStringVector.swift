import Glibc

/// A null-terminated array of C strings, as exec and spawn want it.
package final class CStringVector {
    private var pointers: [UnsafeMutablePointer<CChar>?]

    package init(_ strings: [String]) {
        pointers = strings.map { strdup($0) }
        pointers.append(nil)
    }

    package func withPointers<Result>(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) throws -> Result) rethrows -> Result {
        try pointers.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("the vector has at least its end") }
            return try body(base)
        }
    }

    deinit { for pointer in pointers { free(pointer) } }
}
