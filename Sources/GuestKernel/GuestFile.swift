/// A file in the guest's root.
public struct GuestFile: Sendable, Hashable {
    /// Absolute.
    public var path: String
    public var contents: [UInt8]
    public var isExecutable: Bool

    public init(path: String, contents: [UInt8], isExecutable: Bool = false) {
        self.path = path
        self.contents = contents
        self.isExecutable = isExecutable
    }
}
