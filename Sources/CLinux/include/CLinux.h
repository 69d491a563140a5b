// What Swift cannot import from glibc and the kernel by itself: variadic calls, macros with arguments, GNU extensions.
//
// No _GNU_SOURCE here: Swift's own module of glibc is built without it, and structs that differ between both do not import. What needs it
// is declared below and wrapped in CLinux.c. Every wrapper returns what the wrapped call returns and leaves errno as it did.
#ifndef RESETLAB_CLINUX_H
#define RESETLAB_CLINUX_H
#include <netinet/in.h>
#include <net/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

// The symbol of an error number ("EEXIST") and its English sentence; NULL for an unknown number.
const char *linux_errno_name(int number);
const char *linux_errno_message(int number);

// Network namespaces: the calling thread leaves its own for a new one, or for the one behind a descriptor.
int linux_unshare_network(void);
int linux_enter_network(int descriptor);
// 1 for a network namespace's descriptor, 0 for any other.
int linux_is_network_namespace(int descriptor);

// The root of a new instance of procfs that is mounted nowhere (fsopen(2), fsmount(2)), closed on exec; gone when it is closed.
int linux_open_private_proc(void);

// The index of an interface in the namespace that a socket belongs to, -1 when there is none of that name.
int linux_interface_index(int socket, const char *name);

// Threads: the name that `ps -L` and the debugger show, at most 15 bytes.
int linux_name_this_thread(const char *name);

// Processors: one more than the largest number there can be, whether the caller may run on one, and binding a thread of any process to one.
int linux_most_processors(void);
int linux_is_usable_processor(int processor);
int linux_bind_thread(int thread, int processor);

// Processes: a descriptor of a process, and a signal to itself when its parent ends (0: none).
int linux_open_process(int process);
int linux_signal_when_parent_ends(int signal);
// POSIX_SPAWN_SETSID: posix_spawn's child leads a session of its own.
int linux_spawn_session_flag(void);

// Pseudo-terminals: both ends, closed on exec. The size of the controlling end is the terminal's. The terminal's size; its foreground
// process group.
int linux_open_terminal(int *controller, int *terminal, unsigned short rows, unsigned short columns);
int linux_resize_terminal(int controller, unsigned short rows, unsigned short columns);
int linux_terminal_size(int terminal, unsigned short *rows, unsigned short *columns);
int linux_terminal_foreground(int controller);

// A program in another network namespace.
struct linux_program {
    // To be executed as it is: nothing is looked up.
    const char *path;
    char *const *arguments;
    char *const *environment;
    // Where it starts, `/` when that cannot be entered; NULL for where this process is.
    const char *directory;
    int network;
    int input, output, error;
    // Whether its input is to be its controlling terminal.
    int has_terminal;
};
enum linux_start_step {
    LINUX_START_FORK,
    LINUX_START_SIGNALS,
    LINUX_START_SESSION,
    LINUX_START_NAMESPACE,
    LINUX_START_DIRECTORY,
    LINUX_START_DESCRIPTORS,
    LINUX_START_PROGRAM,
};
// Starts it in a session and a process group of its own, with standard descriptors only, and killed by the kernel when the calling thread
// ends. The process identifier; -1 with errno when it could not be started, and then the step at which.
int linux_start_program(const struct linux_program *program, enum linux_start_step *step);

// A child that has ended and was not waited for yet; it stays so. 0: none of them has ended; -1: there is no child.
int linux_next_ended_child(void);

// An interface's name (IFNAMSIZ bytes) by its index and its type (ARPHRD_*) by its name, in the namespace that a socket belongs to.
int linux_interface_name(int socket, int index, char *name);
int linux_interface_hardware(int socket, const char *name);

// Anonymous files, closed on exec.
int linux_memory_file(const char *name);

// The next part of a file from an offset on that is no hole, up to *end: where it begins, or -1 behind the last one. Where holes cannot be told,
// everything is one part. The descriptor's position is changed.
long linux_next_data(int descriptor, long offset, long *end);

// Modules: the kernel reads the module from the descriptor.
int linux_load_module(int descriptor, const char *parameters);

// The end of the machine. None of them returns when it works.
int linux_power_off(void);
int linux_restart(void);
// Writes to the I/O port of QEMU's isa-debug-exit; QEMU then exits with (value << 1) | 1. ENOSYS on machines without such ports.
int linux_exit_emulator(unsigned short port, unsigned char value);

// Bytes to and from I/O ports. 0 or -1; ENOSYS on machines without such ports.
int linux_write_port(unsigned short port, unsigned char value);
int linux_read_port(unsigned short port, unsigned char *value);

// Writes to an I/O port and then executes one jump to itself until a signal of this process's own timer ends it, so many microseconds (under a
// second) after the call. ENOSYS on machines without such ports.
int linux_write_port_and_spin(unsigned short port, unsigned char value, long microseconds);

// The kernel's random number generator: bytes for it that count as random, and a fresh key from all that it has. The descriptor is
// /dev/urandom's.
int linux_credit_random(int descriptor, const unsigned char *bytes, int count);
int linux_reseed_random(int descriptor);

// Control messages of recvmsg and sendmsg (cmsg(3)).
size_t linux_cmsg_space(size_t length);
size_t linux_cmsg_length(size_t length);
struct cmsghdr *linux_cmsg_first(struct msghdr *message);
struct cmsghdr *linux_cmsg_next(struct msghdr *message, struct cmsghdr *control);
unsigned char *linux_cmsg_data(struct cmsghdr *control);
#endif
