/// The options a kernel was built with: its package's `/boot/config-RELEASE`.
struct KernelConfiguration {
    enum Value: Equatable {
        case builtIn
        case module
    }

    private var values: [String: Value] = [:]

    init(_ text: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("CONFIG_") {
            let parts = line.dropFirst("CONFIG_".count).split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[1] {
            case "y": values[String(parts[0])] = .builtIn
            case "m": values[String(parts[0])] = .module
            default: break
            }
        }
    }

    subscript(_ option: String) -> Value? { values[option] }

    /// The modules to load for the requirements, or the options that are missing.
    ///
    /// A module that the configuration promises may be in a package of its own, and absent; `has` tells.
    func modules(for requirements: [KernelRequirement], has: (String) -> Bool) -> (modules: [String], missing: [String]) {
        var modules: [String] = []
        var missing: [String] = []
        for requirement in requirements {
            switch self[requirement.option] {
            case .builtIn: break
            case .module:
                if let module = requirement.module, has(module) {
                    modules.append(module)
                } else if requirement.isNecessary {
                    missing.append("CONFIG_\(requirement.option)'s module")
                }
            case nil:
                if requirement.isNecessary { missing.append("CONFIG_\(requirement.option)") }
            }
        }
        return (modules, missing)
    }
}
