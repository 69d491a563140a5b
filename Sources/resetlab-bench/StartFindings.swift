import GuestKernel
import Processes

/// The table's lines about a guest's start: booted and restored in turn.
enum StartFindings {
    private static let rounds = 7

    static func measured(agent: String) throws -> [Finding] {
        let launcher = Launcher()
        let folder = try CacheFolder()
        let kernel = try KernelCache(folder: folder, launcher: launcher).kernel { standardError($0) }
        let templates = TemplateCache(folder: folder)
        // The first one saves the template, unless it is there.
        let first = try GuestStart.measure(agent: agent, kernel: kernel, templates: templates, launcher: launcher)
        var booted: [GuestStart] = []
        var restored: [GuestStart] = []
        for _ in 0..<rounds {
            booted.append(try GuestStart.measure(agent: agent, kernel: kernel, launcher: launcher))
            restored.append(try GuestStart.measure(agent: agent, kernel: kernel, templates: templates, launcher: launcher))
        }
        // The parts, by the benchmark's own program as process 1, whose image is larger than the agent's.
        let instruction = GuestInstruction.nothing
        let image = try GuestSide.image(instruction, program: try OwnExecutable.path(), kernel: kernel)
        let parts = try GuestSide.measure(instruction, image: image, kernel: kernel, launcher: launcher).boot
        let (boot, restore) = (Series(booted.map(\.wall)), Series(restored.map(\.wall)))
        return [
            Finding("guest booted, to agent ready, wall", "s", boot, goal: 5),
            Finding("… virtual", "s", Series(booted.map(\.uptime))),
            Finding("guest restored from a template, to agent ready, wall", "s", restore),
            Finding("… virtual", "s", Series((restored + [first]).map(\.uptime))),
            Finding("restored / booted", "", restore / boot),
            Finding("the agent's image", "MiB", Series([Double(try GuestImage(agent: agent, kernel: kernel).size) / 1_048_576])),
        ] + parts.findings(image: image.size)
    }
}
