/// A file in the guest's root.
public struct GuestFile: Sendable, Hashable {
    /// Absolute.
    public var path: String
    /// Of a symbolic link: where it leads.
    public var contents: [UInt8]
    public var isExecutable: Bool
    public let isLink: Bool

    public init(path: String, contents: [UInt8], isExecutable: Bool = false) {
        self.path = path
        self.contents = contents
        self.isExecutable = isExecutable
        isLink = false
    }

    /// A symbolic link.
    public init(path: String, linkTo target: String) {
        self.path = path
        contents = Array(target.utf8)
        isExecutable = false
        isLink = true
    }
}
