import Addressing
import LinuxKernel
import Netlink

/// The links, addresses, routes, neighbours and queues of one namespace, through a socket that was made in it.
///
///     let site = try thread.makeNamespace(named: "lab.site-a")
///     let stack = try NetworkStack(of: internet, on: thread)
///     try stack.apply([.addVethPair(VethPair(port, peer: wan, in: site)), .set("s0001", LinkSettings(isUp: true, port: .of(bridge: "gw")))])
///
/// Used from any thread. Changes go out in batches: a list of any length takes few system calls. Interfaces are found by their names anew in
/// each call, since they come and go, some of them through the socket of the namespace at their other end.
public final class NetworkStack: Sendable {
    /// The namespace's name in messages.
    public let label: String
    private let socket: NetlinkSocket

    /// A change that was not carried out.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The change's place in the list, from 0.
        public let index: Int
        /// Names the object and the namespace: "add veth s0001 in internet: …".
        public let error: NetlinkError

        public var description: String { "\(error)" }
    }

    /// - Throws: `SystemCallError` when the namespace cannot be entered, `NetlinkError` when the socket cannot be opened.
    public init(of namespace: NetworkNamespace, on thread: NamespaceThread) throws {
        label = namespace.label
        socket = try thread.run(in: namespace) { try NetlinkSocket(.route) }
    }

    // MARK: - Changes

    /// Makes one change.
    ///
    /// - Throws: `refused` with the kernel's reason; EEXIST for what is there already, ENOENT, ESRCH, ENODEV or EADDRNOTAVAIL for what is not.
    public func apply(_ change: NetworkChange) throws(NetlinkError) { try apply([change]) }

    /// Makes all changes in order, and throws the first failure once all were tried.
    ///
    /// - Parameter numbers: of interfaces, by name, for those that they are known of: nothing is looked up then.
    public func apply(_ changes: [NetworkChange], numbers: [String: Int32] = [:]) throws(NetlinkError) {
        if let failure = try attempt(changes, numbers: numbers).first { throw failure.error }
    }

    /// Makes all changes in order; one that fails does not stop those after it.
    ///
    /// Best ordered by kind: what makes interfaces before what needs their indices. A change that names an interface not looked up yet makes
    /// the collected changes go out first.
    /// - Returns: the changes that failed, in order.
    /// - Throws: when it is not known any more which changes were made: the socket failed, answers were lost or late.
    public func attempt(_ changes: [NetworkChange], numbers: [String: Int32] = [:]) throws(NetlinkError) -> [Failure] {
        var failures: [Failure] = []
        var lookup = InterfaceLookup(socket: socket, mayDump: changes.count > Self.changesWorthADump, known: numbers)
        var batch = NetlinkBatch(capacity: changes.count > 1 ? 64 << 10 : 1 << 10)
        var places: [Int] = []
        for (place, change) in changes.enumerated() {
            do {
                if !lookup.knows(change.interfacesByIndex) {
                    try send(&batch, &places, changes, &failures)
                    try lookup.find(change.interfacesByIndex)
                }
                batch.append(try change.message(lookup.indices))
                places.append(place)
                if let name = change.interfaceMadeOrRemoved { lookup.forget(name) }
            } catch {
                // Only a refusal or a wrong value is about this change alone.
                switch error.reason {
                case .refused, .tooLong, .malformed: failures.append(failure(error, place, changes))
                default: throw error
                }
            }
        }
        try send(&batch, &places, changes, &failures)
        return failures.sorted { $0.index < $1.index }
    }

    /// Fewer look-ups than this are made one by one rather than by reading the list of all interfaces.
    private static let changesWorthADump = 8

    private func send(
        _ batch: inout NetlinkBatch, _ places: inout [Int], _ changes: [NetworkChange], _ failures: inout [Failure]
    ) throws(NetlinkError) {
        guard !batch.isEmpty else { return }
        for refused in try socket.transact(&batch, "change the network of \(label)") {
            failures.append(failure(refused.error, places[refused.index], changes))
        }
        batch.removeAll()
        places.removeAll(keepingCapacity: true)
    }

    private func failure(_ error: NetlinkError, _ place: Int, _ changes: [NetworkChange]) -> Failure {
        var error = error
        error.operation = changes[place].operation
        error.object = "\(changes[place].object) in \(label)"
        return Failure(index: place, error: error)
    }

    // MARK: - What is there

    /// All interfaces with their counters, like `ip -s link`.
    public func links() throws(NetlinkError) -> [LinkStatus] {
        try decode(socket.dump(LinkCodec.get(nil, statistics: true), "list", "links in \(label)"), LinkStatus.init)
    }

    /// One interface with its counters; nil when there is none of this name.
    public func link(named name: String) throws(NetlinkError) -> LinkStatus? {
        do {
            let answer = try socket.transact(LinkCodec.get(name, statistics: true), "get", "link \(name) in \(label)")
            return try decode(answer, LinkStatus.init).first
        } catch  where error.isNotFound {
            return nil
        }
    }

    /// All addresses of all interfaces, both families.
    public func addresses() throws(NetlinkError) -> [AssignedAddress] {
        try list(AddressCodec.dump(), "addresses", AddressCodec.decode)
    }

    /// The unicast routes of the main table, both families, in the kernel's order.
    public func routes() throws(NetlinkError) -> [RouteEntry] {
        try list(RouteCodec.dump(), "routes", RouteCodec.decode)
    }

    /// All neighbours, both families.
    public func neighbours() throws(NetlinkError) -> [NeighbourEntry] {
        try list(NeighbourCodec.dump(), "neighbours", NeighbourCodec.decode)
    }

    /// What is known about one neighbour; nil when there is no entry.
    public func neighbour(_ address: IPAddress, on interface: String) throws(NetlinkError) -> NeighbourEntry? {
        do {
            var lookup = InterfaceLookup(socket: socket, mayDump: false)
            let index = try lookup.find(interface)
            let answer = try socket.transact(NeighbourCodec.get(address, index), "get", "neighbour \(address) on \(interface) in \(label)")
            return try decode(answer) { message throws(NetlinkError) in try NeighbourCodec.decode(message, [index: interface]) }.first
                ?? nil
        } catch  where error.refusal?.errno == .noSuchEntry {
            return nil
        }
    }

    /// All queueing disciplines with their counters, like `tc -s qdisc`; the built-in ones that have none are left out by the kernel.
    public func queueDisciplines() throws(NetlinkError) -> [QueueDiscipline] {
        try list(QueueDisciplineCodec.dump(), "queueing disciplines", QueueDisciplineCodec.decode)
    }

    private func list<Value>(
        _ request: NetlinkMessage, _ what: String, _ read: (IncomingMessage, [Int32: String]) throws(NetlinkError) -> Value?
    ) throws(NetlinkError) -> [Value] {
        var names: [Int32: String] = [:]
        for message in try socket.dump(LinkCodec.get(nil, statistics: false), "list", "links in \(label)") {
            let link = try LinkStatus(message)
            names[link.index] = link.name
        }
        var values: [Value] = []
        for message in try socket.dump(request, "list", "\(what) in \(label)") {
            if let value = try read(message, names) { values.append(value) }
        }
        return values
    }

    private func decode<Value>(
        _ messages: [IncomingMessage], _ read: (IncomingMessage) throws(NetlinkError) -> Value
    ) throws(NetlinkError) -> [Value] {
        var values: [Value] = []
        for message in messages { values.append(try read(message)) }
        return values
    }
}
