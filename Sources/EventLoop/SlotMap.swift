/// Values by keys that the map hands out: an array with free places, so that a look-up hashes nothing. A key that was removed is unknown for good,
/// whatever has its place now.
struct SlotMap<Value> {
    struct Key: Hashable, Sendable {
        fileprivate let index: UInt32
        /// How often the place was given out before.
        fileprivate let generation: UInt32

        /// For where 64 bits are all there is room for.
        var rawValue: UInt64 { UInt64(generation) << 32 | UInt64(index) }

        fileprivate init(index: UInt32, generation: UInt32) { (self.index, self.generation) = (index, generation) }

        init(rawValue: UInt64) { self.init(index: UInt32(truncatingIfNeeded: rawValue), generation: UInt32(rawValue >> 32)) }
    }

    private struct Slot {
        var generation: UInt32
        var value: Value?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    mutating func insert(_ value: Value) -> Key {
        guard let index = free.popLast() else {
            slots.append(Slot(generation: 0, value: value))
            return Key(index: UInt32(slots.count - 1), generation: 0)
        }
        slots[Int(index)].value = value
        return Key(index: index, generation: slots[Int(index)].generation)
    }

    /// - Returns: nil for an unknown key.
    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        guard contains(key) else { return nil }
        let value = slots[Int(key.index)].value.take()
        slots[Int(key.index)].generation &+= 1
        free.append(key.index)
        return value
    }

    func contains(_ key: Key) -> Bool {
        key.index < slots.count && slots[Int(key.index)].generation == key.generation && slots[Int(key.index)].value != nil
    }

    subscript(key: Key) -> Value? { contains(key) ? slots[Int(key.index)].value : nil }
}
