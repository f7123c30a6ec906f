#include "sniffer/capture/fanout.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#define MODE (PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG)

struct fanout {
	pthread_mutex_t lock;
	uint16_t id; /* that the kernel chose for the group */
	bool made;
	atomic_uint users;
};

struct fanout *fanout_new(void)
{
	struct fanout *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	if (pthread_mutex_init(&f->lock, NULL)) {
		free(f);
		return NULL;
	}
	atomic_init(&f->users, 1);
	return f;
}

struct fanout *fanout_hold(struct fanout *f)
{
	atomic_fetch_add(&f->users, 1);
	return f;
}

void fanout_free(struct fanout *f)
{
	if (!f || atomic_fetch_sub(&f->users, 1) > 1)
		return;
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static int ask(int fd, unsigned id, unsigned mode)
{
	int arg = (int)(id | mode << 16);

	return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, sizeof(arg))
		       ? -errno
		       : 0;
}

/* A group that no other program has. */
static int make_group(struct fanout *f, int fd)
{
	int err = ask(fd, 0, MODE | PACKET_FANOUT_FLAG_UNIQUEID);
	socklen_t len = sizeof(int);
	int arg = 0;

	if (err)
		return err;
	if (getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, &len))
		return -errno;
	f->id = (uint16_t)arg;
	f->made = true;
	return 0;
}

/* The group goes with its last socket, and belongs to one device: when the
 * interface was made again, the first that joins makes another. */
int fanout_join(struct fanout *f, int fd)
{
	int err;

	pthread_mutex_lock(&f->lock);
	err = f->made ? ask(fd, f->id, MODE) : -EINVAL;
	if (err)
		err = make_group(f, fd);
	pthread_mutex_unlock(&f->lock);
	return err;
}
