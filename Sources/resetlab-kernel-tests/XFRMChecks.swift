let xfrmChecks: [KernelCheck] = []
