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
        for direction in [link?.to, link?.from] {
            guard let direction, let jitter = direction.jitter else { continue }
            let delay = direction.delay?.value ?? .zero
            if jitter.value > delay {
                reading.report(jitter.path, found: "a jitter of \(jitter.value.text)", allowed: "at most the delay, \(delay.text)")
            }
        }
    }
}
