import Testing

@testable import GuestKernel

/// What the kernel makes of the table, `GuestMachineTests` shows.
@Suite struct ProcessorTableTests {
    @Test func goldenBytes() {
        let header: [[UInt8]] = [
            Array("SSDT".utf8), [108, 0, 0, 0], [2], [ProcessorTable.bytes[9]], Array("RESLAB".utf8), Array("PROCIDLE".utf8), [1, 0, 0, 0],
            Array("RLAB".utf8), [1, 0, 0, 0],
        ]
        let definitions: [[UInt8]] = [
            // Scope, 71 bytes with these two: \_SB
            [0x10, 0x47, 0x04], Array("\\_SB_".utf8),
            // Device, 62 bytes: CPU0
            [0x5b, 0x82, 0x3e], Array("CPU0".utf8),
            [0x08], Array("_HID".utf8), [0x0d], Array("ACPI0007".utf8), [0],
            [0x08], Array("_UID".utf8), [0],
            // _CST: a package of the number of states and each of them: register, type C1, latency in µs, power
            [0x08], Array("_CST".utf8), [0x12, 0x1e, 2, 1, 0x12, 0x1a, 4],
            [0x11, 0x14, 0x0a, 17, 0x82, 12, 0, 0x7f, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0x79, 0],
            [1, 1, 0],
        ]
        #expect(ProcessorTable.bytes == Array((header + definitions).joined()))
    }

    @Test func addsUpToNothing() { #expect(ProcessorTable.bytes.reduce(0, &+) == 0) }

    /// In real time the machine is another one, which describes its processor itself.
    @Test func isForVirtualTimeOnly() {
        let image = GuestImage(files: [GuestFile(path: "/init", contents: [1])])
        #expect(image.archives(for: .virtual(seed: 1)) == [ProcessorTable.archive, image.archive])
        #expect(image.archives(for: .real(.emulated)) == [image.archive])
    }
}
