// recvmmsg(2) and its struct are declared with glibc's extensions only.
#define _GNU_SOURCE
#include "CSocket.h"
#include <errno.h>
#include <stdlib.h>

struct resetlab_batch {
    struct mmsghdr headers[resetlab_batch_datagrams];
    struct iovec vectors[resetlab_batch_datagrams];
    _Alignas(16) unsigned char bytes[resetlab_batch_datagrams][resetlab_batch_bytes];
    _Alignas(16) unsigned char control[resetlab_batch_datagrams][CMSG_SPACE(2 * sizeof(int64_t))];
    // How many headers the kernel has written to.
    int used;
};

static void prepare(struct resetlab_batch *batch, int index) {
    struct msghdr *header = &batch->headers[index].msg_hdr;
    header->msg_controllen = sizeof batch->control[index];
    header->msg_flags = 0;
}

struct resetlab_batch *resetlab_batch_make(void) {
    struct resetlab_batch *batch = calloc(1, sizeof *batch);
    for (int index = 0; batch && index < resetlab_batch_datagrams; index++) {
        batch->vectors[index] = (struct iovec){batch->bytes[index], resetlab_batch_bytes};
        struct msghdr *header = &batch->headers[index].msg_hdr;
        header->msg_iov = &batch->vectors[index];
        header->msg_iovlen = 1;
        header->msg_control = batch->control[index];
        prepare(batch, index);
    }
    return batch;
}

int resetlab_batch_receive(struct resetlab_batch *batch, int descriptor) {
    for (int index = 0; index < batch->used; index++)
        prepare(batch, index);
    batch->used = 0;
    int count = recvmmsg(descriptor, batch->headers, resetlab_batch_datagrams, MSG_DONTWAIT, NULL);
    if (count > 0)
        batch->used = count;
    // A header beyond the last datagram may have been written to by the try that found nothing.
    if (count >= 0 && count < resetlab_batch_datagrams)
        batch->used++;
    return count;
}

const void *resetlab_batch_datagram(const struct resetlab_batch *batch, int index, size_t *length) {
    size_t received = batch->headers[index].msg_len;
    *length = received < resetlab_batch_bytes ? received : resetlab_batch_bytes;
    return batch->bytes[index];
}

int64_t resetlab_batch_arrival(struct resetlab_batch *batch, int index) {
    int64_t time[2];
    const void *found =
        resetlab_cmsg_find(&batch->headers[index].msg_hdr, SOL_SOCKET, SO_TIMESTAMPNS_NEW, sizeof time);
    if (!found)
        return 0;
    memcpy(time, found, sizeof time);
    return time[0] * 1000000000 + time[1];
}
