import LabPlan
import Testing
import Topology

@testable import RunCost

@Suite struct RunWorkTests {
    static func plan(
        sites: Int = 2, link: String = "{delay: 10ms}", gatewayLink: String = "{}", rehearsal: String = "", more: String = ""
    ) throws -> LabPlan {
        try Topology.load(
            text: """
                resetlab: 1
                name: small
                gateway:
                  name: VNet1GW
                  addresses: [203.0.113.10]
                  prefixes: [10.1.0.0/16]
                  timing: {profile: azure-2021-02}
                  link: \(gatewayLink)
                sites:
                  - name: site
                    count: \(sites)
                    address: 198.18.0.1
                    prefixes: [10.64.0.0/24]
                    link: \(link)
                \(more)
                rehearsal:
                  duration: 60s
                  resetAt: 20s
                  probes: {rate: 10, payload: 64}
                \(rehearsal)
                """, file: "small.yaml"
        ).plan(seed: 1)
    }

    @Test func probesOfAResetAreThoseThatArriveAndThoseInTheOutage() throws {
        let work = RunWork(try Self.plan())
        #expect(work.probes == 2 * 2 * 600)
        // 15 s of detection and takeover, and a moment for the tunnels, of 60 s.
        #expect((600...630).contains(work[.lostProbe]))
        #expect(work[.site] == 2)
        #expect(work[.keyExchange] == 4)
        #expect(work[.action] == 1)
        #expect(work[.payload] == 0)
        #expect(work[.applicationSecond] == 0)
    }

    @Test func twoResetsLeaveNobodyToForward() throws {
        var plan = try Self.plan(sites: 1)
        plan.rehearsal.steps = [1, 3].map { RehearsalStep(.at(.seconds($0)), .perform(.resetGateway(address: nil))) }
        let work = RunWork(plan)
        #expect(work[.arrivingProbe] == 20)
        #expect(work[.action] == 2)
    }

    @Test func aConnectionResetIsOneMoreExchangeAndNoOutageOfTheGateway() throws {
        var plan = try Self.plan()
        plan.rehearsal.steps = [RehearsalStep(.at(.seconds(20)), .perform(.resetConnection(1)))]
        let work = RunWork(plan)
        #expect(work[.keyExchange] == 3)
        #expect(work[.action] == 1)
        #expect(work[.lostProbe] == 0)
    }

    @Test func aCutLinkIsOneConnectionsOutage() throws {
        var plan = try Self.plan()
        plan.rehearsal.steps = [RehearsalStep(.at(.seconds(20)), .perform(.cutLink(0, for: .seconds(30))))]
        #expect(RunWork(plan)[.lostProbe] == 600)
    }

    @Test func aLargerPayloadCountsForWhatArrives() throws {
        var plan = try Self.plan()
        plan.rehearsal.steps = []
        plan.rehearsal.probePayload = 64 + 1_024
        #expect(RunWork(plan)[.payload] == 2_400)
    }

    @Test(arguments: [
        // Nothing is delayed: all is done at the moment of sending.
        (1, "{}", "{}", [1, 0]),
        // Four connections at a time, whose probes are under way as long.
        (4, "{delay: 10ms}", "{}", [1, 8]), (5, "{delay: 10ms}", "{}", [2, 10]),
        (4, "{delay: 10ms, jitter: 2ms}", "{}", [1, 8]),
        // Both directions, at each link's end.
        (1, "{delay: 10ms}", "{delay: 1ms}", [1, 4]),
    ])
    func moments(sites: Int, link: String, gatewayLink: String, expected: [Int]) throws {
        let schedule = SendingSchedule(try Self.plan(sites: sites, link: link, gatewayLink: gatewayLink))
        #expect([schedule.sends, schedule.deliveries] == expected)
    }

    @Test func timersOfAllTurns() throws {
        var plan = try Self.plan(sites: 1)
        plan.rehearsal.steps = []
        #expect(RunWork(plan)[.timer] == 600 * 3)
        plan.rehearsal.probeRate = 1_000
        #expect(RunWork(plan)[.timer] == 60_000 * 3)
    }

    /// Then it has no SA any more, and nothing is under way.
    @Test func aSiteSendsIntoAnOutageUntilItFindsOut() throws {
        var plan = try Self.plan(sites: 1)
        plan.rehearsal.duration = .seconds(2_000)
        plan.rehearsal.steps = [1, 3].map { RehearsalStep(.at(.seconds($0)), .perform(.resetGateway(address: nil))) }
        #expect(abs(RunWork(plan)[.timer] - (20_000 + (10 + 600 / 2) * 2)) < 1)
    }
}
