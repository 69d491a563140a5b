import Addressing

/// The end that answers key exchanges: one value for a node, for all of its connections.
///
/// A connection is found by the pair of addresses a request travels between, as its policy is needed before any identity is known; the
/// identities in IKE_AUTH then have to be these same addresses. Two connections between one pair of addresses cannot be told apart: the
/// first one answers.
///
/// It has no timers. A repeated request gets the very bytes of the first answer (RFC 7296 §2.1); for that the latest exchanges of each
/// connection are kept, and the oldest makes room for a new one, so that memory stays bounded whoever sends what. A node that restarts
/// forgets them all: it starts with a new value.
public struct Responder: Sendable {
    private var connections: [AddressPair: ConnectionExchanges] = [:]
    private let exchangesPerConnection: Int

    private struct AddressPair: Hashable {
        var local: IPAddress
        var remote: IPAddress
    }

    private struct ConnectionExchanges {
        var connection: ConnectionEnd
        /// The oldest first.
        var exchanges: [AnsweringExchange] = []
    }

    /// - Parameter exchangesPerConnection: how many are kept, half-open and answered ones together; at least 1.
    public init(connections: [ConnectionEnd], exchangesPerConnection: Int = 8) {
        self.exchangesPerConnection = max(1, exchangesPerConnection)
        for connection in connections {
            let pair = AddressPair(local: connection.localAddress, remote: connection.remoteAddress)
            if self.connections[pair] == nil { self.connections[pair] = ConnectionExchanges(connection: connection) }
        }
    }

    /// - Parameters:
    ///   - source: the datagram's sender, to whom `send` goes.
    ///   - destination: the address of this node to which it was sent, and from which `send` goes.
    ///   - random: for a new exchange's nonce, public value and SPIs.
    public mutating func receive(
        _ datagram: [UInt8], from source: IPAddress, to destination: IPAddress, random: inout some RandomSource
    ) -> [KeyExchangeOutput] {
        let message: IKEMessage
        do throws(IKEDecodingError) { message = try IKEMessage(decoding: datagram) } catch { return [.discarded(.malformed(error))] }
        let header = message.header
        guard !header.isResponse, header.isFromInitiator else { return [.discarded(.wrongDirection)] }
        let pair = AddressPair(local: destination, remote: source)
        guard var known = connections.removeValue(forKey: pair) else { return [.discarded(.unknownConnection)] }
        defer { connections[pair] = known }

        switch (header.exchange, header.messageID) {
        case (.saInit, 0):
            guard header.responderSPI == .none else { return [.discarded(.unknownExchange)] }
            if let exchange = known.exchanges.first(where: { $0.initRequest == datagram }) { return [.send(exchange.initResponse)] }
            do throws(AnsweringExchange.Unanswered) {
                let exchange = try AnsweringExchange(message, datagram, connection: known.connection, random: &random)
                known.exchanges = known.exchanges.suffix(exchangesPerConnection - 1) + [exchange]
                return exchange.initOutputs
            } catch {
                return [error.output]
            }
        case (.auth, 1):
            guard let index = known.exchanges.firstIndex(where: { $0.isNamed(by: header) }) else { return [.discarded(.unknownExchange)] }
            return known.exchanges[index].receiveAuth(message, datagram)
        default: return [.discarded(.unexpectedMessage)]
        }
    }
}
