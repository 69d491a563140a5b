// What Swift cannot import from glibc and the kernel by itself: variadic calls, macros with arguments, GNU extensions.
//
// No _GNU_SOURCE here: Swift's own module of glibc is built without it, and structs that differ between both do not import. What needs it
// is declared below and wrapped in CLinux.c.
#ifndef RESETLAB_CLINUX_H
#define RESETLAB_CLINUX_H
#include <netinet/in.h>
#include <net/if.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

// The symbol of an error number ("EEXIST") and its English sentence; NULL for an unknown number.
const char *linux_errno_name(int number);
const char *linux_errno_message(int number);
#endif
