import GuestKernel
import RunCost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What this machine's rehearsals in virtual time took, kept in the cache: what an estimate goes by.
struct MachineRecord {
    private static let entry = "speed.json"

    private let folder: CacheFolder
    /// What ran: another guest's kernel is another speed. Its release.
    private let guest: String

    /// nil without a cache or a guest's kernel in it: a run that fetches its kernel first says nothing about the next.
    init?() {
        guard let folder = try? CacheFolder(), let kernel = KernelCache(folder: folder).cached else { return nil }
        (self.folder, guest) = (folder, kernel.release)
    }

    /// nil when nothing is kept of this guest, or nothing that can be understood: then it is found out anew.
    var speed: MachineSpeed? {
        guard let bytes = folder.entry(named: Self.entry), let speed = try? JSONDecoder().decode(MachineSpeed.self, from: Data(bytes)),
            speed.isUsable(for: guest)
        else { return nil }
        return speed
    }

    /// A cache that cannot be written is no error: estimates are then as they were before.
    func add(_ run: MachineSpeed.Run) {
        var speed = self.speed ?? MachineSpeed(guest: guest)
        speed.add(run)
        guard let bytes = try? JSONEncoder().encode(speed) else { return }
        try? folder.replaceEntry(named: Self.entry, with: Array(bytes))
    }
}
