#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <sys/io.h>
#endif

const char *linux_errno_name(int number) { return strerrorname_np(number); }
const char *linux_errno_message(int number) { return strerrordesc_np(number); }

int linux_unshare_network(void) { return unshare(CLONE_NEWNET); }
int linux_enter_network(int descriptor) { return setns(descriptor, CLONE_NEWNET); }
int linux_is_network_namespace(int descriptor) { return ioctl(descriptor, NS_GET_NSTYPE) == CLONE_NEWNET; }

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

// glibc wraps it nowhere.
int linux_load_module(int descriptor, const char *parameters) { return (int)syscall(SYS_finit_module, descriptor, parameters, 0); }

int linux_power_off(void) { return reboot(RB_POWER_OFF); }
int linux_restart(void) { return reboot(RB_AUTOBOOT); }

int linux_exit_emulator(unsigned short port, unsigned char value)
{
#if defined(__x86_64__) || defined(__i386__)
    if (ioperm(port, 4, 1) != 0) return -1;
    outl(value, port);
    return 0;
#else
    (void)port;
    (void)value;
    errno = ENOSYS;
    return -1;
#endif
}

size_t linux_cmsg_space(size_t length) { return CMSG_SPACE(length); }
size_t linux_cmsg_length(size_t length) { return CMSG_LEN(length); }
struct cmsghdr *linux_cmsg_first(struct msghdr *message) { return CMSG_FIRSTHDR(message); }
struct cmsghdr *linux_cmsg_next(struct msghdr *message, struct cmsghdr *control) { return CMSG_NXTHDR(message, control); }
unsigned char *linux_cmsg_data(struct cmsghdr *control) { return CMSG_DATA(control); }
