// The yardstick for IPsec changes: netlink requests that are ready to send, sent again with as little as there can be around them.
#ifndef CRAWREPLAY_H
#define CRAWREPLAY_H
#include <stddef.h>

// Opens a socket for IPsec requests in the calling thread's network namespace. Returns it, or the negative errno.
int raw_replay_open(void);

// Sends requests that lie one behind the other. A datagram ends with the request that asks for an acknowledgement, and the next is sent once it
// has come. Returns 0, or the errno of a failed call or of the first refusal.
int raw_replay_send(int socket, const void *requests, size_t length);
#endif
