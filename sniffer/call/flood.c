#include "sniffer/call/flood.h"

#include <stdlib.h>

#include "sniffer/call/diagnose.h"

#define MINUTE_NS (60 * 1000000000ull)
/* Many hosts together are worth so many times the records of one. */
#define MANY 10

/* One that goes on: by a host, or by many. */
struct flood {
	struct list all;
	struct timer timer; /* of its minute */
	struct calls *calls;
	bool many;
	uint8_t ip[16];
	uint64_t records; /* written */
	uint64_t more;	  /* left out, the one below not among them */
	struct cdr *cdr;  /* NULL: none was left out */
	char name[ADDR_TEXT];
};

static struct flood *find(const struct calls *cs, const struct host *s)
{
	list_each(it, &cs->floods)
	{
		struct flood *f = container_of(it, struct flood, all);

		if (s ? !f->many && !memcmp(f->ip, s->ip, sizeof(f->ip))
		      : f->many)
			return f;
	}
	return NULL;
}

static void flood_free(struct calls *cs, struct flood *f)
{
	timer_stop(cs->timers, &f->timer);
	list_remove(&f->all);
	cs->floods_n -= !f->many;
	cdr_free(f->cdr);
	free(f);
}

/* The record that was kept says what became of the others. */
static void report(struct calls *cs, struct flood *f)
{
	struct cdr *cdr = f->cdr;

	f->cdr = NULL;
	if (!cdr)
		return;
	if (f->more)
		cdr_find(cdr, "flood", "warning", NULL,
			 "%llu more calls of %s, of one message each, were "
			 "given up like this one and have no record",
			 (unsigned long long)f->more, f->name);
	cs->ops->record(cs->arg, cdr);
}

static void on_timer(struct timer *t, uint64_t now_ns, void *arg)
{
	struct flood *f = container_of(t, struct flood, timer);

	(void)now_ns;
	(void)arg;
	report(f->calls, f);
	flood_free(f->calls, f);
}

static struct flood *flood_new(struct calls *cs, const struct host *s,
			       uint64_t now_ns)
{
	struct flood *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->calls = cs;
	f->timer.fire = on_timer;
	f->many = !s;
	if (s) {
		memcpy(f->ip, s->ip, sizeof(f->ip));
		host_text(s, f->name);
	} else {
		memcpy(f->name, "many hosts", sizeof("many hosts"));
	}
	list_append(&cs->floods, &f->all);
	cs->floods_n += !f->many;
	if (!timer_set(cs->timers, &f->timer, now_ns + MINUTE_NS)) {
		flood_free(cs, f);
		return NULL;
	}
	return f;
}

/* That of the host, while there are not too many of them. */
static struct flood *flood_of(struct calls *cs, const struct host *s,
			      uint64_t now_ns)
{
	struct flood *f = find(cs, s);

	if (!f && s && cs->floods_n >= FLOODS_MAX) {
		s = NULL;
		f = find(cs, s);
	}
	return f ? f : flood_new(cs, s, now_ns);
}

static struct cdr *give_up(struct calls *cs, struct call *c, bool wanted)
{
	struct cdr *cdr = calls_give_up(cs, c, wanted);

	if (cdr)
		cdr_find(cdr, "evicted", "warning", NULL,
			 "one message was all of it when its place was needed "
			 "for other calls");
	return cdr;
}

void flood_give_up(struct calls *cs, struct call *c, const struct host *s,
		   uint64_t now_ns)
{
	struct flood *f = flood_of(cs, s, now_ns);
	uint64_t most = cs->cfg.flood_records * (f && f->many ? MANY : 1);
	struct cdr *cdr;

	c->evicted = true;
	counters_add(cs->counters, "call.evicted", 1);
	if (!f || f->records < most) {
		if (f)
			f->records++;
		cdr = give_up(cs, c, true);
		if (cdr)
			cs->ops->record(cs->arg, cdr);
		return;
	}
	cdr = give_up(cs, c, !f->cdr);
	if (cdr) {
		f->cdr = cdr;
		return;
	}
	f->more++;
	counters_add(cs->counters, "call.unrecorded", 1);
}

void floods_end(struct calls *cs)
{
	list_each_safe(it, &cs->floods)
	{
		struct flood *f = container_of(it, struct flood, all);

		report(cs, f);
		flood_free(cs, f);
	}
}

void floods_free(struct calls *cs)
{
	list_each_safe(it, &cs->floods)
		flood_free(cs, container_of(it, struct flood, all));
}
