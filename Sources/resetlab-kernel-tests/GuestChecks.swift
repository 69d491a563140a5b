import LinuxKernel

/// What process 1 of a guest in virtual time has seen to.
let guestChecks: [KernelCheck] = [
    KernelCheck("guest.interval-timer-stands-still", files: [CheckPlan.file]) {
        let mode = try IntervalTimer.mode()
        try expect(mode == 0, "the interval timer is in mode \(mode), and repeats itself")
    }
]
