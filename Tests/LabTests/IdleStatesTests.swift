import Testing

@testable import Lab

@Suite struct TimerListTests {
    /// Of Linux 6.12, shortened.
    private static let text = """
        Timer List Version: v0.10
        HRTIMER_MAX_CLOCK_BASES: 8
        now at 5012345678 nsecs

        cpu: 0
         clock 0:
          .base:               (____ptrval____)
          .resolution:     1 nsecs
         active timers:
         #0: <(____ptrval____)>, tick_nohz_handler, S:01
         # expires at 5016000000-5016000000 nsecs [in 3654322 to 3654322 nsecs]
          .nr_events      : 4711
          .nohz           : 1
          .idle_calls     : 4103
          .idle_sleeps    : 4001
          .idle_sleeptime : 3012345678 nsecs
          .iowait_sleeptime: 12 nsecs
          .last_jiffies   : 4294893549
        """

    @Test func idleTimeAndInterruptsAreRead() throws {
        let list = try #require(TimerList(Self.text))
        #expect(list.idle == 3_012_345_690)
        #expect(list.interrupts == 4_711)
    }

    @Test func processorsAreAddedUp() throws {
        let list = try #require(TimerList(Self.text + "\n\n" + Self.text))
        #expect(list.idle == 2 * 3_012_345_690)
        #expect(list.interrupts == 2 * 4_711)
    }

    @Test(arguments: [".nr_events", ".idle_sleeptime", ".iowait_sleeptime"]) func withoutAFieldNothingIsTold(field: String) {
        #expect(TimerList(Self.text.replacing(field, with: ".other")) == nil)
    }
}
