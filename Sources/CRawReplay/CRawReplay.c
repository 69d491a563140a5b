#include "CRawReplay.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

int raw_replay_open(int protocol)
{
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (descriptor < 0) return -errno;
    struct sockaddr_nl own = {.nl_family = AF_NETLINK};
    int on = 1;
    // Acknowledgements without a copy of the request, as the library asks for them.
    if (bind(descriptor, (struct sockaddr *)&own, sizeof own) != 0
        || setsockopt(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on) != 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

static int acknowledgement(int socket)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr answer;
        char rest[512];
    } message;
    ssize_t length = recv(socket, &message, sizeof message, 0);
    if (length < 0) return errno;
    if ((size_t)length < sizeof message.header + sizeof message.answer || message.header.nlmsg_type != NLMSG_ERROR) return EBADMSG;
    return -message.answer.error;
}

int raw_replay_send(int socket, const void *requests, size_t length)
{
    const char *bytes = requests;
    size_t start = 0;
    for (size_t end = 0; end < length;) {
        const struct nlmsghdr *header = (const struct nlmsghdr *)(bytes + end);
        if (length - end < sizeof *header || header->nlmsg_len < sizeof *header || NLMSG_ALIGN(header->nlmsg_len) > length - end) return EINVAL;
        end += NLMSG_ALIGN(header->nlmsg_len);
        if (!(header->nlmsg_flags & NLM_F_ACK)) continue;
        if (send(socket, bytes + start, end - start, 0) < 0) return errno;
        int error = acknowledgement(socket);
        if (error != 0) return error;
        start = end;
    }
    return 0;
}

void raw_replay_number(void *requests, size_t length, size_t datagram)
{
    char *bytes = requests;
    size_t start = 0;
    unsigned sequence = 1;
    for (size_t offset = 0; offset < length;) {
        struct nlmsghdr *header = (struct nlmsghdr *)(bytes + offset);
        size_t end = offset + NLMSG_ALIGN(header->nlmsg_len);
        size_t next = end < length ? NLMSG_ALIGN(((struct nlmsghdr *)(bytes + end))->nlmsg_len) : 0;
        header->nlmsg_seq = sequence++;
        header->nlmsg_flags |= NLM_F_REQUEST;
        if (next == 0 || end + next - start > datagram) {
            header->nlmsg_flags |= NLM_F_ACK;
            start = end;
        }
        offset = end;
    }
}

unsigned long long raw_timestamp_counter(void) { return __builtin_ia32_rdtsc(); }
