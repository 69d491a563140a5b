import Testing

@testable import EventLoop

@Suite struct SlotMapTests {
    @Test func aKeyFindsItsValueUntilItIsRemoved() {
        var map = SlotMap<String>()
        let (first, second) = (map.insert("first"), map.insert("second"))
        #expect(map[first] == "first")
        #expect(map[second] == "second")
        #expect(map.remove(first) == "first")
        #expect(map[first] == nil)
        #expect(!map.contains(first))
        #expect(map[second] == "second")
    }

    @Test func aRemovedKeyIsUnknownWhenItsPlaceIsTaken() {
        var map = SlotMap<String>()
        let old = map.insert("old")
        map.remove(old)
        let new = map.insert("new")
        #expect(map[old] == nil)
        #expect(map.remove(old) == nil)
        #expect(map[new] == "new")
        #expect(old != new)
    }

    @Test func aKeySurvivesItsNumber() {
        var map = SlotMap<Int>()
        for number in 0..<3 { map.remove(map.insert(number)) }
        let key = map.insert(7)
        #expect(map[SlotMap.Key(rawValue: key.rawValue)] == 7)
        #expect(map[SlotMap.Key(rawValue: 5)] == nil)
    }
}
