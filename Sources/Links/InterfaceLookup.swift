import Netlink

/// Finds interfaces' indices by their names, for the time of one call.
struct InterfaceLookup {
    let socket: NetlinkSocket
    /// Whether one reading of the whole list is worth it; after it, and without it, names are asked for one by one.
    var mayDump: Bool
    private(set) var indices: [String: Int32]
    /// Numbers that interfaces have, or will have once they are made.
    private let known: [String: Int32]

    init(socket: NetlinkSocket, mayDump: Bool, known: [String: Int32] = [:]) {
        indices = known
        self.known = known
        self.socket = socket
        self.mayDump = mayDump
    }

    func knows(_ names: [String]) -> Bool { names.allSatisfy { indices[$0] != nil } }

    mutating func forget(_ name: String) { if known[name] == nil { indices[name] = nil } }

    /// - Throws: `refused` with ENODEV when there is no interface of that name.
    @discardableResult
    mutating func find(_ name: String) throws(NetlinkError) -> Int32 {
        if let index = indices[name] { return index }
        if mayDump {
            mayDump = false
            for message in try socket.dump(LinkCodec.get(nil, statistics: false)) {
                let link = try LinkStatus(message)
                indices[link.name] = link.index
            }
            if let index = indices[name] { return index }
        }
        guard let answer = try socket.transact(LinkCodec.get(name, statistics: false)).first else {
            throw NetlinkError(.malformed("no answer about interface \(name)"))
        }
        let index = try LinkStatus(answer).index
        indices[name] = index
        return index
    }

    mutating func find(_ names: [String]) throws(NetlinkError) {
        for name in names { try find(name) }
    }
}
