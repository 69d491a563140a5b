/// A link's jitter is at most its delay: packets cannot arrive before they were sent.
struct LinkChecks {
    let entry: TopologyEntry

    func run(into reading: inout Reading) {
        for link in [entry.gateway?.link, entry.gateway?.insideLink] {
            check(link, into: &reading)
        }
        for site in entry.sites?.value ?? [] {
            check((site.link ?? LinkEntry()).over(entry.defaults?.link), into: &reading)
        }
    }

    private func check(_ link: LinkEntry?, into reading: inout Reading) {
        link?.to?.checkJitter(into: &reading)
        link?.from?.checkJitter(into: &reading)
    }
}

extension ImpairmentEntry {
    func checkJitter(into reading: inout Reading) {
        let delay = delay?.value ?? .zero
        guard let jitter, jitter.value > delay else { return }
        reading.report(jitter.path, found: "a jitter of \(jitter.value.text)", allowed: "at most the delay, \(delay.text)")
    }
}
