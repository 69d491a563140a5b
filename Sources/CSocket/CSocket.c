// glibc declares struct in6_pktinfo (RFC 3542) only with its extensions switched on, which Swift's own module of glibc is built without.
#define _GNU_SOURCE
#include "CSocket.h"

int resetlab_cmsg_put_source6(struct msghdr *header, const void *address) {
    struct in6_pktinfo information = {0};
    memcpy(&information.ipi6_addr, address, sizeof information.ipi6_addr);
    return resetlab_cmsg_put(header, IPPROTO_IPV6, IPV6_PKTINFO, &information, sizeof information);
}

const void *resetlab_cmsg_find_destination6(struct msghdr *header) {
    const struct in6_pktinfo *information =
        resetlab_cmsg_find(header, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(struct in6_pktinfo));
    return information ? &information->ipi6_addr : NULL;
}
