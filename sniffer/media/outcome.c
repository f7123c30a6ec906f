#include "sniffer/media/outcome.h"

/* A cluster is over: alone, its one loss belongs to the gap around it. */
static void close_cluster(struct outcome *o)
{
	if (o->cluster < 2)
		return;
	o->bursts++;
	o->burst_len += o->last - o->first + 1;
	o->burst_lost += o->cluster;
}

static void burst_lost(struct outcome *o)
{
	if (!o->cluster || o->n - o->last - 1 >= OUTCOME_GMIN) {
		close_cluster(o);
		o->cluster = 0;
		o->first = o->n;
	}
	o->cluster++;
	o->last = o->n;
}

static void count_run(struct outcome *o)
{
	if (o->run)
		o->loss_runs[(o->run < OUTCOME_RUNS ? o->run : OUTCOME_RUNS) -
			     1]++;
	o->run = 0;
}

unsigned outcome_put(struct outcome *o, uint8_t flags, unsigned *runs)
{
	unsigned lost = ~(unsigned)flags & SEQ_ALL;

	*runs = 0;
	for (unsigned v = 0; v < VIEWS && lost >> v; v++) {
		struct outcome_loss *l = &o->view[v];

		if (!(lost >> v & 1))
			continue;
		if (!l->lost || l->next != o->n) {
			l->runs++;
			*runs |= 1u << v;
			if (v == VIEW_NETWORK)
				count_run(o);
		}
		l->lost++;
		l->next = o->n + 1;
	}
	if (lost & 1u << VIEW_NETWORK)
		o->run++;
	if (lost & 1u << VIEW_ADAPTIVE)
		burst_lost(o);
	o->n++;
	return lost;
}

void outcome_end(struct outcome *o)
{
	count_run(o);
	close_cluster(o);
	o->cluster = 0;
}

double outcome_burst_r(uint64_t n, uint64_t lost, uint64_t runs)
{
	double r;

	if (!lost || !runs || lost >= n)
		return 1;
	r = (double)lost / (double)runs * (1 - (double)lost / (double)n);
	return r < 1 ? 1 : r;
}

/* The beginning and the end of the stream count as good. There is a gap
 * before, between and after the bursts. */
void outcome_bursts(const struct outcome *o, struct outcome_burst *out)
{
	uint64_t gap_len = o->n - o->burst_len;
	uint64_t gap_lost = o->view[VIEW_ADAPTIVE].lost - o->burst_lost;

	*out = (struct outcome_burst){0};
	if (gap_len) {
		out->gap_loss_pct = 100.0 * (double)gap_lost / (double)gap_len;
		out->gap_len = (double)gap_len / (double)(o->bursts + 1);
	}
	if (o->bursts) {
		out->burst_loss_pct =
			100.0 * (double)o->burst_lost / (double)o->burst_len;
		out->burst_len = (double)o->burst_len / (double)o->bursts;
	}
}
