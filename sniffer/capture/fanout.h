/*
 * The packets of one interface shared out to several sockets, each flow to one
 * of them: the kernel's PACKET_FANOUT by hash. Fragments are put together
 * first, so that they follow the rest of their flow. Any thread may join.
 */
#ifndef CAPTURE_FANOUT_H
#define CAPTURE_FANOUT_H

struct fanout;

struct fanout *fanout_new(void); /* NULL without memory */
/* For one more user, who frees it, too. */
struct fanout *fanout_hold(struct fanout *f);
void fanout_free(struct fanout *f); /* the last one's; NULL is fine */
/* The socket, bound to its interface, gets a share from now on. 0 or -errno. */
int fanout_join(struct fanout *f, int fd);

#endif
