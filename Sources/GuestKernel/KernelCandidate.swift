/// A package of the distribution's that may have a usable kernel.
struct KernelCandidate: Hashable, Sendable {
    /// The image's package: `linux-image-6.12.117+deb12-cloud-amd64`.
    let package: String
    /// What `uname -r` prints: `6.12.117+deb12-cloud-amd64`.
    let release: String
    /// Packages with more of its modules, where the distribution splits them off.
    let companions: [String]

    /// Flavours from the smallest and fastest to boot to the largest.
    private static let flavours = ["cloud-amd64", "kvm", "virtual", "generic", "amd64"]

    /// The candidates among package names, the best first: by flavour, then the newest, a signed package before an unsigned of the same kernel.
    static func ranked(packages: [String]) -> [KernelCandidate] {
        let names = Set(packages)
        return names.compactMap { candidate($0, among: names) }.sorted { $0.isBetter(than: $1) }
    }

    private static func candidate(_ package: String, among names: Set<String>) -> KernelCandidate? {
        guard package.hasPrefix("linux-image-") else { return nil }
        var release = String(package.dropFirst("linux-image-".count))
        if release.hasPrefix("unsigned-") { release.removeFirst("unsigned-".count) }
        if release.hasSuffix("-unsigned") { release.removeLast("-unsigned".count) }
        // Meta packages (linux-image-6.12-cloud-amd64, linux-image-generic) have no patch level, or no version at all.
        guard KernelCandidate.version(of: release).count >= 3, flavour(of: release) != nil else { return nil }
        let companions = ["linux-modules-\(release)", "linux-modules-extra-\(release)"].filter(names.contains)
        return KernelCandidate(package: package, release: release, companions: companions)
    }

    private static func flavour(of release: String) -> Int? {
        // The part behind the version and Debian's or Ubuntu's own number: "6.1.0-56-cloud-amd64", "6.8.0-31-generic".
        let words = release.split(separator: "-")
        let rest = words.dropFirst().drop { $0.allSatisfy(\.isNumber) }.joined(separator: "-")
        return flavours.firstIndex(of: rest)
    }

    /// The numbers in a release's beginning: 6, 1, 0, 56 of `6.1.0-56-cloud-amd64`; 6, 12, 117 of `6.12.117+deb12-cloud-amd64`.
    private static func version(of release: String) -> [Int] {
        var numbers: [Int] = []
        for word in release.split(whereSeparator: { $0 == "." || $0 == "-" || $0 == "+" }) {
            guard let number = Int(word) else { break }
            numbers.append(number)
        }
        return numbers
    }

    private var isUnsigned: Bool { package.contains("unsigned") }

    private func isBetter(than other: KernelCandidate) -> Bool {
        let flavour = KernelCandidate.flavour(of: release) ?? .max
        let otherFlavour = KernelCandidate.flavour(of: other.release) ?? .max
        if flavour != otherFlavour { return flavour < otherFlavour }
        let version = KernelCandidate.version(of: release)
        let otherVersion = KernelCandidate.version(of: other.release)
        if version != otherVersion { return otherVersion.lexicographicallyPrecedes(version) }
        if isUnsigned != other.isUnsigned { return other.isUnsigned }
        return package < other.package
    }
}
