import Glibc
import LinuxKernel
import Processes
import TestRequirements
import Testing

@testable import GuestKernel

@Suite struct KernelCandidateTests {
    @Test func debian() {
        let names = [
            "linux-image-6.1.0-56-cloud-amd64", "linux-image-6.1.0-9-cloud-amd64", "linux-image-6.12.117+deb12-cloud-amd64-unsigned",
            "linux-image-6.12.117+deb12-cloud-amd64", "linux-image-6.12.99+deb12-cloud-amd64", "linux-image-6.12.117+deb12-amd64",
            "linux-image-6.12.117+deb12-rt-amd64", "linux-image-cloud-amd64", "linux-image-6.12-cloud-amd64", "linux-image-amd64",
            "linux-image-6.1.0-56-cloud-amd64-dbg", "linux-image-6.1.0-56-cloud-arm64", "linux-headers-6.1.0-56-cloud-amd64",
        ]
        #expect(
            KernelCandidate.ranked(packages: names).map(\.package) == [
                "linux-image-6.12.117+deb12-cloud-amd64", "linux-image-6.12.117+deb12-cloud-amd64-unsigned",
                "linux-image-6.12.99+deb12-cloud-amd64", "linux-image-6.1.0-56-cloud-amd64", "linux-image-6.1.0-9-cloud-amd64",
                "linux-image-6.12.117+deb12-amd64",
            ])
    }

    @Test func ubuntu() {
        let names = [
            "linux-image-6.8.0-31-generic", "linux-image-unsigned-6.8.0-31-generic", "linux-modules-6.8.0-31-generic",
            "linux-modules-extra-6.8.0-31-generic", "linux-image-5.15.0-1050-kvm", "linux-modules-5.15.0-1050-kvm", "linux-image-generic",
            "linux-image-virtual", "linux-image-6.8.0-31-lowlatency",
        ]
        let ranked = KernelCandidate.ranked(packages: names)
        #expect(
            ranked.map(\.package) == [
                "linux-image-5.15.0-1050-kvm", "linux-image-6.8.0-31-generic", "linux-image-unsigned-6.8.0-31-generic",
            ])
        #expect(ranked[0].companions == ["linux-modules-5.15.0-1050-kvm"])
        #expect(ranked[2].companions == ["linux-modules-6.8.0-31-generic", "linux-modules-extra-6.8.0-31-generic"])
        #expect(ranked[2].release == "6.8.0-31-generic")
    }
}

/// A distribution in memory: kernels by package, each with the modules it has.
private final class Archive: PackageSource {
    var kernels: [String: (release: String, modules: [String])]
    var fetched: [String] = []
    var failure: (any Error)?

    init(_ kernels: [String: (release: String, modules: [String])]) { self.kernels = kernels }

    func packageNames() -> [String] { Array(kernels.keys) }

    func unpack(_ packages: [String], into folder: String, workFolder: String) throws {
        fetched += packages
        try FileTree.write([1], to: "\(workFolder)/package.deb")
        guard let kernel = kernels[packages[0]] else { throw GuestKernelError.noCandidate }
        try Archive.write(kernel.release, kernel.modules, to: folder)
        // After it has left something behind.
        if let failure { throw failure }
    }

    static func write(_ release: String, _ modules: [String], to folder: String) throws {
        try FileTree.makeFolder("\(folder)/boot")
        try FileTree.makeFolder("\(folder)/lib/modules/\(release)/kernel")
        try FileTree.write(KernelImageTests.kernel, to: "\(folder)/boot/vmlinuz-\(release)")
        let options = KernelRequirement.all.map { "CONFIG_\($0.option)=\($0.module == nil ? "y" : "m")\n" }.joined()
        try FileTree.write(Array(options.utf8), to: "\(folder)/boot/config-\(release)")
        for module in modules {
            try FileTree.write(Synthetic.module(module), to: "\(folder)/lib/modules/\(release)/kernel/\(module).ko")
        }
    }

    static let allModules = KernelRequirement.all.compactMap(\.module)
}

@Suite struct KernelCacheTests {
    let folder: TemporaryFolder
    let cache: CacheFolder

    init() throws {
        folder = try TemporaryFolder()
        cache = CacheFolder(path: "\(folder.path)/cache")
    }

    private let newest = "linux-image-6.12.5-cloud-amd64"
    private let older = "linux-image-6.1.0-9-cloud-amd64"

    @Test func fetchedOnceThenCached() throws {
        let archive = Archive([newest: ("6.12.5-cloud-amd64", Archive.allModules)])
        let kernels = KernelCache(folder: cache, choice: .best)
        #expect(kernels.cached == nil)
        let kernel = try kernels.kernel(from: archive, report: { _ in })
        #expect(kernel.release == "6.12.5-cloud-amd64")
        #expect(kernel.origin == newest)
        #expect(try FileTree.read(kernel.image) == KernelImageTests.kernel)
        #expect(kernel.modules.count == Archive.allModules.count)
        #expect(try kernel.modules.map { try FileTree.read($0) } == Archive.allModules.map { Synthetic.module($0) })
        #expect(try kernels.kernel(from: archive, report: { _ in }) == kernel)
        #expect(archive.fetched == [newest])
        // Only what is needed is kept.
        #expect(try FileTree.names(in: cache.path) == ["kernels", "lock"])
        #expect(try FileTree.names(in: "\(cache.path)/kernels") == [newest])
        #expect(try FileTree.names(in: "\(cache.path)/kernels/\(newest)").count == Archive.allModules.count + 2)
    }

    @Test func theNextBestWhenSomethingIsLacking() throws {
        let archive = Archive([
            newest: ("6.12.5-cloud-amd64", Archive.allModules.filter { $0 != "sch_netem" }),
            "\(newest)-unsigned": ("6.12.5-cloud-amd64", Archive.allModules), older: ("6.1.0-9-cloud-amd64", Archive.allModules),
        ])
        var reports: [String] = []
        let kernel = try KernelCache(folder: cache, choice: .best).kernel(from: archive) { reports.append($0) }
        #expect(kernel.origin == older)
        // The unsigned package has the same kernel and is not worth a download.
        #expect(archive.fetched == [newest, older])
        #expect(reports.contains("not \(newest): kernel 6.12.5-cloud-amd64 lacks CONFIG_NET_SCH_NETEM's module"))
    }

    @Test func nothingUsable() throws {
        let archive = Archive([older: ("6.1.0-9-cloud-amd64", [])])
        let expected = "no kernel package can be used: \(older): kernel 6.1.0-9-cloud-amd64 lacks "
        do {
            _ = try KernelCache(folder: cache, choice: .best).kernel(from: archive, report: { _ in })
            Issue.record("a kernel without modules was taken")
        } catch let error as GuestKernelError {
            #expect(error.description.hasPrefix(expected))
        }
        #expect(throws: GuestKernelError.noCandidate) {
            try KernelCache(folder: cache, choice: .best).kernel(from: Archive([:]), report: { _ in })
        }
    }

    @Test func interruptedFetchLeavesNothing() throws {
        let archive = Archive([newest: ("6.12.5-cloud-amd64", Archive.allModules)])
        archive.failure = SystemCallError("write", "somewhere", Errno(code: ENOSPC))
        let kernels = KernelCache(folder: cache, choice: .best)
        #expect(throws: SystemCallError.self) { try kernels.kernel(from: archive, report: { _ in }) }
        #expect(try FileTree.names(in: "\(cache.path)/kernels").isEmpty)
        // What a killed process left is in the way of nobody, and gone afterwards.
        try folder.file("cache/kernels/.partial/prepared/manifest", [1])
        archive.failure = nil
        #expect(kernels.cached == nil)
        _ = try kernels.kernel(from: archive, report: { _ in })
        #expect(try FileTree.names(in: "\(cache.path)/kernels") == [newest])
    }

    @Test func damagedOrForeignKernelIsMadeAgain() throws {
        let archive = Archive([newest: ("6.12.5-cloud-amd64", Archive.allModules)])
        let kernels = KernelCache(folder: cache, choice: .best)
        let kernel = try kernels.kernel(from: archive, report: { _ in })
        try FileTree.remove(kernel.modules[0])
        #expect(kernels.cached == nil)
        _ = try kernels.kernel(from: archive, report: { _ in })
        #expect(archive.fetched.count == 2)
        let manifest = "\(cache.path)/kernels/\(newest)/manifest"
        try FileTree.write(Array(try FileTree.text(manifest).replacing("resetlab kernel ", with: "resetlab kernel 0").utf8), to: manifest)
        #expect(kernels.cached == nil)
    }

    @Test func namedPackage() throws {
        let archive = Archive([newest: ("6.12.5-cloud-amd64", Archive.allModules), older: ("6.1.0-9-cloud-amd64", Archive.allModules)])
        #expect(try KernelCache(folder: cache, choice: .package(older)).kernel(from: archive, report: { _ in }).origin == older)
        // The best stays whatever is cached: fetching a newer one is the user's choice.
        #expect(try KernelCache(folder: cache, choice: .best).kernel(from: archive, report: { _ in }).origin == older)
    }

    @Test func unpackedFolder() throws {
        try Archive.write("6.9.0-custom", Archive.allModules, to: "\(folder.path)/root")
        let choice = KernelCache.Choice.unpacked(folder: "\(folder.path)/root")
        let kernel = try KernelCache(folder: cache, choice: choice).kernel()
        #expect(kernel.release == "6.9.0-custom")
        #expect(KernelCache(folder: cache, choice: choice).cached == kernel)
        #expect(KernelCache(folder: cache, choice: .best).cached == nil)
        // The folder itself is left alone.
        #expect(FileTree.exists("\(folder.path)/root/boot/vmlinuz-6.9.0-custom"))
        #expect(throws: GuestKernelError.malformed(file: "/nowhere", reason: "there is no boot/vmlinuz-* in it")) {
            try KernelCache(folder: cache, choice: .unpacked(folder: "/nowhere")).kernel()
        }
    }

    @Test(arguments: [
        ([:], KernelCache.Choice.best), (["RESETLAB_KERNEL_PACKAGE": "p"], .package("p")),
        (["RESETLAB_KERNEL_ROOT": "/r", "RESETLAB_KERNEL_PACKAGE": "p"], .unpacked(folder: "/r")), (["RESETLAB_KERNEL_ROOT": ""], .best),
    ]) func choices(environment: [String: String], choice: KernelCache.Choice) {
        #expect(KernelCache.Choice(environment: { environment[$0] }) == choice)
    }

    @Test(arguments: [
        (["RESETLAB_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"], "/c"), (["XDG_CACHE_HOME": "/x", "HOME": "/h"], "/x/resetlab"),
        (["XDG_CACHE_HOME": "relative", "HOME": "/h"], "/h/.cache/resetlab"), (["HOME": ""], nil),
    ]) func folders(environment: [String: String], path: String?) {
        #expect((try? CacheFolder(environment: { environment[$0] }))?.path == path)
    }

    @Test func lockKeepsOthersOut() throws {
        try cache.locked {
            let other = try Command("flock", ["--nonblock", "\(cache.path)/lock", "true"]).runToEnd()
            #expect(other.status == .exited(1))
        }
        #expect(try Command("flock", ["--nonblock", "\(cache.path)/lock", "true"]).runToEnd().status == .exited(0))
    }
}
