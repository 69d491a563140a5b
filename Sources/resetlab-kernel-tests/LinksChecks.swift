let linksChecks: [KernelCheck] = []
