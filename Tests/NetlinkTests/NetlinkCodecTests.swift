import CMnl
import LinuxKernel
import Testing

@testable import Netlink

@Suite struct NetlinkMessageTests {
    @Test func goldenBytesOfAMessage() throws {
        let message = try NetlinkMessage(MessageType(rawValue: 0x0102), flags: [.create, .exclusive]) { encoder throws(NetlinkError) in
            encoder.append(header: (UInt8(0xaa), UInt8(0xbb)))
            try encoder.put(AttributeType(1), UInt8(0x11))
            try encoder.put(AttributeType(2), UInt32(0x4433_2211))
            try encoder.put(AttributeType(3), string: "lo")
            try encoder.nest(AttributeType(4)) { nest throws(NetlinkError) in
                try nest.put(flag: AttributeType(5))
                try nest.put(AttributeType(6), bytes: [1, 2, 3, 4, 5])
            }
        }
        let expected: [UInt8] = [
            64, 0, 0, 0,  // length
            0x02, 0x01,  // type
            0x00, 0x06,  // flags: create, exclusive
            0, 0, 0, 0,  // sequence
            0, 0, 0, 0,  // port
            0xaa, 0xbb, 0, 0,  // the family's header, padded
            5, 0, 1, 0, 0x11, 0, 0, 0,  // a byte, padded
            8, 0, 2, 0, 0x11, 0x22, 0x33, 0x44,  // a word
            7, 0, 3, 0, 0x6c, 0x6f, 0, 0,  // "lo" with its NUL
            20, 0, 4, 0x80,  // a nest, flagged as such
            4, 0, 5, 0,  // a flag
            9, 0, 6, 0, 1, 2, 3, 4, 5, 0, 0, 0,  // bytes, padded
        ]
        #expect(Array(message.bytes) == expected)
        #expect(message.bytes.count == Int(message.header.nlmsg_len))
    }

    @Test func growsWhileANestIsOpen() throws {
        let message = try NetlinkMessage(MessageType(16)) { encoder throws(NetlinkError) in
            try encoder.nest(AttributeType(1)) { nest throws(NetlinkError) in
                for index in 0..<1_000 { try nest.put(AttributeType(2), UInt32(index)) }
            }
        }
        let outer = try NetlinkAttributes(parsing: message.bytes.dropFirst(16))
        let values = try outer[AttributeType(1)]?.nested().map { try $0.load(as: UInt32.self) }
        #expect(values == (0..<1_000).map(UInt32.init))
    }

    @Test func whatDoesNotFitIsAnError() {
        #expect(throws: NetlinkError.self) {
            try NetlinkMessage(MessageType(16)) { encoder throws(NetlinkError) in
                try encoder.put(AttributeType(1), bytes: [UInt8](repeating: 0, count: 65_532))
            }
        }
        #expect(throws: NetlinkError.self) {
            try NetlinkMessage(MessageType(16)) { encoder throws(NetlinkError) in
                try encoder.nest(AttributeType(1)) { nest throws(NetlinkError) in
                    for _ in 0..<2 { try nest.put(AttributeType(2), bytes: [UInt8](repeating: 0, count: 40_000)) }
                }
            }
        }
    }

    @Test func theLargestAttributeFits() throws {
        let payload = [UInt8](repeating: 7, count: 65_531)
        let message = try NetlinkMessage(MessageType(16)) { encoder throws(NetlinkError) in
            try encoder.put(AttributeType(1), bytes: payload)
        }
        #expect(try NetlinkAttributes(parsing: message.bytes.dropFirst(16))[AttributeType(1)]?.payload.elementsEqual(payload) == true)
    }

    @Test func takesOverAFinishedMessage() throws {
        let bytes: [UInt8] = [18, 0, 0, 0, 16, 0, 4, 3, 9, 9, 9, 9, 8, 8, 8, 8, 1, 2, 77, 77]
        let message = try bytes.withUnsafeBytes { try NetlinkMessage(copying: $0) }
        #expect(Array(message.bytes) == bytes.prefix(18) + [0, 0])
        #expect(message.type == MessageType(16))
    }

    @Test(arguments: [[], [1, 2, 3], [UInt8](repeating: 0, count: 16), [17, 0, 0, 0] + [UInt8](repeating: 0, count: 12)])
    func refusesWhatIsNoMessage(bytes: [UInt8]) {
        #expect(throws: NetlinkError.self) { try bytes.withUnsafeBytes { try NetlinkMessage(copying: $0) } }
    }
}

@Suite struct NetlinkAttributesTests {
    @Test func readsTypesAndPayloads() throws {
        // The last attribute's padding may be missing.
        let attributes = try NetlinkAttributes(parsing: [6, 0, 1, 0, 0x34, 0x12, 0, 0, 8, 0, 2, 0x40, 1, 2, 3, 4, 5, 0, 3, 0x80, 9])
        #expect(attributes.map(\.type.rawValue) == [1, 2, 3])
        #expect(try attributes.load(AttributeType(1), as: UInt16.self) == 0x1234)
        #expect(try attributes.load(AttributeType(4), as: UInt16.self) == nil)
        #expect(attributes[AttributeType(3)]?.payload == [9])
    }

    @Test func theLastOfSeveralCounts() throws {
        let attributes = try NetlinkAttributes(parsing: [5, 0, 1, 0, 7, 0, 0, 0, 5, 0, 1, 0, 8])
        #expect(try attributes.load(AttributeType(1), as: UInt8.self) == 8)
    }

    @Test(
        arguments: [
            [0, 0, 1, 0],  // a length of zero
            [3, 0, 1, 0],  // a length shorter than the header
            [9, 0, 1, 0, 1, 2, 3, 4],  // longer than what is left
            [4, 0, 1],  // a cut header
            [4, 0, 1, 0, 0, 0, 2, 0],  // a good one first
        ] as [ArraySlice<UInt8>])
    func whatDoesNotFitIsAnError(bytes: ArraySlice<UInt8>) {
        #expect(throws: NetlinkError.self) { try NetlinkAttributes(parsing: bytes) }
    }

    @Test func tooShortForItsTypeIsAnError() throws {
        let attributes = try NetlinkAttributes(parsing: [6, 0, 1, 0, 1, 2])
        #expect(throws: NetlinkError.self) { try attributes.load(AttributeType(1), as: UInt32.self) }
    }

    @Test func textEndsAtItsNUL() throws {
        #expect(try NetlinkAttributes(parsing: [8, 0, 1, 0, 0x6c, 0x6f, 0, 0x6f])[AttributeType(1)]?.string == "lo")
    }
}

@Suite struct IncomingMessageTests {
    private func answer(_ code: Int32, flags: UInt16, request: [UInt8] = [], attributes: [UInt8] = []) throws -> NetlinkError.Refusal? {
        var bytes = withUnsafeBytes(of: code) { Array($0) }
        bytes += withUnsafeBytes(of: UInt32(16 + request.count)) { Array($0) } + [16, 0, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0]
        bytes += request + attributes
        let header = withUnsafeBytes(of: UInt32(16 + bytes.count)) { Array($0) }
        let messages = try IncomingMessage.parse(
            header + [2, 0, UInt8(truncatingIfNeeded: flags), UInt8(flags >> 8)] + [1, 0, 0, 0, 0, 0, 0, 0] + bytes)
        return try ExtendedAcknowledgement.refusal(in: #require(messages.first))
    }

    @Test func successIsNoRefusal() throws {
        #expect(try answer(0, flags: 0x100) == nil)
    }

    @Test func aPlainRefusalHasItsNumberOnly() throws {
        let refusal = try #require(try answer(-17, flags: 0x100))
        #expect(refusal.errno == .exists)
        #expect(refusal.message == nil)
        #expect(NetlinkError(.refused(refusal)).isAlreadyExists)
    }

    @Test(arguments: [(0x300, []), (0x200, [1, 2, 3, 4, 5, 6, 7, 8])] as [(UInt16, [UInt8])])
    func theExplanationIsRead(flags: UInt16, request: [UInt8]) throws {
        let attributes: [UInt8] = [
            8, 0, 1, 0, 0x62, 0x61, 0x64, 0,  // NLMSGERR_ATTR_MSG "bad"
            8, 0, 2, 0, 20, 0, 0, 0,  // NLMSGERR_ATTR_OFFS
            8, 0, 5, 0, 18, 0, 0, 0,  // NLMSGERR_ATTR_MISS_TYPE
        ]
        let refusal = try #require(try answer(-22, flags: flags, request: request, attributes: attributes))
        #expect(refusal.errno == .invalidArgument)
        #expect(refusal.message == "bad")
        #expect(refusal.offset == 20)
        #expect(refusal.missingAttribute == AttributeType(18))
        #expect("\(NetlinkError(.refused(refusal), operation: "add", object: "it"))".hasSuffix("bad [attribute 18 is missing]"))
    }

    @Test func theOffendingAttributeIsLookedUpInTheRequest() throws {
        let request = try NetlinkMessage(MessageType(16)) { encoder throws(NetlinkError) in
            try encoder.put(AttributeType(9), UInt32(0))
            try encoder.put(AttributeType(10), UInt32(0))
        }
        let refusal = NetlinkError.Refusal(
            errno: .invalidArgument, message: nil, offendingAttribute: nil, offset: 24, missingAttribute: nil)
        #expect(NetlinkError(.refused(refusal)).locating(in: request.bytes).refusal?.offendingAttribute == AttributeType(10))
    }

    @Test func explanationsBeyondTheEndAreAnError() {
        #expect(throws: NetlinkError.self) { try answer(-22, flags: 0x300, attributes: [9, 0, 1, 0, 0x62]) }
        #expect(throws: NetlinkError.self) { try answer(-22, flags: 0x300, attributes: [0, 0, 1, 0]) }
    }

    @Test(arguments: [
        [16, 0, 0],  // a cut header
        [15, 0, 0, 0] + [UInt8](repeating: 0, count: 12),  // shorter than a header
        [20, 0, 0, 0] + [UInt8](repeating: 0, count: 12),  // longer than the datagram
        [0, 0, 0, 0] + [UInt8](repeating: 0, count: 12),
    ])
    func aBadLengthIsAnError(datagram: [UInt8]) {
        #expect(throws: NetlinkError.self) { try IncomingMessage.parse(datagram) }
    }

    @Test func headersShorterThanAskedForAreAnError() throws {
        let message = try #require(try IncomingMessage.parse([18, 0, 0, 0, 16, 0] + [UInt8](repeating: 0, count: 12)).first)
        #expect(throws: NetlinkError.self) { try message.header(as: UInt32.self) }
        #expect(throws: NetlinkError.self) { try message.attributes(after: UInt32.self) }
    }

    /// Whatever comes is parsed or refused, and ends.
    @Test func randomBytesNeverTrap() {
        var random = Xorshift(state: 0x5eed)
        var parsed = 0
        for _ in 0..<20_000 {
            var bytes = (0..<Int(random.next() % 96)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // Plausible lengths get further in.
            for place in stride(from: 0, to: bytes.count, by: 4) where random.next() % 3 == 0 {
                bytes[place] = UInt8(truncatingIfNeeded: random.next() % 40)
                if place + 1 < bytes.count { bytes[place + 1] = 0 }
                if place + 3 < bytes.count, random.next() % 2 == 0 { (bytes[place + 2], bytes[place + 3]) = (0, 0) }
            }
            if bytes.count >= 16, random.next() % 2 == 0 { bytes[0..<4] = [UInt8(bytes.count), 0, 0, 0] }
            guard let messages = try? IncomingMessage.parse(bytes) else { continue }
            parsed += messages.count
            for message in messages {
                _ = try? ExtendedAcknowledgement.refusal(in: message)
                for attribute in (try? NetlinkAttributes(parsing: message.payload)).map(Array.init) ?? [] { _ = try? attribute.nested() }
            }
        }
        #expect(parsed > 1_000)
    }
}

struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

@Suite struct NetlinkBatchTests {
    private func batch(_ payloads: [Int]) throws -> NetlinkBatch {
        var batch = NetlinkBatch(capacity: 16)
        for (index, count) in payloads.enumerated() {
            try batch.append(MessageType(100 + index), flags: .acknowledge) { encoder throws(NetlinkError) in
                try encoder.put(AttributeType(1), bytes: [UInt8](repeating: UInt8(index), count: count))
            }
        }
        return batch
    }

    private func chunks(of batch: inout NetlinkBatch, bytes: Int, count: Int) -> [NetlinkBatch.Chunk] {
        var chunks: [NetlinkBatch.Chunk] = []
        while let chunk = batch.prepareChunk(
            at: chunks.last?.bytes.upperBound ?? 0, maximumBytes: bytes, maximumCount: count, firstSequence: .max)
        {
            chunks.append(chunk)
        }
        return chunks
    }

    @Test func splitsByBytesAndByCount() throws {
        // Each request takes 16 + 4 + 8 = 28 bytes.
        var batch = try batch([8, 8, 8, 8, 8])
        #expect(chunks(of: &batch, bytes: 1_000, count: 100).map(\.bytes) == [0..<140])
        #expect(chunks(of: &batch, bytes: 56, count: 100).map(\.count) == [2, 2, 1])
        #expect(chunks(of: &batch, bytes: 55, count: 100).map(\.count) == [1, 1, 1, 1, 1])
        #expect(chunks(of: &batch, bytes: 1_000, count: 3).map(\.count) == [3, 2])
        // One that is too large goes alone, for the kernel to refuse.
        #expect(chunks(of: &batch, bytes: 1, count: 3).map(\.count) == [1, 1, 1, 1, 1])
    }

    @Test func onlyAChunksLastRequestAsksForAnAcknowledgement() throws {
        var batch = try batch([1, 2, 3, 4, 5])
        _ = chunks(of: &batch, bytes: 1_000, count: 2)
        let messages = try IncomingMessage.parse(Array(batch.bytes))
        #expect(messages.map { $0.flags.contains(.acknowledge) } == [false, true, false, true, true])
        #expect(messages.allSatisfy { $0.flags.contains(.request) })
        // The numbers go round.
        #expect(messages.map(\.sequence) == [.max, 0, .max, 0, .max])
    }

    @Test func requestsAreFoundByTheirPlace() throws {
        let batch = try batch([8, 1, 30])
        #expect(batch.request(at: 0)?.type == MessageType(100))
        #expect(batch.request(at: 2)?.type == MessageType(102))
        #expect(batch.request(at: 3) == nil)
        #expect(batch.request(at: -1) == nil)
        #expect(NetlinkBatch().request(at: 0) == nil)
    }

    @Test func aRequestThatFailsLeavesTheBatchAsItWas() throws {
        var batch = try batch([8])
        let before = Array(batch.bytes)
        #expect(throws: NetlinkError.self) {
            try batch.append(MessageType(7)) { encoder throws(NetlinkError) in
                try encoder.put(AttributeType(1), UInt32.max)
                try encoder.put(AttributeType(2), bytes: [UInt8](repeating: 1, count: 70_000))
            }
        }
        #expect(batch.count == 1)
        #expect(Array(batch.bytes) == before)
        // What was written before the failure is gone, padding included.
        try batch.append(MessageType(8)) { encoder throws(NetlinkError) in try encoder.put(AttributeType(1), UInt8(1)) }
        #expect(batch.bytes.suffix(8) == [5, 0, 1, 0, 1, 0, 0, 0])
    }

    @Test func anEmptiedBatchStartsWithZeroes() throws {
        var batch = try batch([40, 40])
        batch.removeAll()
        #expect(batch.isEmpty)
        #expect(batch.bytes.isEmpty)
        try batch.append(MessageType(8)) { encoder throws(NetlinkError) in try encoder.put(AttributeType(1), UInt8(1)) }
        #expect(batch.bytes.suffix(8) == [5, 0, 1, 0, 1, 0, 0, 0])
    }

    @Test func finishedMessagesAndNewOnesMix() throws {
        let message = try NetlinkMessage(MessageType(50)) { encoder throws(NetlinkError) in try encoder.put(AttributeType(1), UInt8(1)) }
        var batch = try batch([3])
        batch.append(message)
        try batch.append(MessageType(51)) { _ in }
        #expect(try IncomingMessage.parse(Array(batch.bytes)).map(\.type) == [MessageType(100), MessageType(50), MessageType(51)])
        #expect(batch.count == 3)
    }

    @Test func limitsFollowTheSocketsBuffers() {
        #expect(BatchLimits(sendBuffer: 212_992, receiveBuffer: 2 << 20).bytes == 128 << 10)
        #expect(BatchLimits(sendBuffer: 4_608, receiveBuffer: 2 << 20).bytes == 4_576)
        #expect(BatchLimits(sendBuffer: 212_992, receiveBuffer: 2 << 20).count == 1_024)
        #expect(BatchLimits(sendBuffer: 0, receiveBuffer: 0).count == 1)
    }
}
