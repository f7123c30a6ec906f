/* What the packets tell of the mirror port: both directions, and once? */
#include "sniffer/engine/engine_priv.h"

#include <stdlib.h>

#include "dissectors/rtcp.h"
#include "sniffer/net/mirror_sides.h"
#include "sniffer/net/mirror_twice.h"

#define WINDOW_NS (60 * 1000000000ull)

/* Flows of UDP tell now and then that there is somebody: the first time after
 * so many packets, then after each so many. */
enum {
	TELL_AT = 8,
	TELL_EACH = 1024,
};

struct engine_mirror {
	uint64_t due_ns; /* 0: no packet yet */
	struct mirror verdict;
	struct mirror_sides sides;
	struct mirror_twice twice;
};

/* Without memory the mirror is not looked at, no more. */
void engine_mirror_begin(struct engine *e)
{
	e->mirror = calloc(1, sizeof(*e->mirror));
}

void engine_mirror_end(struct engine *e)
{
	free(e->mirror);
	e->mirror = NULL;
}

void engine_mirror_judge(struct engine *e)
{
	struct engine_mirror *m = e->mirror;
	bool sides, twice;

	if (!m)
		return;
	sides = sides_judge(&m->sides, &m->verdict);
	twice = twice_judge(&m->twice, &m->verdict);
	m->verdict.judged += sides || twice;
}

static bool is_rtcp(const struct pkt *p)
{
	struct slice s = p->payload;

	return s.len >= 8 && (s.p[1] == RTCP_SR || s.p[1] == RTCP_RR);
}

/* For every packet: most of them are none of our business. */
static bool matters(const struct engine_mirror *m, const struct engine *e,
		    const struct flow *f, int dir, const struct pkt *p)
{
	uint64_t n = f->packets[dir];

	return e->now_ns >= m->due_ns || twice_wants(p) || is_rtcp(p) ||
	       n % TELL_EACH == TELL_AT || n + f->packets[!dir] == SIDES_TCP_AT;
}

static void flow_packet(struct engine_mirror *m, const struct flow *f, int dir,
			const struct pkt *p)
{
	uint64_t n = f->packets[dir], other = f->packets[!dir];

	if (p->proto == PKT_TCP && n + other == SIDES_TCP_AT)
		sides_tcp(&m->sides, p, other);
	else if (p->proto == PKT_UDP && is_rtcp(p) && rtcp_looks(p->payload))
		sides_rtcp(&m->sides, p);
	else if (p->proto == PKT_UDP && n % TELL_EACH == TELL_AT)
		sides_media(&m->sides, p);
}

/* Out of the way of all others. */
static void look(struct engine *e, const struct flow *f, int dir,
		 const struct pkt *p) __attribute__((noinline));

static void look(struct engine *e, const struct flow *f, int dir,
		 const struct pkt *p)
{
	struct engine_mirror *m = e->mirror;

	if (e->now_ns >= m->due_ns) {
		if (m->due_ns)
			engine_mirror_judge(e);
		m->due_ns = e->now_ns + WINDOW_NS;
	}
	if (twice_wants(p))
		twice_look(&m->twice, p);
	flow_packet(m, f, dir, p);
}

void engine_mirror_packet(struct engine *e, const struct flow *f, int dir,
			  const struct pkt *p)
{
	if (e->mirror && matters(e->mirror, e, f, dir, p))
		look(e, f, dir, p);
}

void engine_mirror_sip(struct engine *e, const struct pkt *p,
		       const struct sip_msg *m)
{
	if (e->mirror)
		sides_sip(&e->mirror->sides, p, m);
}

const struct mirror *engine_mirror(const struct engine *e)
{
	static const struct mirror none;

	return e->mirror ? &e->mirror->verdict : &none;
}
