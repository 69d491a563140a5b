import LabPlan
import Report
import Testing
import Topology

@Suite struct StepWordsTests {
    @Test("Steps in words, with the names that the user knows")
    func words() throws {
        let lab = """
            resetlab: 1
            name: lab
            gateway: {name: GW, addresses: [203.0.113.10], prefixes: [10.1.0.0/16]}
            sites:
              - {name: tokyo, address: 198.51.100.10, prefixes: [10.20.0.0/16], connection: {name: toTokyo}}

            """
        let rehearsal = """
            rehearsal: 1
            name: all
            duration: 5min
            steps:
              - {at: 20s, do: reset gateway}
              - {do: reset gateway, address: 203.0.113.10}
              - {after: announced, do: reset connection, connection: tokyo}
              - {after: standby-took-addresses, by: 1500ms, do: fail instance, instance: gateway-1}
              - {do: maintain instance, instance: standby}
              - {do: cut link, link: tokyo, for: 250ms}
              - {do: restore link, link: 'gateway-0:inside'}
              - {do: flap link, link: tokyo, down: 2s, up: 3s, times: 5}
              - {do: flap link, link: tokyo, down: 2s, up: 3s, times: 1}
              - {do: impair link, link: tokyo, direction: to, delay: 200ms, jitter: 10ms, loss: 30%, rate: 1.5Mbit, for: 30s}
              - {do: impair link, link: gateway-1, direction: from, loss: 0.125%}
              - {do: drop announcements, count: 3}
              - {do: drop announcements, count: 1}
              - {do: wait until recovered, within: 2min}

            """
        let plan = try Topology.load(text: lab, file: "lab.yaml")
            .plan(seed: 1, rehearsal: Rehearsal.load(text: rehearsal, file: "all.yaml"))
        let steps = Sample.report(plan: plan).rehearsal.steps
        #expect(
            steps.map { "\($0.start): \($0.action)" } == [
                "at 20 s: reset gateway", "then: reset gateway at 203.0.113.10", "after announced: reset connection toTokyo",
                "1.5 s after standby-took-addresses: fail instance gateway-1", "then: maintain instance standby",
                "then: cut link tokyo for 250 ms", "then: restore link gateway-0:inside", "then: flap link tokyo 5 times: 2 s down, 3 s up",
                "then: flap link tokyo once: 2 s down, 3 s up",
                "then: impair link tokyo towards it: delay 200 ms ± 10 ms, 30% loss, 1.5 Mbit/s for 30 s",
                "then: impair link gateway-1 away from it: 0.125% loss", "then: drop 3 announcements", "then: drop 1 announcement",
                "then: wait until recovered, 120 s at most",
            ])
    }

    @Test("Only the triggers that the steps have are told")
    func triggers() {
        var plan = Sample.plan()
        #expect(Sample.report(plan: plan).timing.failovers.map(\.trigger) == [.reset])
        plan.rehearsal.steps = [
            .init(.at(.seconds(20)), .perform(.failInstance(.active))), .init(.next(after: .zero), .perform(.maintainInstance(.standby))),
        ]
        let failovers = Sample.report(plan: plan).timing.failovers
        #expect(failovers.map(\.trigger) == [.maintenance, .failure])
        #expect(failovers.map(\.detection) == [Seconds(.zero), Seconds(.seconds(30))])
        plan.rehearsal.steps = [.init(.at(.seconds(20)), .perform(.resetConnection(0)))]
        #expect(Sample.report(plan: plan).timing.failovers.isEmpty)
    }
}
