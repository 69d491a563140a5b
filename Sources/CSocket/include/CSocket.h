// What Swift cannot import from the socket headers: control messages are macros, prctl is variadic.
#ifndef RESETLAB_CSOCKET_H
#define RESETLAB_CSOCKET_H
#include <netinet/in.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

// The data of the first control message of this kind, or NULL when there is none of at least that length.
static inline const void *resetlab_cmsg_find(struct msghdr *header, int level, int type, size_t length) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c))
        if (c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len >= CMSG_LEN(length))
            return CMSG_DATA(c);
    return NULL;
}

// Makes one control message in the header's buffer, and shortens the buffer's length to it. Returns 0 when it does not fit.
static inline int resetlab_cmsg_put(struct msghdr *header, int level, int type, const void *data, size_t length) {
    if (header->msg_controllen < CMSG_SPACE(length))
        return 0;
    memset(header->msg_control, 0, CMSG_SPACE(length));
    struct cmsghdr *c = CMSG_FIRSTHDR(header);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(c), data, length);
    header->msg_controllen = CMSG_SPACE(length);
    return 1;
}

// An outgoing IPv6 packet's source address, and the address an incoming one was sent to: 16 bytes (IPV6_PKTINFO, RFC 3542 §6).
int resetlab_cmsg_put_source6(struct msghdr *header, const void *address);
const void *resetlab_cmsg_find_destination6(struct msghdr *header);

// Datagrams taken from a socket by one system call (recvmmsg(2)), of each its first bytes and the kernel's time of arrival.
enum { resetlab_batch_datagrams = 16, resetlab_batch_bytes = 32 };
struct resetlab_batch;

// NULL without memory. Freed with free(3).
struct resetlab_batch *resetlab_batch_make(void);

// Returns how many datagrams there are now, at most resetlab_batch_datagrams, or -1 with errno; never waits. What was there before is gone.
int resetlab_batch_receive(struct resetlab_batch *batch, int descriptor);

// The first bytes of one of them, and how many there are of them.
const void *resetlab_batch_datagram(const struct resetlab_batch *batch, int index, size_t *length);

// When it arrived, in nanoseconds of CLOCK_REALTIME (SO_TIMESTAMPNS_NEW); 0 when the kernel has not said so.
int64_t resetlab_batch_arrival(struct resetlab_batch *batch, int index);

// Makes a TCP socket send at once (TCP_NODELAY), in segments of at most so many bytes (TCP_MAXSEG), and give up when nothing that it sent was
// acknowledged for so many milliseconds (TCP_USER_TIMEOUT); 0 for the system's own patience. Returns -1 with errno.
int resetlab_tcp_prepare(int descriptor, int largest_segment, unsigned int user_timeout);

// How many segments a TCP socket has sent again so far (TCP_INFO, tcpi_total_retrans). Returns -1 with errno.
int resetlab_tcp_retransmissions(int descriptor, uint32_t *segments);

// Closing the socket resets its connection (RST) and forgets what was not sent. Returns -1 with errno.
int resetlab_reset_on_close(int descriptor);

// How late the kernel may wake this thread, in nanoseconds; 50,000 by default. PR_SET_TIMERSLACK, prctl(2).
static inline int resetlab_set_timer_slack(unsigned long nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}
#endif
