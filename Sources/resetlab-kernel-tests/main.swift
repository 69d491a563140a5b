// Runs checks against the kernel it is started on, as root.
//
// As process 1 of a guest it runs all of them, and writes each verdict as a JSON line to the guest's stream: what the console says cannot be
// mistaken for a verdict. Anywhere else it prints a line for each, and arguments choose checks by the beginning of their names.
import AgentProtocol
import Glibc
import Lab

if ProcessOne.isThisProcess {
    do {
        let guest = try ProcessOne.prepare()
        let failures = try CheckRun().run(KernelCheck.all) { verdict in
            try VerdictStream.write(verdict, to: guest.stream.rawValue)
            standardError(verdict.description)
        }
        ProcessOne.end(status: failures == 0 ? 0 : 1)
    } catch {
        standardError("\(error)")
        ProcessOne.end(status: 2)
    }
}

let wanted = CommandLine.arguments.dropFirst()
let chosen = KernelCheck.all.filter { check in wanted.isEmpty || wanted.contains { check.name.hasPrefix($0) } }
let failures = CheckRun().run(chosen) { print($0) }
print("\(failures) of \(chosen.count) failed")
exit(failures == 0 ? 0 : 1)
