import ArgumentParser
import Foundation
import Glibc
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import LabPlan
import Logging
import ManagementAPI
import NIOSSL
import ServiceLifecycle
import Synchronization

@main
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resetlab-portal",
        abstract: "Start labs and serve them: the management API of the real service, and a portal.",
        discussion: """
            Each topology becomes a lab that stands while this runs, its gateway a resource of a resource group. What is printed points az at \
            it: from then on "az network vnet-gateway reset" resets the lab's gateway, with real packets lost and counted.

            It listens on this machine alone, unless --listen names another address, and then over TLS only. SIGINT and SIGTERM let requests \
            end, take the labs down and leave nothing.
            """)

    @Argument(help: "Topology files (YAML).", completion: .file(extensions: ["yaml", "yml"]))
    var topologies: [String]

    @Option(help: ArgumentHelp("The resource group of every gateway. Default: the topology's name.", valueName: "name"))
    var resourceGroup: String?

    @Option(help: "The address that is listened on.")
    var listen = "127.0.0.1"

    @Option(help: "The port of https; 0 for any that is free.")
    var httpsPort = 8_443

    @Option(help: "The port of plain http, on loopback only: for SDKs and the token endpoint; 0 for any that is free.")
    var httpPort = 8_080

    @Option(help: "Whose kernel carries the labs: auto, host or guest.")
    var backend = "auto"

    @Option(help: "What randomness is derived from.")
    var seed: UInt64 = 1

    @Option(help: "Probes per second in each direction of each connection.")
    var rate = 10.0

    @Option(
        help: ArgumentHelp("The portal shows the report pages (report.html) in this folder and in the folders in it.", valueName: "folder"))
    var reports: String?

    @Option(help: ArgumentHelp("Write what points az at this server to this file, for a shell's \"source\".", valueName: "file"))
    var envFile: String?

    func validate() throws {
        guard !topologies.isEmpty else { throw ValidationError("Missing expected argument '<topologies> ...'") }
        guard ["auto", "host", "guest"].contains(backend) else {
            throw ValidationError("--backend: found \(backend); allowed: auto, host or guest")
        }
        if let reports {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: reports, isDirectory: &isFolder), isFolder.boolValue else {
                throw ValidationError(
                    "--reports: found no folder \(reports); allowed: one that resetlab rehearse --report-dir has written to, or one with such in it"
                )
            }
        }
        for (name, port) in [("--https-port", httpsPort), ("--http-port", httpPort)] where !(0...65_535).contains(port) {
            throw ValidationError("\(name): found \(port); allowed: 0 to 65535")
        }
        guard rate > 0, rate <= 1_000 else { throw ValidationError("--rate: found \(rate); allowed: above 0, at most 1000") }
    }

    /// Not the parser's own: its exit code for bad arguments is 64.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand { try await asynchronous.run() } else { try command.run() }
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            standardError(fullMessage(for: error))
            Glibc.exit(PortalFailure.Status.badInput.rawValue)
        }
    }

    func run() async throws {
        do {
            try await serve()
        } catch let failure as PortalFailure {
            standardError("resetlab-portal: \(failure.description)")
            throw ExitCode(failure.status.rawValue)
        }
    }

    private var isLoopback: Bool { listen == "::1" || listen == "localhost" || listen.hasPrefix("127.") }

    private func serve() async throws {
        let folder = try Self.stateFolder()
        let certificate = try ServerCertificate(folder: folder, addresses: [listen])
        let ports = (https: try Self.port(httpsPort, listen), http: isLoopback ? try Self.port(httpPort, listen) : nil)
        let host = listen.contains(":") ? "[\(listen)]" : listen
        let identity = ServiceIdentity(endpoint: "https://\(host):\(ports.https)")
        // Signals end the servers, not the program, from here on: what stands is taken down.
        let ending = EndSignal()
        let labs = ServedLabs(backend: backend, seed: seed, rate: rate, folder: folder) { ending.hasCome }
        let service = ManagementService(
            identity: identity, token: AccessToken(secret: Self.randomBytes(32), identity: identity), factory: labs)
        let portal = Portal(
            service: service, secret: Self.hexadecimal(Self.randomBytes(16)), reports: reports.map { ReportFolder(path: $0) })
        defer { labs.takeDownAll() }
        for topology in topologies {
            standardError("resetlab-portal: starting the lab of \(topology)")
            let lab = try labs.start(topology)
            if ending.hasCome { return }
            let managed = ManagedLab(resourceGroup: resourceGroup ?? lab.plan.name, backend: lab, identity: identity)
            do {
                try await service.add(managed)
            } catch let error as APIError {
                throw PortalFailure(.badInput, error.message)
            }
        }
        let instructions = Instructions(
            identity: identity, httpPort: ports.http, host: host, certificate: certificate.certificatePath, folder: folder,
            portal: portal.entrance, labs: await service.managedLabs)
        if let envFile { try OwnFile.write(instructions.environment, to: envFile, mode: 0o600) }
        let isFirstTold = FirstTime(after: ports.http == nil ? 1 : 2)
        try await runServers(ServiceResponder(service: service, portal: portal), certificate, ports, ending) {
            guard isFirstTold.isNow() else { return }
            print(instructions.text, terminator: "")
            fflush(nil)
        }
        standardError("resetlab-portal: taking the labs down")
    }

    private func runServers(
        _ responder: ServiceResponder, _ certificate: ServerCertificate, _ ports: (https: Int, http: Int?), _ ending: EndSignal,
        running: @escaping @Sendable () -> Void
    ) async throws {
        var logger = Logger(label: "resetlab-portal")
        logger.logLevel = .warning
        let chain = try NIOSSLCertificate.fromPEMFile(certificate.certificatePath).map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(file: certificate.keyPath, format: .pem)
        var tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        func application(_ port: Int, _ server: HTTPServerBuilder) -> Application<ServiceResponder> {
            Application(
                responder: responder, server: server,
                configuration: .init(
                    address: .hostname(listen, port: port), serverName: "resetlab",
                    availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections)),
                onServerRunning: { _ in running() }, logger: logger)
        }
        var services: [any Service] = [application(ports.https, try .tls(.http1(configuration: Self.http), tlsConfiguration: tls))]
        if let port = ports.http { services.append(application(port, .http1(configuration: Self.http))) }
        // The last one ends first: servers wait for their streams.
        services.append(PortalStreams(portal: responder.portal))
        var configuration = ServiceGroupConfiguration(services: services, gracefulShutdownSignals: [], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.longestDrain
        let group = ServiceGroup(configuration: configuration)
        ending.whenItComes { Task { await group.triggerGracefulShutdown() } }
        try await group.run()
    }

    /// Open at a time, of each server; others wait to be taken.
    private static let mostConnections = 1_000

    /// How long requests under way may take when the server is to end.
    private static let longestDrain = Duration.seconds(15)

    /// A connection that says nothing for a minute is closed: two hundred clients that poll are many, and open ones are bounded.
    private static var http: HTTP1Channel.Configuration { .init(idleTimeout: .seconds(60)) }

    // MARK: - Places and numbers

    private static func stateFolder() throws -> String {
        func named(_ variable: String) -> String? { ProcessInfo.processInfo.environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let folder = named("RESETLAB_STATE") { return "\(folder)/portal" }
        if let state = named("XDG_STATE_HOME") { return "\(state)/resetlab/portal" }
        if let home = named("HOME") { return "\(home)/.local/state/resetlab/portal" }
        throw PortalFailure(
            .badInput, "there is no folder for the certificate: neither RESETLAB_STATE nor XDG_STATE_HOME nor HOME names one")
    }

    /// A port that can be listened on; for 0 any.
    private static func port(_ port: Int, _ address: String) throws -> Int {
        let isV6 = address.contains(":")
        let descriptor = socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var storage = sockaddr_storage()
        let text = address == "localhost" ? "127.0.0.1" : address
        let (isParsed, length) = withUnsafeMutableBytes(of: &storage) { raw -> (Bool, socklen_t) in
            if isV6 {
                var v6 = sockaddr_in6()
                v6.sin6_family = sa_family_t(AF_INET6)
                v6.sin6_port = UInt16(port).bigEndian
                let isParsed = inet_pton(AF_INET6, text, &v6.sin6_addr) == 1
                raw.storeBytes(of: v6, as: sockaddr_in6.self)
                return (isParsed, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = UInt16(port).bigEndian
            let isParsed = inet_pton(AF_INET, text, &v4.sin_addr) == 1
            raw.storeBytes(of: v4, as: sockaddr_in.self)
            return (isParsed, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        guard isParsed else {
            throw PortalFailure(.badInput, "--listen: found \(address); allowed: an IP address of this machine, or localhost")
        }
        var bound = length
        let isBound = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &bound) == 0
            }
        }
        guard isBound else {
            throw PortalFailure(.badInput, "\(address) port \(port) cannot be listened on: \(String(cString: strerror(errno)))")
        }
        return withUnsafeBytes(of: &storage) { Int(UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))) }
    }

    private static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

func standardError(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}

/// Counts up to the one time that matters.
final class FirstTime: Sendable {
    private let left: Mutex<Int>

    init(after count: Int) { left = Mutex(count) }

    /// Whether this is the call that was waited for.
    func isNow() -> Bool {
        left.withLock { left in
            left -= 1
            return left == 0
        }
    }
}
