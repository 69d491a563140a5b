/// The kernel's parts, as far as names tell them.
public enum Subsystem: String, Codable, Sendable, CaseIterable {
    case user = "user space"
    case xfrm = "XFRM and ESP"
    case crypto = "crypto"
    case routing = "IP and routing"
    case sockets = "UDP and sockets"
    case devices = "devices, bridge, veth"
    case queues = "netem and qdiscs"
    case packets = "packets' memory (skb)"
    case memory = "memory: slab, pages, copies"
    case time = "scheduler, timers, RCU, idle"
    case calls = "system calls and interrupts"
    case locks = "locks"
    case netlink = "netlink"
    case random = "random numbers and hashes"
    case text = "names and formatting"
    case files = "files: sysfs, sysctl, paths"
    case rest = "rest"

    private static let modules: [String: Subsystem] = [
        "esp4": .xfrm, "xfrm_user": .xfrm, "xfrm_algo": .xfrm, "aesni_intel": .crypto, "crypto_simd": .crypto, "cryptd": .crypto,
        "seqiv": .crypto, "geniv": .crypto, "crypto_null": .crypto, "veth": .devices, "bridge": .devices, "sch_netem": .queues,
    ]

    /// The longest beginning that fits a function's name counts; leading underscores do not.
    private static let beginnings: [String: Subsystem] = {
        let words: [(Subsystem, String)] = [
            (.xfrm, "xfrm km_ security_xfrm validate_xmit_xfrm skb_flow skb_ext secpath gro_cells find_acq"),
            (
                .crypto,
                "crypto skcipher scatterwalk sg_ kernel_fpu irq_fpu save_fpregs restore_fpregs switch_fpu fpregs skb_to_sgvec sha512 hmac"
            ),
            (.routing, "ip_ ipv4 ipv6 inet fib_ rt_ dst_ skb_dst neigh find_exception csum raw_local"),
            (
                .sockets,
                "udp sock sk_ sys_send sys_recv do_recvmmsg ep_ do_epoll put_cmsg import_ copy_iovec copy_msghdr packet_ skb_recv_udp "
                    + "skb_try_recv skb_consume_udp security_sock"
            ),
            (.devices, "netif dev_ netdev eth_ validate_xmit enqueue_to_backlog process_backlog net_rx net_tx napi skb_network_protocol"),
            (.queues, "qdisc sch_ dev_qdisc prandom"),
            (.packets, "skb alloc_skb kfree_skb consume_skb build_skb pskb kmalloc_reserve sock_wfree"),
            (
                .memory,
                "kmalloc kfree kvfree kmem ksize slab put_cpu_partial alloc rmqueue free get_page mem rep_movs copy map_ zone_ pcpu "
                    + "setup_object"
            ),
            (
                .time,
                "rcu call_rcu tick hrtimer ktime timer mod_timer lock_timer run_timer timekeeping clockevents lapic read_tsc native_sched "
                    + "sched schedule pick enqueue dequeue update_ set_next put_prev place_entity try_to_wake ttwu wake swake prepare_to "
                    + "finish_task switch_to migrate do_idle cpuidle default_idle idle nohz get_nohz rb_ handle_softirqs raise_softirq "
                    + "irq_exit irq_enter ct_ queue_work note_gp detach_"
            ),
            (
                .calls,
                "entry do_syscall syscall x64_sys arch_exit fdget error_entry asm_ sysvec native_tss irqentry rseq native_apic restore_regs"
            ),
            (.locks, "raw_spin raw_read mutex down_ up_ local_bh cond_resched"),
            (.netlink, "netlink nla nlmsg"),
            (
                .files,
                "kernfs sysfs kobject kset register_sysctl register_net_sysctl insert_header namecmp find_entry insert_entry get_links "
                    + "idr_ proc_ device_add device_create d_alloc d_lookup d_instantiate step_into link_path_walk walk_component path_ "
                    + "lookup_fast do_filp do_dentry"
            ),
            (.random, "get_random chacha drbg siphash"),
            (.text, "str sized_str vsnprintf snprintf format_decode widen_string"),
        ]
        return Dictionary(uniqueKeysWithValues: words.flatMap { part, text in text.split(separator: " ").map { (String($0), part) } })
    }()

    private static let longest = beginnings.keys.map(\.utf8.count).max() ?? 0

    init(of function: KernelSymbols.Function) {
        if function == FunctionCounts.userSpace {
            self = .user
            return
        }
        if let module = function.module, let known = Self.modules[module] {
            self = known
            return
        }
        let name = function.name.drop { $0 == "_" }
        var length = min(name.utf8.count, Self.longest)
        while length > 0 {
            if let found = Self.beginnings[String(name.prefix(length))] {
                self = found
                return
            }
            length -= 1
        }
        self = .rest
    }
}
