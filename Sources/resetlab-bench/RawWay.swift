import CRawReplay
import Glibc
import Lab
import LabPlan
import Links
import LinuxKernel
import XFRM

/// The same namespaces, settings and bytes, by a few lines of C.
final class RawWay: LabWay {
    let name = "raw"
    private var steps: [raw_lab_step] = []
    private var nodes: [raw_lab_node]
    private let paths: [String]

    /// Records what a lab that stands was built by.
    init(_ recording: LabRecording) throws {
        paths = recording.plan.nodes.map { "\(NetworkNamespace.directory)/\($0.namespace)" }
        nodes = recording.plan.nodes.map { _ in Self.none }
        for (node, steps) in recording.steps.enumerated() {
            if node < paths.count { add(RAW_LAB_NAMESPACE, node, Array(paths[node].utf8) + [0]) }
            for step in steps { try add(step, recording) }
        }
        for (node, bytes) in recording.security { add(RAW_LAB_XFRM_REQUESTS, node, bytes) }
    }

    private func add(_ step: BuildStep, _ recording: LabRecording) throws {
        switch step.work {
        case .settings(let settings):
            for setting in settings {
                add(RAW_LAB_SETTING, step.node, Array("/proc/sys/net/\(setting.name)".utf8) + [0] + Array("\(setting.value)\n".utf8))
            }
        case .changes(let changes, let numbers):
            guard !changes.isEmpty else { return }
            var bytes: [UInt8] = []
            for change in changes { bytes += try change.message(numbers).bytes }
            bytes.withUnsafeMutableBytes {
                raw_replay_number($0.baseAddress, $0.count, Self.datagram)
                raw_lab_record($0.baseAddress, $0.count, recording.namespaces, recording.namespaces.count)
            }
            add(RAW_LAB_ROUTE_REQUESTS, step.node, bytes)
        }
    }

    deinit { for step in steps { step.bytes.deallocate() } }

    private static let none = raw_lab_node(namespace: -1, route: -1, xfrm: -1)
    /// As large as Resetlab's own.
    private static let datagram = 128 << 10

    private func add(_ work: raw_lab_work, _ node: Int, _ bytes: [UInt8]) {
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 8)
        copy.copyMemory(from: bytes, byteCount: bytes.count)
        steps.append(raw_lab_step(work: work, node: Int32(node), bytes: copy, length: bytes.count))
    }

    func build() throws {
        let error = raw_lab_build(steps, steps.count, &nodes)
        guard error == 0 else { throw SystemCallError("build", "the raw replay's lab", Errno(code: error)) }
    }

    func takeDown() throws {
        raw_lab_close(&nodes, nodes.count)
        for path in paths {
            guard umount2(path, Int32(MNT_DETACH)) == 0, unlink(path) == 0 else { throw SystemCallError("umount", path, .last) }
        }
    }
}

/// What a lab that stands was built by, and what a replay needs to know of it.
struct LabRecording {
    let plan: LabPlan
    /// In order: for each node, what follows the making of its namespace; then what comes last.
    let steps: [[BuildStep]]
    /// By node: descriptors.
    let namespaces: [Int32]
    /// XFRM requests by node, as they were sent.
    let security: [(node: Int, requests: [UInt8])]

    init(_ plan: LabPlan, _ lab: Laboratory, security: [NodeSecurity]) throws {
        self.plan = plan
        let work = LabWork(plan, nil)
        let standing = lab.nodes.map(\.namespace)
        steps =
            work.nodes.map { node in
                [BuildStep(node: node, work: .settings(work.settings))] + work.steps(completing: node, standing)
            } + [work.impairments]
        namespaces = lab.nodes.map(\.namespace.fileDescriptor)
        self.security = try security.map { part in
            var batch = XFRMBatch()
            try part.fill(&batch)
            var bytes = Array(batch.bytes)
            bytes.withUnsafeMutableBytes { raw_replay_number($0.baseAddress, $0.count, 128 << 10) }
            return (part.node, bytes)
        }
    }
}
