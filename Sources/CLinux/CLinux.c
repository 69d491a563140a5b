#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/nsfs.h>
#include <linux/random.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <sys/io.h>
#endif

const char *linux_errno_name(int number) { return strerrorname_np(number); }
const char *linux_errno_message(int number) { return strerrordesc_np(number); }

int linux_unshare_network(void) { return unshare(CLONE_NEWNET); }
int linux_enter_network(int descriptor) { return setns(descriptor, CLONE_NEWNET); }
int linux_is_network_namespace(int descriptor) { return ioctl(descriptor, NS_GET_NSTYPE) == CLONE_NEWNET; }

int linux_open_private_proc(void)
{
    // The same numbers on all machines, and not in all headers: FSOPEN_CLOEXEC, FSCONFIG_CMD_CREATE, FSMOUNT_CLOEXEC.
    enum { open_close_on_exec = 1, create = 6, mount_close_on_exec = 1 };
    const int context = syscall(SYS_fsopen, "proc", open_close_on_exec);
    if (context < 0) return -1;
    int root = -1;
    if (syscall(SYS_fsconfig, context, create, NULL, NULL, 0) == 0) root = syscall(SYS_fsmount, context, mount_close_on_exec, 0);
    const int error = errno;
    close(context);
    errno = error;
    return root;
}

int linux_interface_index(int socket, const char *name)
{
    struct ifreq request;
    memset(&request, 0, sizeof request);
    if (strlen(name) >= sizeof request.ifr_name) {
        errno = ENODEV;
        return -1;
    }
    strcpy(request.ifr_name, name);
    return ioctl(socket, SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : -1;
}

int linux_name_this_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

// By number: glibc wraps it only since 2.36.
int linux_open_process(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }
int linux_signal_when_parent_ends(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }

int linux_spawn_session_flag(void) { return POSIX_SPAWN_SETSID; }

int linux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

long linux_next_data(int descriptor, long offset, long *end)
{
    long begin = lseek(descriptor, offset, SEEK_DATA);
    if (begin < 0 && errno == ENXIO) return -1;
    *end = begin < 0 ? -1 : lseek(descriptor, begin, SEEK_HOLE);
    if (*end >= 0) return begin;
    *end = lseek(descriptor, 0, SEEK_END);
    return offset < *end ? offset : -1;
}

// glibc wraps it nowhere.
int linux_load_module(int descriptor, const char *parameters) { return (int)syscall(SYS_finit_module, descriptor, parameters, 0); }

int linux_power_off(void) { return reboot(RB_POWER_OFF); }
int linux_restart(void) { return reboot(RB_AUTOBOOT); }

#if defined(__x86_64__) || defined(__i386__)
static int allow_ports(unsigned short first, unsigned long count) { return ioperm(first, count, 1); }
#else
// No such ports: what is behind this is never reached.
static int allow_ports(unsigned short first, unsigned long count)
{
    (void)first;
    (void)count;
    errno = ENOSYS;
    return -1;
}
static void outl(unsigned value, unsigned short port) { (void)value, (void)port; }
static void outb(unsigned char value, unsigned short port) { (void)value, (void)port; }
static unsigned char inb(unsigned short port) { return (void)port, 0; }
#endif

int linux_exit_emulator(unsigned short port, unsigned char value)
{
    if (allow_ports(port, 4) != 0) return -1;
    outl(value, port);
    return 0;
}

int linux_write_port(unsigned short port, unsigned char value)
{
    if (allow_ports(port, 1) != 0) return -1;
    outb(value, port);
    return 0;
}

int linux_read_port(unsigned short port, unsigned char *value)
{
    if (allow_ports(port, 1) != 0) return -1;
    *value = inb(port);
    return 0;
}

#if defined(__x86_64__)
// The interrupted instruction is the two bytes of the jump: the program goes on behind it.
static void leave_jump(int signal, siginfo_t *information, void *context)
{
    (void)signal;
    (void)information;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}
#endif

int linux_write_port_and_spin(unsigned short port, unsigned char value, long microseconds)
{
#if defined(__x86_64__)
    if (ioperm(port, 1, 1) != 0) return -1;
    struct sigaction leave = {.sa_sigaction = leave_jump, .sa_flags = SA_SIGINFO}, before;
    if (sigaction(SIGALRM, &leave, &before) != 0) return -1;
    const struct itimerval pause = {.it_value = {.tv_usec = microseconds}};
    if (setitimer(ITIMER_REAL, &pause, NULL) != 0) return -1;
    __asm__ volatile("outb %%al, %%dx\n1: jmp 1b" : : "a"(value), "d"(port) : "memory");
    return sigaction(SIGALRM, &before, NULL);
#else
    (void)port;
    (void)value;
    (void)microseconds;
    errno = ENOSYS;
    return -1;
#endif
}

int linux_credit_random(int descriptor, const unsigned char *bytes, int count)
{
    union {
        struct rand_pool_info head;
        unsigned char space[sizeof(struct rand_pool_info) + 64];
    } pool;
    if (count > 64) {
        errno = EINVAL;
        return -1;
    }
    pool.head.entropy_count = count * 8;
    pool.head.buf_size = count;
    memcpy(pool.head.buf, bytes, count);
    return ioctl(descriptor, RNDADDENTROPY, &pool);
}

int linux_reseed_random(int descriptor) { return ioctl(descriptor, RNDRESEEDCRNG); }

size_t linux_cmsg_space(size_t length) { return CMSG_SPACE(length); }
size_t linux_cmsg_length(size_t length) { return CMSG_LEN(length); }
struct cmsghdr *linux_cmsg_first(struct msghdr *message) { return CMSG_FIRSTHDR(message); }
struct cmsghdr *linux_cmsg_next(struct msghdr *message, struct cmsghdr *control) { return CMSG_NXTHDR(message, control); }
unsigned char *linux_cmsg_data(struct cmsghdr *control) { return CMSG_DATA(control); }

int linux_open_terminal(int *controller, int *terminal, unsigned short rows, unsigned short columns)
{
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    int own = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (own < 0) return -1;
    // By descriptor (TIOCGPTPEER): the terminal's path may mean another one in this mount namespace.
    int other = unlockpt(own) == 0 ? ioctl(own, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (other < 0) {
        int error = errno;
        close(own);
        errno = error;
        return -1;
    }
    ioctl(own, TIOCSWINSZ, &size);
    *controller = own;
    *terminal = other;
    return 0;
}

int linux_resize_terminal(int controller, unsigned short rows, unsigned short columns)
{
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(controller, TIOCSWINSZ, &size);
}

int linux_terminal_size(int terminal, unsigned short *rows, unsigned short *columns)
{
    struct winsize size;
    if (ioctl(terminal, TIOCGWINSZ, &size) != 0) return -1;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}

int linux_terminal_foreground(int controller)
{
    pid_t group = -1;
    return ioctl(controller, TIOCGPGRP, &group) == 0 ? group : -1;
}

struct start_failure {
    int step;
    int error;
};

// In the child, between fork and exec: only async-signal-safe calls, since another thread may have held any lock.
static void become_program(const struct linux_program *program, pid_t parent, int report)
{
    struct start_failure failure = {.step = LINUX_START_SIGNALS};
    struct sigaction standard;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &standard, NULL);
    // The signal comes only for a death after the request.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) goto failed;

    failure.step = LINUX_START_SESSION;
    if (setsid() < 0) goto failed;

    failure.step = LINUX_START_NAMESPACE;
    if (setns(program->network, CLONE_NEWNET) != 0) goto failed;
    // As `ip netns exec` does: /sys/class/net is to show this namespace's interfaces. Over the other one rather than instead of it, so that
    // a kernel that refuses leaves the old view and not none. Only once nothing can spread to the namespace that everyone else is in.
    if (unshare(CLONE_NEWNS) == 0 && mount("", "/", "none", MS_SLAVE | MS_REC, NULL) == 0)
        mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);

    failure.step = LINUX_START_DIRECTORY;
    if (program->directory && chdir(program->directory) != 0 && chdir("/") != 0) goto failed;

    failure.step = LINUX_START_DESCRIPTORS;
    // First out of the way: one of them may be 0, 1 or 2 itself.
    int descriptors[3] = {program->input, program->output, program->error};
    for (int number = 0; number < 3; number++)
        if ((descriptors[number] = fcntl(descriptors[number], F_DUPFD_CLOEXEC, 3)) < 0) goto failed;
    if ((report = fcntl(report, F_DUPFD_CLOEXEC, 3)) < 0) _exit(127);
    for (int number = 0; number < 3; number++)
        if (dup2(descriptors[number], number) < 0) goto failed;
    if (program->has_terminal && ioctl(0, TIOCSCTTY, 0) != 0) goto failed;
    // At exec, and not now: the report is among them.
    if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) goto failed;

    failure.step = LINUX_START_PROGRAM;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(program->path, program->arguments, program->environment);
failed:
    failure.error = errno;
    while (write(report, &failure, sizeof failure) < 0 && errno == EINTR) {
    }
    _exit(127);
}

int linux_start_program(const struct linux_program *program, enum linux_start_step *step)
{
    int report[2];
    *step = LINUX_START_FORK;
    if (pipe2(report, O_CLOEXEC) != 0) return -1;
    // No handler of this process may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) become_program(program, parent, report[1]);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (child < 0) {
        close(report[0]);
        errno = error;
        return -1;
    }
    // At its end as soon as the program has taken the child's place.
    struct start_failure failure;
    ssize_t count;
    do count = read(report[0], &failure, sizeof failure);
    while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count != sizeof failure) return child;
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    *step = failure.step;
    errno = failure.error;
    return -1;
}

int linux_next_ended_child(void)
{
    siginfo_t information;
    information.si_pid = 0;
    if (waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) != 0) return -1;
    return information.si_pid;
}

int linux_interface_name(int socket, int index, char *name)
{
    struct ifreq request;
    memset(&request, 0, sizeof request);
    request.ifr_ifindex = index;
    if (ioctl(socket, SIOCGIFNAME, &request) != 0) return -1;
    memcpy(name, request.ifr_name, sizeof request.ifr_name);
    return 0;
}

int linux_interface_hardware(int socket, const char *name)
{
    struct ifreq request;
    memset(&request, 0, sizeof request);
    if (strlen(name) >= sizeof request.ifr_name) {
        errno = ENODEV;
        return -1;
    }
    strcpy(request.ifr_name, name);
    return ioctl(socket, SIOCGIFHWADDR, &request) == 0 ? request.ifr_hwaddr.sa_family : -1;
}

int linux_most_processors(void) { return CPU_SETSIZE; }

int linux_is_usable_processor(int processor)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_ISSET(processor, &set);
}

int linux_bind_thread(int thread, int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return sched_setaffinity(thread, sizeof set, &set);
}
