/// Something the agent needs of a kernel: an option of its configuration, and the module that has it where it is not built in.
struct KernelRequirement: Sendable {
    let option: String
    /// nil for what cannot be a module.
    let module: String?
    /// Whether a kernel without it is refused. The others only make it faster, or went into the kernel's library in later releases.
    let isNecessary: Bool

    private static func needed(_ option: String, _ module: String? = nil) -> KernelRequirement {
        KernelRequirement(option: option, module: module, isNecessary: true)
    }

    private static func useful(_ option: String, _ module: String) -> KernelRequirement {
        KernelRequirement(option: option, module: module, isNecessary: false)
    }

    /// In the order of loading, apart from dependencies.
    static let all: [KernelRequirement] = [
        // The machine: entry point for `-kernel vmlinux`, image, devices, clock.
        needed("PVH"), needed("BLK_DEV_INITRD"), needed("DEVTMPFS"), needed("TMPFS"), needed("SERIAL_8250_CONSOLE"),
        needed("VIRTIO_PCI", "virtio_pci"), needed("VIRTIO_CONSOLE", "virtio_console"),
        // The lab's links.
        needed("NET_NS"), needed("IPV6", "ipv6"), needed("PACKET", "af_packet"), needed("VETH", "veth"), needed("BRIDGE", "bridge"),
        needed("DUMMY", "dummy"), needed("NET_SCH_NETEM", "sch_netem"),
        // Why packets died.
        useful("NET_DROP_MONITOR", "drop_monitor"),
        // ESP.
        needed("XFRM_USER", "xfrm_user"), needed("INET_ESP", "esp4"), needed("INET6_ESP", "esp6"),
        // Its algorithms. Loaded before they are asked for: the kernel would ask user space for them, and there is no modprobe.
        // The generator of initialisation vectors draws on drbg, and that on SHA-512 and HMAC.
        needed("CRYPTO_AES", "aes_generic"), needed("CRYPTO_GCM", "gcm"), needed("CRYPTO_CBC", "cbc"), useful("CRYPTO_CTR", "ctr"),
        useful("CRYPTO_GHASH", "ghash_generic"), needed("CRYPTO_SEQIV", "seqiv"), needed("CRYPTO_ECHAINIV", "echainiv"),
        needed("CRYPTO_AUTHENC", "authenc"), needed("CRYPTO_HMAC", "hmac"), useful("CRYPTO_SHA1", "sha1_generic"),
        useful("CRYPTO_SHA256", "sha256_generic"), useful("CRYPTO_SHA512", "sha512_generic"), useful("CRYPTO_DRBG", "drbg"),
        // How the agent chooses among the generators of random numbers.
        useful("CRYPTO_USER", "crypto_user"),
        useful("CRYPTO_AES_NI_INTEL", "aesni_intel"), useful("CRYPTO_GHASH_CLMUL_NI_INTEL", "ghash_clmulni_intel"),
    ]
}
