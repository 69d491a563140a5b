// Runs every check against the kernel it is started on, as root, and prints a line for each: `ok NAME` or `failed NAME: WHY`.
import Glibc

let checks: [KernelCheck] = linksChecks + xfrmChecks
var failures = 0
let wanted = CommandLine.arguments.dropFirst()
for check in checks where wanted.isEmpty || wanted.contains(where: { check.name.hasPrefix($0) }) {
    do {
        try check.run()
        print("ok \(check.name)")
    } catch {
        failures += 1
        print("failed \(check.name): \(error)")
    }
}
print("\(failures) failed")
exit(failures == 0 ? 0 : 1)
