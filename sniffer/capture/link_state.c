#include "sniffer/capture/link_state.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum {
	FEATURES_MAX = 512, /* that a kernel may know */
};

int link_asker(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static struct ifreq request(const char *name)
{
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	return r;
}

static int ask(int fd, const char *name, void *what)
{
	struct ifreq r = request(name);

	r.ifr_data = what;
	return ioctl(fd, SIOCETHTOOL, &r) ? -errno : 0;
}

unsigned link_updown(int asker, const char *name)
{
	struct ifreq r = request(name);

	if (!strcmp(name, "any") || asker < 0)
		return 0;
	if (ioctl(asker, SIOCGIFFLAGS, &r))
		return errno == ENODEV ? LINK_DOWN : 0;
	if (!(r.ifr_flags & IFF_UP))
		return LINK_DOWN;
	return r.ifr_flags & IFF_RUNNING ? 0 : LINK_NO_CARRIER;
}

/* --- features, by the names that ethtool -k shows ------------------------- */

static unsigned bit_of(const char *feature)
{
	if (!strcmp(feature, "rx-gro"))
		return LINK_GRO;
	if (!strcmp(feature, "rx-gro-hw"))
		return LINK_GRO_HW;
	return strcmp(feature, "rx-lro") ? 0 : LINK_LRO;
}

static unsigned feature_count(int fd, const char *name)
{
	struct ethtool_sset_info *q =
		calloc(1, sizeof(*q) + sizeof(q->data[0]));
	unsigned n = 0;

	if (!q)
		return 0;
	q->cmd = ETHTOOL_GSSET_INFO;
	q->sset_mask = 1u << ETH_SS_FEATURES;
	if (!ask(fd, name, q) && q->sset_mask)
		n = q->data[0];
	free(q);
	return n < FEATURES_MAX ? n : FEATURES_MAX;
}

/* That are on now, of n whose names are known. */
static unsigned active(int fd, const char *name, unsigned n,
		       const struct ethtool_gstrings *names)
{
	unsigned blocks = (n + 31) / 32, bits = 0;
	struct ethtool_gfeatures *f =
		calloc(1, sizeof(*f) + blocks * sizeof(f->features[0]));

	if (!f)
		return 0;
	f->cmd = ETHTOOL_GFEATURES;
	f->size = blocks;
	if (!ask(fd, name, f))
		for (unsigned i = 0; i < n && i / 32 < f->size; i++)
			if (f->features[i / 32].active & 1u << i % 32)
				bits |= bit_of((const char *)names->data +
					       (size_t)i * ETH_GSTRING_LEN);
	free(f);
	return bits;
}

unsigned link_offload(int asker, const char *name)
{
	unsigned n = asker < 0 ? 0 : feature_count(asker, name), bits = 0;
	struct ethtool_gstrings *names =
		n ? calloc(1, sizeof(*names) + (size_t)n * ETH_GSTRING_LEN)
		  : NULL;

	if (!names)
		return 0;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = n;
	if (!ask(asker, name, names))
		bits = active(asker, name, n, names);
	free(names);
	return bits;
}
