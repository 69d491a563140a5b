import AgentProtocol
import Glibc
import LinuxKernel
import Processes
import TestRequirements
import Testing

@testable import GuestKernel

/// Templates as files, without any guest.
@Suite struct TemplateFileTests {
    private let folder: TemporaryFolder
    private let memory: Int32

    init() throws {
        folder = try TemporaryFolder()
        // Two MiB: a page of ones, a hole, a page of zeros that is none, a last page.
        memory = open(try folder.file("memory", []), O_RDWR | O_CLOEXEC)
        #expect(ftruncate(memory, 2 << 20) == 0)
        #expect(pwrite(memory, [UInt8](repeating: 1, count: 4096), 4096, 0) == 4096)
        #expect(pwrite(memory, [UInt8](repeating: 0, count: 4096), 4096, 1 << 20) == 4096)
        #expect(pwrite(memory, Array("last".utf8), 4, (2 << 20) - 4) == 4)
    }

    private func write(_ name: String, state: [UInt8], key: String = "key") throws -> String {
        let path = try folder.file(name, [])
        let file = FileDescriptor(owning: open(path, O_RDWR))
        try GuestTemplate.write(to: file.rawValue, named: path, memory: 2, from: memory, state: state, key: key)
        return path
    }

    private func damage(_ path: String, memory: Int = 2, key: String = "key") -> String? {
        do {
            _ = try GuestTemplate(path: path, memory: memory, key: key)
            return nil
        } catch { return "\(error)" }
    }

    @Test(arguments: [1, 4096, 5000]) func comesBackAsItWas(count: Int) throws {
        let state = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let path = try write("template", state: state)
        let template = try GuestTemplate(path: path, memory: 2, key: "key")
        #expect(template.state == state)
        let bytes = try FileTree.read(path)
        #expect(bytes[..<4096].allSatisfy { $0 == 1 })
        #expect(bytes[4096..<(2 << 20) - 4].allSatisfy { $0 == 0 })
        #expect(Array(bytes[(2 << 20) - 4..<2 << 20]) == Array("last".utf8))
    }

    /// Each byte of what counts, in steps, and each of the footer.
    @Test func everyChangeIsNoticed() throws {
        let path = try write("template", state: [UInt8](repeating: 9, count: 100))
        let file = FileDescriptor(owning: open(path, O_RDWR))
        let size = try FileTree.read(path).count
        let footer = size - 4096
        let memory = [0, 4095, 4096, 1 << 20, (2 << 20) - 1]
        let state = [2 << 20, (2 << 20) + 99, (2 << 20) + 100]
        for offset in memory + state + Array(footer..<footer + 40) + [size - 1] {
            var byte: UInt8 = 0
            #expect(pread(file.rawValue, &byte, 1, offset) == 1)
            var other = byte ^ 0x40
            #expect(pwrite(file.rawValue, &other, 1, offset) == 1)
            #expect(damage(path) != nil, "at \(offset)")
            #expect(pwrite(file.rawValue, &byte, 1, offset) == 1)
        }
        #expect(damage(path) == nil)
    }

    @Test func anotherLengthMemoryOrKeyIsNoticed() throws {
        let path = try write("template", state: [1, 2, 3])
        #expect(damage(path, key: "other")?.hasSuffix("its end is not that of the template that is wanted") == true)
        #expect(damage(path, memory: 1) != nil)
        #expect(damage(path, memory: 4)?.contains("which is no template of 4 MiB") == true)
        let size = try FileTree.read(path).count
        for shorter in [0, 1, 4096, 2 << 20, size - 4096, size - 1] {
            #expect(truncate(path, shorter) == 0)
            #expect(damage(path) != nil, "cut to \(shorter)")
            #expect(truncate(path, size) == 0)
            // The last byte is a zero.
            if shorter < size - 1 { #expect(damage(path) != nil, "cut to \(shorter) and filled with zeros") }
            _ = try write("template", state: [1, 2, 3])
        }
        #expect(throws: SystemCallError("open", "\(folder.path)/none", .noSuchEntry)) {
            _ = try GuestTemplate(path: "\(folder.path)/none", memory: 2, key: "key")
        }
    }

    // MARK: - The cache

    private var cache: TemplateCache { TemplateCache(folder: CacheFolder(path: folder.path)) }

    private func key(_ seed: Int) throws -> TemplateKey {
        let kernel = try folder.file("kernel\(seed)", [])
        return try TemplateKey(
            arguments: MachineArguments(kernel: kernel, clock: .virtual(seed: 1), memory: 2), image: GuestImage(files: []))
    }

    private func make(_ key: TemplateKey) throws {
        try cache.make(key) { descriptor, path in
            try GuestTemplate.write(to: descriptor, named: path, memory: 2, from: memory, state: [5], key: key.name)
        }
    }

    @Test(Requirements.program("qemu-system-x86_64")) func oldestGoes() throws {
        let keys = try (0..<TemplateCache.mostTemplates + 2).map { try key($0) }
        #expect(Set(keys.map(\.name)).count == keys.count)
        for key in keys.dropLast() { try make(key) }
        #expect(cache.contents.count == TemplateCache.mostTemplates)
        // The first is gone; the second, now used, outlives the third.
        #expect(isKept(keys[0]) == false)
        #expect(isKept(keys[1]))
        try make(keys[keys.count - 1])
        #expect(isKept(keys[1]) && !isKept(keys[2]))
        #expect(cache.removeAll().count == TemplateCache.mostTemplates)
        #expect(cache.contents == .init())
    }

    private func isKept(_ key: TemplateKey) -> Bool {
        do {
            guard let template = try cache.template(key, memory: 2) else { return false }
            return template.state == [5]
        } catch { return false }
    }

    @Test(Requirements.program("qemu-system-x86_64")) func failureLeavesNothing() throws {
        let key = try key(0)
        #expect(throws: SystemCallError("write", "x", Errno(code: ENOSPC))) {
            try cache.make(key) { descriptor, _ in
                ftruncate(descriptor, 100)
                throw SystemCallError("write", "x", Errno(code: ENOSPC))
            }
        }
        #expect(try FileTree.names(in: cache.path) == [])
        // What QEMU refuses is not tried again.
        cache.refuse(key, reason: "no")
        #expect(throws: TemplateCache.Refusal.self) { _ = try cache.template(key, memory: 2) }
    }

    @Test(Requirements.program("qemu-system-x86_64")) func abandonedPartsAreRemoved() throws {
        try make(try key(0))
        let abandoned = "\(cache.path)/a.partial"
        let written = "\(cache.path)/b.partial"
        for path in [abandoned, written] { try FileTree.write([1], to: path) }
        let file = FileDescriptor(owning: open(written, O_RDWR | O_CLOEXEC))
        #expect(flock(file.rawValue, LOCK_EX) == 0)
        #expect(cache.removeAbandoned() == [abandoned])
        #expect(cache.contents.count == 1)
    }

    /// Kernel, agent, machine: each of them makes it another template; the run's seed does not.
    @Test(Requirements.program("qemu-system-x86_64")) func keyFollowsWhatItDependsOn() throws {
        let kernel = try folder.file("vmlinux", [1])
        func name(seed: UInt64 = 1, memory: Int = 512, agent: [UInt8] = [1]) throws -> String {
            try TemplateKey(
                arguments: MachineArguments(kernel: kernel, clock: .virtual(seed: seed), memory: memory),
                image: GuestImage(files: [GuestFile(path: "/init", contents: agent)])
            ).name
        }
        let first = try name()
        #expect(try name() == first && name(seed: 2) == first)
        #expect(try Set([first, name(memory: 1024), name(agent: [2])]).count == 3)
        try FileTree.write([2], to: kernel)
        #expect(try name() != first)
    }
}

@Suite struct JobWindowTests {
    @Test func headerComesBack() {
        let header = JobWindow.Header(seed: 0x0102_0304_0506_0708, count: 9)
        // Magic "RLJOB" with its version, seed, count; little-endian.
        #expect(
            header.bytes == [0x52, 0x4C, 0x4A, 0x4F, 0x42, 1, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1, 9, 0, 0, 0, 0, 0, 0, 0])
        #expect(JobWindow.Header(header.bytes + [1, 2]) == header)
        #expect(JobWindow.Header(header.bytes.dropLast()) == nil)
        #expect(JobWindow.Header([UInt8](repeating: 0, count: 24)) == nil)
        #expect(JobWindow.Header(JobWindow.Header(seed: 1, count: JobWindow.capacity + 1).bytes) == nil)
    }
}

/// QEMU's part played by a process that says what it is told to.
@Suite struct QMPConnectionTests {
    /// QEMU's end stays open as long as this.
    private final class Emulator {
        let socket: Int32
        let connection: QMPConnection

        init(says script: String) {
            var ends: [Int32] = [-1, -1]
            #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            socket = ends[1]
            connection = QMPConnection(socket: FileDescriptor(owning: ends[0]))
            #expect(write(socket, Array(script.utf8), script.utf8.count) == script.utf8.count)
        }

        deinit { close(socket) }
    }

    private let greeting = #"{"QMP": {"version": {}, "capabilities": []}}"# + "\r\n"
    private let done = #"{"return": {}}"# + "\r\n"

    @Test func refusalIsTold() throws {
        let emulator = Emulator(says: greeting + done + #"{"error": {"class": "GenericError", "desc": "not here"}}"# + "\r\n")
        #expect(performing { try emulator.connection.begin(within: .seconds(5)) } == "QEMU refuses migrate-set-capabilities: not here")
    }

    @Test func endAndSilenceAreTold() throws {
        let silent = Emulator(says: greeting)
        #expect(performing { try silent.connection.begin(within: .milliseconds(50)) } == "QEMU did not answer in time (qmp_capabilities)")
        let ended = Emulator(says: "")
        shutdown(ended.socket, Int32(SHUT_RDWR))
        #expect(performing { try ended.connection.begin(within: .seconds(5)) } == "QEMU ended")
    }

    @Test func eventsBetweenAnswersAreKept() throws {
        let event = #"{"event": "GUEST_PANICKED", "data": {"action": "pause"}, "timestamp": {"seconds": 1, "microseconds": 2}}"# + "\r\n"
        let emulator = Emulator(says: greeting + done + event + done)
        try emulator.connection.begin(within: .seconds(5))
        try emulator.connection.waitUntilStopped(within: .seconds(5))
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(emulator.socket, &bytes, bytes.count, 0)
        #expect(String(decoding: bytes[..<count], as: UTF8.self).contains(#""capability":"x-ignore-shared","state":true"#))
    }

    private func performing(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return "\(error)" }
    }
}
