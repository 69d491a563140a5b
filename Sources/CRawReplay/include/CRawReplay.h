// The yardstick for what the lab asks of the kernel: requests that are ready to send, sent again with as little as there can be around them.
#ifndef CRAWREPLAY_H
#define CRAWREPLAY_H
#include <stddef.h>

// Opens a netlink socket of a protocol (NETLINK_XFRM, NETLINK_ROUTE) in the calling thread's network namespace. Returns it, or the negative
// errno.
int raw_replay_open(int protocol);

// Sends requests that lie one behind the other. A datagram ends with the request that asks for an acknowledgement, and the next is sent once it
// has come. Returns 0, or the errno of a failed call or of the first refusal.
int raw_replay_send(int socket, const void *requests, size_t length);

// Makes requests ready to be sent: numbers them, and has the last one of each datagram, of at most so many bytes, ask for an acknowledgement.
void raw_replay_number(void *requests, size_t length, size_t datagram);

enum raw_lab_work {
    // `bytes`: the path to bind the new namespace to, with its zero.
    RAW_LAB_NAMESPACE,
    // `bytes`: the path of a kernel setting with its zero, then the value.
    RAW_LAB_SETTING,
    // `bytes`: requests as raw_replay_send takes them. Where one names a namespace by descriptor, it holds the node's number instead.
    RAW_LAB_ROUTE_REQUESTS,
    RAW_LAB_XFRM_REQUESTS,
};

struct raw_lab_step {
    enum raw_lab_work work;
    int node;
    void *bytes;
    size_t length;
};

// One for each node, -1 where there is none (yet).
struct raw_lab_node {
    int namespace;
    int route;
    int xfrm;
};

// Puts nodes' numbers in the place of their namespaces' descriptors.
void raw_lab_record(void *requests, size_t length, const int *namespaces, size_t count);

// Carries out recorded steps in order, and has the calling thread back in the namespace it came from. Returns 0 or an errno.
int raw_lab_build(const struct raw_lab_step *steps, size_t count, struct raw_lab_node *nodes);

// Closes the nodes' descriptors.
void raw_lab_close(struct raw_lab_node *nodes, size_t count);

// Closes a descriptor on a processor, and goes back to all. What the kernel does with a closed socket later, it does in order on each processor.
void raw_close_on(int processor, int descriptor);

// The processor's own counter.
unsigned long long raw_timestamp_counter(void);
#endif
