import Netlink

extension NetworkChange {
    /// The request as netlink has it.
    ///
    /// - Parameter indices: of at least the interfaces in `interfacesByIndex`.
    public func message(_ indices: [String: Int32]) throws(NetlinkError) -> NetlinkMessage {
        switch self {
        case .addVethPair(let pair): try LinkCodec.add(pair)
        case .addBridge(let name, let mac, let number): try LinkCodec.addBridge(name, mac: mac, number: number)
        case .addDummy(let name, let mac, let number): try LinkCodec.addDummy(name, mac: mac, number: number)
        case .set(let name, let settings): try LinkCodec.set(name, settings, indices)
        case .removeLink(let name): try LinkCodec.remove(name)
        case .addAddress(let address): try AddressCodec.add(address.address, index(of: address.interface, indices))
        case .removeAddress(let address): try AddressCodec.remove(address.address, index(of: address.interface, indices))
        case .addRoute(let route): try RouteCodec.add(route, index(of: route.interface, indices), replaces: false)
        case .replaceRoute(let route): try RouteCodec.add(route, index(of: route.interface, indices), replaces: true)
        case .removeRoute(let route): try RouteCodec.remove(route, index(of: route.interface, indices))
        case .setNeighbour(let neighbour): try NeighbourCodec.set(neighbour, index(of: neighbour.interface, indices))
        case .removeNeighbour(let address, let interface): try NeighbourCodec.remove(address, index(of: interface, indices))
        case .setNeighbourTimes(let times, let interface): try times.message(index(of: interface, indices))
        case .emulate(let emulation, let interface): try QueueDisciplineCodec.replace(emulation, index(of: interface, indices))
        case .removeQueueDiscipline(let interface): try QueueDisciplineCodec.remove(index(of: interface, indices))
        }
    }

    private func index(of interface: String, _ indices: [String: Int32]) -> Int32 {
        guard let index = indices[interface] else { preconditionFailure("the index of \(interface) was not looked up") }
        return index
    }
}
