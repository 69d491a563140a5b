import Glibc
import LinuxKernel
import Testing

/// What needs no privilege; the rest is in the kernel checks.
@Suite struct LinksNamespaceNameTests {
    @Test(arguments: ["", ".", "..", "../x", "a/b", "nul\0", String(repeating: "n", count: 256)])
    func namesThatLeadElsewhereAreRefused(name: String) {
        for attempt in [{ _ = try NetworkNamespace.open(named: name) }, { _ = try NetworkNamespace.remove(named: name) }] {
            let error = #expect(throws: SystemCallError.self) { try attempt() }
            #expect(error?.errno == .invalidArgument)
        }
    }

    @Test func missingNamespace() throws {
        let error = #expect(throws: SystemCallError.self) { try NetworkNamespace.open(named: "resetlab-no-such-namespace") }
        #expect(error?.errno == .noSuchEntry)
        #expect(try !NetworkNamespace.remove(named: "resetlab-no-such-namespace"))
        #expect(!NetworkNamespace.exists(named: "resetlab-no-such-namespace"))
    }

    @Test func errorsNameOperationObjectAndNumber() {
        #expect("\(SystemCallError("mount", "/run/netns/x", .busy))" == "mount /run/netns/x: Device or resource busy (EBUSY)")
    }

    @Test func closuresRunOnAThreadOfTheirOwnAndTheirErrorsComeBack() throws {
        let thread = try NamespaceThread()
        let home = try NetworkNamespace.ofThisThread()
        do {
            // Without CAP_SYS_ADMIN, entering even the own namespace is refused; then there is nothing more to see.
            let identity = try thread.run(in: home) { try NetworkNamespace.ofThisThread().identity }
            #expect(identity == home.identity)
            let error = #expect(throws: SystemCallError.self) {
                try thread.run(in: home) { throw SystemCallError("test", "object", .exists) }
            }
            #expect(error?.errno == .exists)
        } catch let error as SystemCallError {
            #expect(error.errno == .notPermitted)
        }
    }

    @Test func callsOnTheThreadRunAtOnce() throws {
        let thread = try NamespaceThread()
        let (outer, inner) = try thread.run { (pthread_self(), try thread.run { pthread_self() }) }
        #expect(outer == inner)
        #expect(outer != pthread_self())
    }

    @Test func whatIsStartedEndsBeforeTheNextCall() throws {
        let thread = try NamespaceThread()
        let steps = Monitor<[Int]>([])
        thread.start {
            // Goes on only when the caller has come back.
            steps.use(when: { $0 == [1] }, { $0.append(2) })
        }
        steps.use { $0.append(1) }
        try thread.run { steps.use { $0.append(3) } }
        #expect(steps.use { $0 } == [1, 2, 3])
    }
}
