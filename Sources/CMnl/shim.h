// glibc's headers first: the kernel's headers guard their own copies of these types against them.
#include <netinet/in.h>
#include <net/if.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/genetlink.h>
#include <linux/net_dropmon.h>
#include <linux/rtnetlink.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/xfrm.h>
#include <linux/cryptouser.h>

// A macro with a cast, which Swift cannot import: no limit on bytes or packets.
static const __u64 XFRM_NO_LIMIT = XFRM_INF;
