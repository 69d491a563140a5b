// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors in CI (RESETLAB_STRICT=1), not on a user's machine with a newer compiler.
let strict = Context.environment["RESETLAB_STRICT"] == "1"
let settings: [SwiftSetting] = strict ? [.treatAllWarnings(as: .error)] : []

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let certificates = Target.Dependency.product(name: "X509", package: "swift-certificates")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "resetlab",
    products: [
        .executable(name: "resetlab", targets: ["resetlab"]),
        .executable(name: "resetlab-agent", targets: ["resetlab-agent"]),
        .executable(name: "resetlab-portal", targets: ["resetlab-portal"]),
        .executable(name: "resetlab-kernel-tests", targets: ["resetlab-kernel-tests"]),
        .executable(name: "resetlab-bench", targets: ["resetlab-bench"]),
        .executable(name: "resetlab-api-bench", targets: ["resetlab-api-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System libraries and the thin C the kernel's interfaces need.
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CNlRoute", pkgConfig: "libnl-route-3.0", providers: [.apt(["libnl-route-3-dev"])]),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
        .target(name: "CLinux"),
        .target(name: "CSocket"),
        .target(name: "CRawReplay"),

        // Pure: no I/O, no kernel, tested without privilege.
        library("Addressing"),
        library("LabPlan", ["Addressing"]),
        library("Topology", ["LabPlan", "Addressing", yams]),
        library("Preflight", ["LabPlan", "Addressing"]),
        library("Hashing", ["CNettle"]),
        library("Gateway", ["LabPlan"]),
        library("RunCost", ["AgentProtocol", "Gateway", "LabPlan"]),
        library("InstructionProfile"),
        library("KeyExchange", ["LabPlan", "Addressing", "Hashing"]),
        library("Measurement"),
        library("AgentProtocol", ["LabPlan", "Measurement"]),
        library("Capture", ["AgentProtocol", "Addressing"]),
        library("Report", ["AgentProtocol", "LabPlan", "Measurement", "Preflight"]),

        // The kernel layer.
        library("LinuxKernel", ["CLinux"]),
        library("EventLoop", ["CSocket", "LinuxKernel", heap]),
        library("Processes", ["CLinux", "LinuxKernel"]),
        library("Netlink", ["CMnl", "CLinux", "LinuxKernel"]),
        library("Links", ["Netlink", "CNlRoute", "CMnl", "CLinux", "LinuxKernel", "Addressing"]),
        library("PacketDrops", ["Netlink", "CMnl", "Addressing"]),
        library("XFRM", ["Netlink", "CMnl", "CLinux", "LinuxKernel", "Addressing"]),

        // The agent's parts.
        library("Probing", ["EventLoop", "LinuxKernel", "CSocket", "Addressing", "Measurement", heap]),
        library("Applications", ["Probing", "EventLoop", "LinuxKernel", "CSocket", "Addressing", "Measurement"]),
        library(
            "Lab",
            [
                "Applications", "LabPlan", "AgentProtocol", "Addressing", "LinuxKernel", "CLinux", "CSocket", "EventLoop", "Netlink",
                "Links", "XFRM",
                "PacketDrops", "Gateway", "KeyExchange", "Probing", "Measurement", "Processes",
            ]),

        // The controller's parts.
        library("GuestKernel", ["Processes", "EventLoop", "LinuxKernel", "CLinux", "AgentProtocol", "Hashing"]),
        library(
            "AgentSession",
            ["GuestKernel", "Processes", "EventLoop", "LinuxKernel", "CSocket", "AgentProtocol", "LabPlan", "Measurement"]),
        library(
            "LabKeeper", ["AgentSession", "AgentProtocol", "EventLoop", "LinuxKernel", "LabPlan", "Measurement", "Preflight"]),

        // The management API: pure, whatever carries its requests; and the server that does.
        library("ManagementAPI", ["AgentProtocol", "LabPlan", "Measurement", "Addressing"]),
        library("AzureResources", ["ManagementAPI", "Report", "AgentProtocol", "LabPlan", "Measurement", "Topology"]),
        .executableTarget(
            name: "resetlab-portal",
            dependencies: [
                "ManagementAPI", "AzureResources", "LabKeeper", "AgentProtocol", "LabPlan", "Measurement", "Topology", "Processes",
                "LinuxKernel",
                "Preflight",
                "Report", argumentParser, certificates, crypto, hummingbird, hummingbirdCore, hummingbirdTLS,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "resetlab-api-bench",
            dependencies: ["ManagementAPI", "AgentProtocol", "LabPlan", "LinuxKernel", "Measurement", "Topology"], swiftSettings: settings),
        .executableTarget(
            name: "resetlab",
            dependencies: [
                "Topology", "AzureResources", "LabPlan", "LabKeeper", "Addressing", "Preflight", "AgentProtocol", "AgentSession", "Capture",
                "Report",
                "Measurement", "GuestKernel", "Processes", "EventLoop", "LinuxKernel", "CLinux", "RunCost", argumentParser,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "resetlab-agent", dependencies: ["Lab", "AgentProtocol", "EventLoop", "LinuxKernel"], swiftSettings: settings),
        .executableTarget(
            name: "resetlab-kernel-tests",
            dependencies: [
                "Lab", "AgentProtocol", "Netlink", "Links", "XFRM", "LinuxKernel", "CLinux", "Addressing", "LabPlan", "Probing",
                "EventLoop", "Measurement", "Processes",
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "resetlab-bench",
            dependencies: [
                "Lab", "AgentProtocol", "AgentSession", "GuestKernel", "Processes", "EventLoop", "Netlink", "XFRM", "LinuxKernel",
                "Addressing", "Links", "LabPlan", "KeyExchange", "Probing", "Measurement", "Topology", "CRawReplay",
                "RunCost", "InstructionProfile",
            ],
            swiftSettings: settings),

        // Tests. What needs a kernel with ESP runs in the guest, by resetlab-kernel-tests.
        tests("AddressingTests", ["Addressing"]),
        tests("TopologyTests", ["Topology", "LabPlan", "Addressing"]),
        tests("PreflightTests", ["Preflight", "Topology", "LabPlan"]),
        tests("EventLoopTests", ["EventLoop"]),
        tests("RunCostTests", ["RunCost", "LabPlan", "Topology"]),
        tests("InstructionProfileTests", ["InstructionProfile"]),
        tests("GatewayTests", ["Gateway", "LabPlan"]),
        tests("KeyExchangeTests", ["KeyExchange", "Hashing", "LabPlan", "Addressing"]),
        tests("MeasurementTests", ["Measurement"]),
        tests("CaptureTests", ["Capture", "AgentProtocol", "Processes", "LinuxKernel", "TestRequirements"]),
        tests("ReportTests", ["Report", "AgentProtocol", "Measurement", "LabPlan", "Preflight", "Topology"]),
        tests("AzureResourcesTests", ["AzureResources", "ManagementAPI", "LabPlan", "Topology"]),
        tests("ManagementAPITests", ["ManagementAPI", "Addressing", "AgentProtocol", "LabPlan", "Measurement", "Topology"]),
        tests("NetlinkTests", ["Netlink", "Links", "XFRM", "PacketDrops", "LinuxKernel", "Addressing", "CLinux"]),
        tests("GuestKernelTests", ["GuestKernel", "Processes", "EventLoop", "LinuxKernel", "CLinux", "TestRequirements"]),
        tests(
            "LabTests",
            [
                "Lab", "Applications", "KeyExchange", "XFRM", "LabPlan", "Addressing", "LinuxKernel", "AgentProtocol", "EventLoop", "Links",
                "Measurement", "Probing", "TestRequirements", "Topology",
            ]),
        tests(
            "LabKeeperTests",
            [
                "LabKeeper", "AgentSession", "AgentProtocol", "EventLoop", "LabPlan", "LinuxKernel", "Measurement", "Addressing",
                "Preflight", "TestRequirements",
            ]),
        .target(
            name: "TestRequirements", dependencies: ["GuestKernel", "Processes"], path: "Tests/TestRequirements", swiftSettings: settings),
        tests(
            "GuestTests",
            [
                "resetlab-kernel-tests", "TestRequirements", "GuestKernel", "AgentProtocol", "EventLoop", "LinuxKernel", "Processes",
                "Topology",
            ]),
        .testTarget(
            name: "PortalTests", dependencies: ["resetlab-portal", "TestRequirements", "LinuxKernel", "Processes"],
            exclude: ["Clients"], swiftSettings: settings),
        tests("CommandLineTests", ["TestRequirements", "GuestKernel", "LinuxKernel", "Processes"]),
    ],
    swiftLanguageModes: [.v6]
)
