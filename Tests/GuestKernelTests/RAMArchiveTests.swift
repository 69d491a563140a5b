import Processes
import Testing

@testable import GuestKernel

@Suite struct RAMArchiveTests {
    @Test func goldenBytes() {
        let archive = RAMArchive.bytes(of: [GuestFile(path: "/a/b", contents: Array("hello".utf8), isExecutable: true)])
        let expected = [
            // magic, inode, mode (folder, 0755), user, group, links, time, size, device, special device, length of name, checksum
            "070701" + "00000001" + "000041ED" + "00000000" + "00000000" + "00000002" + "00000000" + "00000000" + "00000000" + "00000000"
                + "00000000" + "00000000" + "00000002" + "00000000",
            "a\0",  // 110 + 2 bytes: on a multiple of four
            "070701" + "00000002" + "000081ED" + "00000000" + "00000000" + "00000001" + "00000000" + "00000005" + "00000000" + "00000000"
                + "00000000" + "00000000" + "00000004" + "00000000",
            "a/b\0" + "\0\0",
            "hello" + "\0\0\0",
            "070701" + "00000000" + "00000000" + "00000000" + "00000000" + "00000001" + "00000000" + "00000000" + "00000000" + "00000000"
                + "00000000" + "00000000" + "0000000B" + "00000000",
            "TRAILER!!!\0" + "\0\0\0",
        ]
        #expect(String(decoding: archive, as: UTF8.self) == expected.joined())
        #expect(archive.count % 4 == 0)
    }

    @Test func orderOfFilesDoesNotMatter() {
        let files = ["/z", "/a/z", "/a/b/c", "/m-n/o", "/m/o"].map { GuestFile(path: $0, contents: Array($0.utf8)) }
        #expect(RAMArchive.bytes(of: files) == RAMArchive.bytes(of: files.reversed()))
    }

    @Test func contentsPermissionsAndNamesCount() {
        let file = GuestFile(path: "/a", contents: [1])
        var others = [file, file, file]
        others[0].contents = [2]
        others[1].isExecutable = true
        others[2].path = "/b"
        for other in others { #expect(GuestImage(files: [file]).digest != GuestImage(files: [other]).digest) }
        #expect(GuestImage(files: [file]).digest == GuestImage(files: [file]).digest)
    }

    @Test(Requirements.program("cpio")) func readBackByCpio() throws {
        let files = [
            GuestFile(path: "/init", contents: [1, 2, 3], isExecutable: true), GuestFile(path: "/modules/list", contents: []),
            GuestFile(path: "/modules/x.ko", contents: Array(repeating: 7, count: 1001)),
        ]
        let archive = try MemoryFile(name: "archive", contents: [RAMArchive.bytes(of: files, folders: ["/proc"])])
        let listing = try Command("cpio", ["-itv", "--quiet", "--numeric-uid-gid"], environment: ["TZ": "UTC", "LC_ALL": "C"])
            .runToEnd(input: archive.descriptor.rawValue).checked()
        let columns = listing.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(columns.map { $0[0] } == ["-rwxr-xr-x", "drwxr-xr-x", "-rw-r--r--", "-rw-r--r--", "drwxr-xr-x"])
        #expect(columns.map { $0[4] } == ["3", "0", "0", "1001", "0"])
        #expect(columns.map { $0.last } == ["init", "modules", "modules/list", "modules/x.ko", "proc"])
    }
}
