// What Swift cannot import from glibc and the kernel by itself: variadic calls, macros with arguments, system calls without wrapper.
#ifndef RESETLAB_CLINUX_H
#define RESETLAB_CLINUX_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <netinet/in.h>
#include <net/if.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#endif
