#define _GNU_SOURCE
#include "CRawReplay.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int make_namespace(const char *path, struct raw_lab_node *node)
{
    int file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (file < 0) return errno;
    close(file);
    if (unshare(CLONE_NEWNET) != 0) return errno;
    if (mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) != 0) return errno;
    node->namespace = open(path, O_RDONLY | O_CLOEXEC);
    return node->namespace < 0 ? errno : 0;
}

static int write_setting(const char *bytes, size_t length)
{
    size_t path = strlen(bytes) + 1;
    int file = open(bytes, O_WRONLY | O_CLOEXEC);
    if (file < 0) return errno;
    int error = write(file, bytes + path, length - path) < 0 ? errno : 0;
    close(file);
    return error;
}

// Where a request to make a veth pair holds the peer's namespace; NULL in any other request.
static uint32_t *peer_namespace(struct nlmsghdr *header)
{
    if (header->nlmsg_type != RTM_NEWLINK) return NULL;
    char *start = (char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct ifinfomsg));
    char *end = (char *)header + header->nlmsg_len;
    const int way[] = {IFLA_LINKINFO, IFLA_INFO_DATA, VETH_INFO_PEER, IFLA_NET_NS_FD};
    for (int level = 0; level < 4; level++) {
        struct rtattr *found = NULL;
        for (struct rtattr *one = (struct rtattr *)start; end - (char *)one >= (long)sizeof *one && one->rta_len >= sizeof *one
             && one->rta_len <= end - (char *)one; one = (struct rtattr *)((char *)one + RTA_ALIGN(one->rta_len)))
            if ((one->rta_type & NLA_TYPE_MASK) == way[level]) found = one;
        if (!found) return NULL;
        if (level == 3) return RTA_DATA(found);
        start = RTA_DATA(found);
        end = (char *)found + found->rta_len;
        if (way[level] == VETH_INFO_PEER) start += NLMSG_ALIGN(sizeof(struct ifinfomsg));
    }
    return NULL;
}

void raw_lab_record(void *requests, size_t length, const int *namespaces, size_t count)
{
    char *bytes = requests;
    for (size_t offset = 0; offset < length;) {
        struct nlmsghdr *header = (struct nlmsghdr *)(bytes + offset);
        uint32_t *place = peer_namespace(header);
        for (size_t node = 0; place && node < count; node++)
            if ((int)*place == namespaces[node]) {
                *place = (uint32_t)node;
                break;
            }
        offset += NLMSG_ALIGN(header->nlmsg_len);
    }
}

// The same requests are sent in several rounds: the node's number comes back after the sending.
static int send_requests(int socket, char *bytes, size_t length, const struct raw_lab_node *nodes)
{
    enum { most = 4096 };
    static uint32_t *places[most], numbers[most];
    size_t count = 0;
    for (size_t offset = 0; offset < length;) {
        struct nlmsghdr *header = (struct nlmsghdr *)(bytes + offset);
        if (header->nlmsg_len < sizeof *header || header->nlmsg_len > length - offset) return EINVAL;
        uint32_t *place = peer_namespace(header);
        if (place) {
            if (count == most) return E2BIG;
            places[count] = place;
            numbers[count] = *place;
            *place = nodes[*place].namespace;
            count++;
        }
        offset += NLMSG_ALIGN(header->nlmsg_len);
    }
    int error = raw_replay_send(socket, bytes, length);
    while (count-- > 0) *places[count] = numbers[count];
    return error;
}

static int open_in(struct raw_lab_node *node, int protocol, int *socket, int *where)
{
    if (*socket >= 0) return 0;
    if (*where != node->namespace && setns(node->namespace, CLONE_NEWNET) != 0) return errno;
    *where = node->namespace;
    int opened = raw_replay_open(protocol);
    if (opened < 0) return -opened;
    *socket = opened;
    return 0;
}

// where: the descriptor of the namespace that the thread is in.
static int carry_out(const struct raw_lab_step *step, struct raw_lab_node *nodes, int *where)
{
    struct raw_lab_node *node = &nodes[step->node];
    int error;
    switch (step->work) {
    case RAW_LAB_NAMESPACE:
        error = make_namespace(step->bytes, node);
        *where = node->namespace;
        return error;
    case RAW_LAB_SETTING:
        if (*where != node->namespace && setns(node->namespace, CLONE_NEWNET) != 0) return errno;
        *where = node->namespace;
        return write_setting(step->bytes, step->length);
    case RAW_LAB_ROUTE_REQUESTS:
        error = open_in(node, NETLINK_ROUTE, &node->route, where);
        return error ? error : send_requests(node->route, step->bytes, step->length, nodes);
    case RAW_LAB_XFRM_REQUESTS:
        error = open_in(node, NETLINK_XFRM, &node->xfrm, where);
        return error ? error : raw_replay_send(node->xfrm, step->bytes, step->length);
    }
    return EINVAL;
}

int raw_lab_build(const struct raw_lab_step *steps, size_t count, struct raw_lab_node *nodes)
{
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home < 0) return errno;
    int where = home, error = 0;
    for (size_t index = 0; index < count && error == 0; index++) error = carry_out(&steps[index], nodes, &where);
    if (setns(home, CLONE_NEWNET) != 0 && error == 0) error = errno;
    close(home);
    return error;
}

void raw_lab_close(struct raw_lab_node *nodes, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        if (nodes[index].namespace >= 0) close(nodes[index].namespace);
        if (nodes[index].route >= 0) close(nodes[index].route);
        if (nodes[index].xfrm >= 0) close(nodes[index].xfrm);
        nodes[index] = (struct raw_lab_node){-1, -1, -1};
    }
}

void raw_close_on(int processor, int descriptor)
{
    cpu_set_t before, one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    int known = sched_getaffinity(0, sizeof before, &before) == 0;
    sched_setaffinity(0, sizeof one, &one);
    close(descriptor);
    if (known) sched_setaffinity(0, sizeof before, &before);
}
