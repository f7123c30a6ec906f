#include "sniffer/call/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int hosts_init(struct hosts *hs, struct seed seed)
{
	hs->seed = seed;
	return map_init(&hs->map, 64);
}

void hosts_close(struct hosts *hs)
{
	map_close(&hs->map);
}

static void key_of(const struct addr *a, uint8_t ip[16])
{
	memcpy(ip, a->ip, 16);
	if (!addr_is_v4(a))
		memset(ip + 8, 0, 8);
}

static struct host *find(const struct hosts *hs, const uint8_t ip[16],
			 uint64_t hash)
{
	for (struct map_node *n = map_first(&hs->map, hash); n;
	     n = map_next(n)) {
		struct host *h = container_of(n, struct host, node);

		if (!memcmp(h->ip, ip, 16))
			return h;
	}
	return NULL;
}

struct host *host_find(const struct hosts *hs, const struct addr *a)
{
	uint8_t ip[16];

	key_of(a, ip);
	return find(hs, ip, seed_hash(&hs->seed, ip, sizeof(ip)));
}

struct host *host_add(struct hosts *hs, const struct addr *a,
		      struct list *thing)
{
	struct host *h;
	uint8_t ip[16];
	uint64_t hash;

	key_of(a, ip);
	hash = seed_hash(&hs->seed, ip, sizeof(ip));
	h = find(hs, ip, hash);
	if (!h) {
		h = calloc(1, sizeof(*h));
		if (!h)
			return NULL;
		memcpy(h->ip, ip, sizeof(ip));
		list_init(&h->things);
		map_insert(&hs->map, &h->node, hash);
	}
	list_append(&h->things, thing);
	h->n++;
	return h;
}

void host_leave(struct hosts *hs, struct host *h, struct list *thing)
{
	if (!h)
		return;
	list_remove(thing);
	if (--h->n)
		return;
	map_remove(&hs->map, &h->node);
	free(h);
}

const char *host_text(const struct host *h, char buf[ADDR_TEXT])
{
	struct addr a = {0};

	memcpy(a.ip, h->ip, sizeof(a.ip));
	addr_ip_text(&a, buf);
	if (!addr_is_v4(&a))
		snprintf(buf + strlen(buf), ADDR_TEXT - strlen(buf), "/64");
	return buf;
}
