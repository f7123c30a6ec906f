#include "sniffer/base/map.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct seed seed_random(void)
{
	struct seed s;

	if (getrandom(&s, sizeof(s), 0) == sizeof(s))
		return s;
	s.k0 = (uint64_t)time(NULL);
	s.k1 = (uint64_t)getpid();
	return s;
}

static uint64_t rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* SipHash-1-3 (Aumasson, Bernstein); host byte order is good enough here. */
uint64_t seed_hash(const struct seed *seed, const void *data, size_t len)
{
	uint64_t v[4] = {
		seed->k0 ^ 0x736f6d6570736575u, seed->k1 ^ 0x646f72616e646f6du,
		seed->k0 ^ 0x6c7967656e657261u, seed->k1 ^ 0x7465646279746573u};
	const uint8_t *p = data;
	uint64_t m, left = len;

	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&m, p, 8);
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	m = (uint64_t)len << 56;
	for (uint64_t i = 0; i < left; i++)
		m |= (uint64_t)p[i] << (8 * i);
	v[3] ^= m;
	sip_round(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* seed_hash() of fifteen bytes in two words, without the loops. */
uint64_t seed_hash15(const struct seed *seed, uint64_t a, uint64_t b)
{
	uint64_t v[4] = {
		seed->k0 ^ 0x736f6d6570736575u, seed->k1 ^ 0x646f72616e646f6du,
		seed->k0 ^ 0x6c7967656e657261u, seed->k1 ^ 0x7465646279746573u};

	b = (b & 0x00ffffffffffffffu) | 15ull << 56;
	v[3] ^= a;
	sip_round(v);
	v[0] ^= a;
	v[3] ^= b;
	sip_round(v);
	v[0] ^= b;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

int map_init(struct map *m, size_t buckets)
{
	size_t n = 16;

	while (n < buckets)
		n *= 2;
	m->bucket = calloc(n, sizeof(struct map_node *));
	if (!m->bucket)
		return -ENOMEM;
	m->mask = n - 1;
	m->count = 0;
	return 0;
}

void map_close(struct map *m)
{
	free(m->bucket);
	*m = (struct map){0};
}

/* Moves the chains over from last to first, so that their order stays. */
static void grow(struct map *m)
{
	size_t size = (m->mask + 1) * 2;
	struct map_node **old = m->bucket;
	struct map_node **bucket = calloc(size, sizeof(*bucket));

	if (!bucket)
		return;
	for (size_t i = 0; i <= m->mask; i++) {
		struct map_node **tail[2] = {&bucket[i],
					     &bucket[i + m->mask + 1]};

		for (struct map_node *n = old[i], *next; n; n = next) {
			bool upper = n->hash & (m->mask + 1);

			next = n->next;
			n->next = NULL;
			n->at = tail[upper];
			*tail[upper] = n;
			tail[upper] = &n->next;
		}
	}
	free(old);
	m->bucket = bucket;
	m->mask = size - 1;
}

void map_insert(struct map *m, struct map_node *n, uint64_t hash)
{
	struct map_node **head;

	if (m->count > m->mask)
		grow(m);
	head = &m->bucket[hash & m->mask];
	n->hash = hash;
	n->next = *head;
	n->at = head;
	if (n->next)
		n->next->at = &n->next;
	*head = n;
	m->count++;
}

/* However many nodes have the same hash. */
void map_remove(struct map *m, struct map_node *n)
{
	if (!n->at)
		return;
	*n->at = n->next;
	if (n->next)
		n->next->at = n->at;
	n->next = NULL;
	n->at = NULL;
	m->count--;
}
