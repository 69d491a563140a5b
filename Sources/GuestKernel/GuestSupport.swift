import Glibc
import LinuxKernel
import Processes

/// Whether this machine can run guests, point by point, for people to read.
public struct GuestSupport: Sendable {
    public struct Finding: Sendable, Hashable {
        public let name: String
        public let works: Bool
        /// What was found, or what to do about it.
        public let detail: String
        /// Whether guests cannot run without it.
        public let isNecessary: Bool
    }

    public let findings: [Finding]

    /// Whether a guest can be started, if need be after fetching a kernel.
    public var isUsable: Bool { findings.allSatisfy { $0.works || !$0.isNecessary } }

    /// Looks around without changing or fetching anything; takes about a second.
    ///
    /// - Parameter tryKVM: also boots a kernel on `/dev/kvm` when no verdict is remembered and a kernel is cached (up to 8 s).
    public static func probe(cache: KernelCache, tryKVM: Bool = false) -> GuestSupport {
        var findings = [processor(), emulator(), kernel(cache)]
        if cache.cached == nil { findings += fetchingTools() }
        findings.append(kvm(cache, tryKVM))
        findings.append(templates(TemplateCache(folder: cache.folder)))
        return GuestSupport(findings: findings)
    }

    private static func processor() -> Finding {
        do {
            return Finding(name: "processor", works: true, detail: try Processor.checked(), isNecessary: true)
        } catch {
            return Finding(name: "processor", works: false, detail: "\(error)", isNecessary: true)
        }
    }

    private static func emulator() -> Finding {
        do {
            return Finding(name: "QEMU", works: true, detail: try QEMU.version(), isNecessary: true)
        } catch {
            return Finding(name: "QEMU", works: false, detail: "\(error)", isNecessary: true)
        }
    }

    private static func kernel(_ cache: KernelCache) -> Finding {
        if let cached = cache.cached {
            return Finding(name: "guest kernel", works: true, detail: "\(cached.release), cached", isNecessary: true)
        }
        switch cache.choice {
        case .unpacked(let folder):
            let exists = FileTree.exists("\(folder)/boot")
            return Finding(
                name: "guest kernel", works: exists, detail: exists ? "in \(folder)" : "\(folder): there is no boot folder in it",
                isNecessary: true)
        case .package(let name): return Finding(name: "guest kernel", works: true, detail: "\(name) will be fetched", isNecessary: true)
        case .best:
            do {
                guard let candidate = KernelCandidate.ranked(packages: try AptArchive(launcher: nil).packageNames()).first else {
                    throw GuestKernelError.noCandidate
                }
                return Finding(
                    name: "guest kernel", works: true, detail: "\(candidate.package) will be fetched on first use", isNecessary: true)
            } catch {
                return Finding(name: "guest kernel", works: false, detail: "\(error)", isNecessary: true)
            }
        }
    }

    private static func templates(_ cache: TemplateCache) -> Finding {
        func finding(_ works: Bool, _ detail: String) -> Finding {
            Finding(name: "templates", works: works, detail: detail, isNecessary: false)
        }
        do {
            try cache.checkUsable()
        } catch {
            return finding(false, "\(error); every guest is booted")
        }
        let contents = cache.contents
        guard contents.count > 0 else { return finding(true, "none saved yet: the first rehearsal saves one") }
        return finding(
            true, "\(contents) of at most \(TemplateCache.mostTemplates) and \(TemplateCache.mostSpace >> 20) MiB, in \(cache.path)")
    }

    /// What a distribution's kernel package is taken apart with. Which compression it has is not known before.
    private static func fetchingTools() -> [Finding] {
        let tools = [("dpkg-deb", "dpkg")] + [Compression.zstd, .lz4, .xz].map { ($0.program, $0.package) }
        return tools.map { program, package in
            let path = ExecutableLookup.path(of: program)
            return Finding(name: program, works: path != nil, detail: path ?? "apt-get install \(package)", isNecessary: false)
        }
    }

    private static func kvm(_ cache: KernelCache, _ tryKVM: Bool) -> Finding {
        func finding(_ works: Bool, _ detail: String) -> Finding { Finding(name: "KVM", works: works, detail: detail, isNecessary: false) }
        guard access("/dev/kvm", R_OK | W_OK) == 0 else { return finding(false, "/dev/kvm: \(Errno.last); labs run emulated") }
        guard let kernel = cache.cached else { return finding(false, "not tried before a guest kernel is cached") }
        let trial = KVMTrial(kernel: kernel, folder: cache.folder)
        let verdict = tryKVM ? (try? trial.verdict()) : trial.rememberedVerdict
        switch verdict {
        case .works: return finding(true, "works")
        case .fails(let reason): return finding(false, "\(reason); labs run emulated")
        case nil: return finding(false, "not tried yet: the first lab in real time tries it")
        }
    }
}
