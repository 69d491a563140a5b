/// An outage that was brought about, as its cause knows it: the clock's readings right before and after each of the two requests that took the
/// link down and up. All in nanoseconds of one clock.
///
/// The kernel did what was asked at some moment between the two readings, so that the outage is known within half of both requests' time.
public struct KnownOutage: Sendable, Equatable {
    public var downBefore: Int64
    public var downAfter: Int64
    public var upBefore: Int64
    public var upAfter: Int64

    public init(downBefore: Int64, downAfter: Int64, upBefore: Int64, upAfter: Int64) {
        self.downBefore = downBefore
        self.downAfter = downAfter
        self.upBefore = upBefore
        self.upAfter = upAfter
    }

    /// From the middle of the one request to the middle of the other.
    public var duration: Int64 { (upBefore + upAfter - downBefore - downAfter) / 2 }

    /// The duration is off by no more than this, rounded up.
    public var uncertainty: Int64 { (upAfter - upBefore + downAfter - downBefore + 1) / 2 }
}
