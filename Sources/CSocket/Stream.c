#include "CSocket.h"
#include <netinet/tcp.h>

static int set(int descriptor, int level, int option, int value) {
    return setsockopt(descriptor, level, option, &value, sizeof value);
}

int resetlab_tcp_prepare(int descriptor, int largest_segment, unsigned int user_timeout) {
    if (set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1) || set(descriptor, IPPROTO_TCP, TCP_MAXSEG, largest_segment))
        return -1;
    return user_timeout == 0
               ? 0
               : setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof user_timeout);
}

int resetlab_tcp_retransmissions(int descriptor, uint32_t *segments) {
    struct tcp_info info;
    memset(&info, 0, sizeof info);
    socklen_t length = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length))
        return -1;
    *segments = info.tcpi_total_retrans;
    return 0;
}

int resetlab_reset_on_close(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}
