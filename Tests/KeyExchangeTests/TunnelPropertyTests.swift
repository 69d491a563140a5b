import LabPlan
import Testing

@testable import KeyExchange

/// Random schedules over a wire that loses, doubles, delays and reorders.
@Suite struct TunnelPropertyTests {
    typealias Side = TunnelLab.Side
    typealias Mode = ConnectionPlan.Mode

    /// Those with an end that begins and one that answers.
    static let modes: [(gateway: Mode, site: Mode)] = [
        (.default, .default), (.default, .initiatorOnly), (.default, .responderOnly), (.initiatorOnly, .default),
        (.initiatorOnly, .responderOnly), (.responderOnly, .default), (.responderOnly, .initiatorOnly),
    ]

    /// - Parameters:
    ///   - loss: of 256.
    ///   - delay: the longest, in milliseconds.
    static func wire(loss: UInt8, delay: Int, sparesDeletions: Bool = false) -> TunnelLab.Fate {
        { _, message, random in
            let draw = random.bytes(5)
            let isSpared = sparesDeletions && message.deletions.contains(.ikeSA)
            if draw[0] < loss, !isSpared { return [] }
            let first = Duration.milliseconds(1 + (Int(draw[1]) << 8 | Int(draw[2])) % delay)
            return draw[3] < 20 ? [first, first + .milliseconds(Int(draw[4]) * 8)] : [first]
        }
    }

    private struct Schedule {
        var random: SeededRandom
        var lab: TunnelLab

        /// - Parameter sparesDeletions: no DELETE is lost; it may still be overtaken.
        init(seed: UInt64, detection: ConnectionPlan.DeadPeerDetection?, sparesDeletions: Bool) {
            random = SeededRandom(seed: seed, label: "schedule")
            let modes = TunnelPropertyTests.modes[random.below(TunnelPropertyTests.modes.count)]
            let yields = [Duration.zero, .milliseconds(500), .seconds(2)]
            var site = TunnelEnd.Settings.site(modes.site, detection)
            site.yield = yields[random.below(3)]
            var gateway = TunnelEnd.Settings.gateway(modes.gateway, detection)
            gateway.yield = yields[random.below(3)]
            let wire = TunnelPropertyTests.wire(
                loss: UInt8(random.below(120)), delay: [20, 300, 2_500][random.below(3)], sparesDeletions: sparesDeletions)
            lab = TunnelLab(siteSettings: site, gatewaySettings: gateway, seed: seed, fate: wire)
            for side in Side.allCases { lab.at(.milliseconds(random.below(3) == 0 ? 0 : random.below(3_000))) { $0.input(side, .start) } }
        }

        /// At a random time in the first 40 s.
        mutating func happens(_ what: @escaping @Sendable (inout TunnelLab) -> Void) { lab.at(.milliseconds(random.below(40_000)), what) }
        mutating func side() -> Side { random.below(2) == 0 ? .site : .gateway }
    }

    /// No end loses its state on its own: whenever nothing is under way, both are up with the same SAs, or neither is.
    @Test(arguments: UInt64(0)..<20) func bothOrNeither(block: UInt64) {
        for seed in block * 100..<block * 100 + 100 {
            var schedule = Schedule(seed: seed, detection: nil, sparesDeletions: true)
            for _ in 0..<schedule.random.below(5) {
                let side = schedule.side()
                schedule.happens { $0.input(side, .reset) }
            }
            var lab = schedule.lab
            lab.run(until: .seconds(40))
            lab.runUntilSettled()
            #expect(lab.isSettled, "seed \(seed)")
            #expect(lab.isUp && lab.hasOnePair, "seed \(seed)")
            #expect(lab.faults == [], "seed \(seed)")
        }
    }

    /// Whatever was forgotten and lost: once the wire is good again, dead peer detection brings both together.
    @Test(arguments: UInt64(0)..<20) func bothInTheEnd(block: UInt64) {
        let detection = ConnectionPlan.DeadPeerDetection(interval: .seconds(3), timeout: .seconds(10), action: .restart)
        for seed in block * 100..<block * 100 + 100 {
            var schedule = Schedule(seed: seed, detection: detection, sparesDeletions: false)
            for _ in 0..<schedule.random.below(8) {
                let side = schedule.side()
                switch schedule.random.below(4) {
                case 0: schedule.happens { $0.input(side, .reset) }
                case 1: schedule.happens { $0.expire(side) }
                case 2:
                    schedule.happens {
                        $0.input(side, .forget)
                        $0.at($0.now + .seconds(5)) { $0.input(side, .start) }
                    }
                default: schedule.happens { lab in lab[side].current.map { lab.input(side, .expired(inbound: $0.inbound.spi)) } }
                }
            }
            schedule.lab.at(.seconds(46)) { $0.fate = { _, _, _ in [.milliseconds(10)] } }
            var lab = schedule.lab
            lab.run(until: .seconds(150))
            let established = lab.times(of: nil, \.isEstablished).count
            lab.run(until: .seconds(300))
            #expect(lab.isUp && lab.hasOnePair, "seed \(seed)")
            #expect(lab.times(of: nil, \.isEstablished).count == established, "seed \(seed): no peace")
            #expect(lab.faults == [], "seed \(seed)")
        }
    }

    /// Rekeying over a bad wire, by both ends at random times: no packet is ever sent on an SA whose peer does not receive on it. The packets
    /// themselves come late and out of order, but within the time for which replaced SAs are kept.
    @Test(arguments: UInt64(0)..<10) func rekeyingLosesNothing(block: UInt64) {
        for seed in block * 10..<block * 10 + 10 {
            var random = SeededRandom(seed: seed, label: "rekeying")
            var settings = TunnelEnd.Settings.gateway()
            settings.retransmission = .init(timeout: .milliseconds(500), base: 1.2, tries: 40)
            var lab = TunnelLab(siteSettings: settings, gatewaySettings: settings, seed: seed)
            lab.startBoth()
            lab.run(until: .seconds(1))
            lab.fate = Self.wire(loss: UInt8(random.below(120)), delay: [20, 300, 2_500][random.below(3)])
            lab.latency = .milliseconds(4_000)
            lab.sendPackets(every: .milliseconds(100), until: .seconds(60))
            for _ in 0..<1 + random.below(6) {
                let time = Duration.milliseconds(1_000 + random.below(20_000))
                let side = random.below(2) == 0 ? Side.site : .gateway
                lab.at(time) { $0.expire(side) }
                if random.below(2) == 0 { lab.at(time + .milliseconds(random.below(50))) { $0.expire(side.peer) } }
            }
            lab.run(until: .seconds(60))
            lab.runUntilSettled()
            lab.run(until: lab.now + .seconds(10))
            #expect(lab.packetsLost == [0, 0] && lab.packetsWithoutSA == [0, 0], "seed \(seed)")
            #expect(lab.isUp && lab.hasOnePair, "seed \(seed)")
            #expect(lab.log.contains { $0.event.isRekeyed }, "seed \(seed)")
            #expect(lab.times(of: nil, \.isEstablished).count == 2, "seed \(seed)")
            #expect(lab.faults == [], "seed \(seed)")
        }
    }

    /// Of a new tunnel's packets those alone are lost that the answering end sends while the answer that it has sent is not there yet.
    @Test(arguments: UInt64(0)..<4) func aNewTunnelLosesOnlyWhatComesBeforeTheAnswer(block: UInt64) {
        for seed in block * 50..<block * 50 + 50 {
            var random = SeededRandom(seed: seed, label: "new tunnel")
            var lab = TunnelLab(
                siteSettings: .site(.responderOnly), seed: seed, fate: Self.wire(loss: UInt8(random.below(120)), delay: 300))
            lab.startBoth()
            lab.latency = .zero
            lab.sendPackets(every: .milliseconds(10), until: .seconds(60))
            lab.run(until: .seconds(61))
            lab.runUntilSettled()
            #expect(lab.isUp, "seed \(seed)")
            #expect(lab.packetsLost[Side.gateway.rawValue] == 0, "seed \(seed)")
            let (answered, up) = (lab.times(of: .site, \.isEstablished).first, lab.times(of: .gateway, \.isEstablished).first)
            guard let answered, let up else { continue }
            // Repeated exchanges replace the answering end's SAs, and only prolong it.
            let window = max(.zero, min(up, .seconds(60)) - answered)
            #expect(lab.packetsLost[Side.site.rawValue] <= Int(window / .milliseconds(10)) + 1, "seed \(seed)")
        }
    }

    /// Damaged, cut and invented datagrams at any time: no trap, no broken promise, and no SAs that the peer does not have.
    @Test(arguments: UInt64(0)..<8) func noise(seed: UInt64) {
        let detection = ConnectionPlan.DeadPeerDetection(interval: .seconds(3), timeout: .seconds(10), action: .restart)
        var lab = TunnelLab(siteSettings: .site(.default, detection), gatewaySettings: .gateway(.default, detection), seed: seed)
        var random = SeededRandom(seed: seed, label: "noise")
        lab.startBoth()
        for second in 1...120 {
            lab.run(until: .milliseconds(second * 100))
            if second % 20 == 0 { lab.expire(second % 40 == 0 ? .site : .gateway) }
            if second % 50 == 0 { lab.input(.gateway, .reset) }
            for _ in 0..<3 {
                let (_, side, _, bytes) = lab.sent[random.below(lab.sent.count)]
                lab.input(side.peer, .datagram(random.damaged(bytes), from: lab[side].connection.localAddress))
            }
        }
        lab.run(until: .seconds(200))
        #expect(lab.isUp)
        #expect(lab.faults == [])
    }
}

extension SeededRandom {
    mutating func below(_ count: Int) -> Int { Int(integer(as: UInt32.self)) % count }
}
