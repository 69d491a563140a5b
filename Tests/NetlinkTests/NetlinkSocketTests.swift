import CMnl
import LinuxKernel
import Testing

@testable import Netlink

/// Against the kernel that the tests run on, with what needs no privilege.
@Suite struct NetlinkSocketTests {
    private func linkRequest(index: Int32 = 0, name: String? = nil, type: Int = RTM_GETLINK) throws -> NetlinkMessage {
        try NetlinkMessage(MessageType(type)) { encoder throws(NetlinkError) in
            var header = ifinfomsg()
            header.ifi_index = index
            encoder.append(header: header)
            if let name { try encoder.put(AttributeType(IFLA_IFNAME), string: name) }
        }
    }

    @Test func dumpListsTheLoopbackInterface() throws {
        let socket = try NetlinkSocket(.route)
        let links = try socket.dump(linkRequest())
        let names = try links.map { try $0.attributes(after: ifinfomsg.self)[AttributeType(IFLA_IFNAME)]?.string }
        #expect(names.contains("lo"))
        #expect(links.allSatisfy { $0.type == MessageType(RTM_NEWLINK) })
    }

    @Test func aSingleRequestReturnsItsReply() throws {
        let socket = try NetlinkSocket(.route)
        let reply = try socket.transact(linkRequest(name: "lo"))
        #expect(reply.count == 1)
        #expect(try reply.first?.header(as: ifinfomsg.self).ifi_index == 1)
    }

    @Test func anErrorNamesOperationObjectAndErrno() throws {
        let socket = try NetlinkSocket(.route)
        let error = try #require(throws: NetlinkError.self) {
            try socket.transact(linkRequest(name: "no-such-link"), "find", "link no-such-link")
        }
        #expect(error.isNotFound)
        #expect(error.errno == .noSuchDevice)
        #expect(!error.isAlreadyExists)
        #expect(error.description.hasPrefix("find link no-such-link: No such device (ENODEV)"))
    }

    @Test func theKernelsExplanationIsKept() throws {
        let socket = try NetlinkSocket(.route, checksStrictly: true)
        // A dump may not be limited by a header's field under strict checking.
        let request = try NetlinkMessage(MessageType(RTM_GETLINK)) { encoder throws(NetlinkError) in
            var header = ifinfomsg()
            header.ifi_flags = 1
            encoder.append(header: header)
        }
        let error = try #require(throws: NetlinkError.self) { try socket.dump(request) }
        #expect(error.errno == .invalidArgument)
        #expect(error.kernelMessage == "Invalid values in header for link dump request")
    }

    /// The kernel goes on after a request it refuses, answers each one refused, and the last in any case.
    @Test func aBatchReportsEachRefusalByItsPlace() throws {
        let socket = try NetlinkSocket(.route)
        var batch = NetlinkBatch(capacity: 16)
        for index in 0..<50 {
            // Reading a route to the loopback address succeeds; an unknown family does not.
            try batch.append(MessageType(RTM_GETROUTE)) { encoder throws(NetlinkError) in
                var header = rtmsg()
                header.rtm_family = index % 7 == 3 ? 250 : UInt8(AF_INET)
                header.rtm_dst_len = 32
                encoder.append(header: header)
                try encoder.put(AttributeType(RTA_DST), structure: UInt32(bigEndian: 0x7f00_0001))
            }
        }
        let failures = try socket.transact(&batch, "read routes")
        #expect(failures.map(\.index) == Array(stride(from: 3, to: 50, by: 7)))
        #expect(failures.allSatisfy { $0.error.refusal != nil && $0.error.operation == "read routes" })
        // A batch can be sent again as it is.
        #expect(try socket.transact(&batch).count == failures.count)
        batch.removeAll()
        #expect(try socket.transact(&batch).isEmpty)
    }

    @Test func transactionsGoOnAfterAnError() throws {
        let socket = try NetlinkSocket(.route)
        for _ in 0..<3 {
            #expect(throws: NetlinkError.self) { try socket.transact(linkRequest(name: "no-such-link")) }
            #expect(try !socket.dump(linkRequest()).isEmpty)
        }
    }

    @Test func anEventSocketWithoutEventsDoesNotWait() throws {
        let socket = try NetlinkEventSocket(.route, groups: [UInt32(RTNLGRP_NOTIFY.rawValue)])
        #expect(try socket.receiveEvents().isEmpty)
        #expect(socket.fileDescriptor >= 0)
    }

    @Test func anUnknownProtocolIsReported() {
        let error = #expect(throws: NetlinkError.self) { try NetlinkSocket(NetlinkProtocol(rawValue: 31)) }
        #expect(error?.isNotSupported == true)
        #expect(error?.reason == .systemCall("socket", .protocolNotSupported))
    }
}
