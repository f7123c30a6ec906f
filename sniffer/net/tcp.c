#include "sniffer/net/tcp.h"

#include <assert.h>

#include "sniffer/net/tcp_hold.h"

/* Further away from the next byte than any window in use: another
 * connection, or a damaged header. */
#define WINDOW (1 << 24)

/* So many of those in a row are where the connection really is. */
#define STRAYS 4

/* The packet at hand continues the stream. */
static void expose(struct tcp_dir *t, struct tcp_mem *m, const struct pkt *p,
		   struct slice in)
{
	if (t->bytes.len && !tcp_hold_append(t, m, in))
		tcp_hold_overflow(t, m);
	if (!t->bytes.len)
		t->bytes = in;
	t->pkt = p;
	t->pkt_pos = t->next;
	t->next += in.len;
	t->pkt_end = t->next;
}

/* The bytes from next on are not in the capture, and will not be. */
static void cut_here(struct tcp_dir *t, struct tcp_mem *m, uint32_t cut)
{
	if (!cut || (t->ahead && t->ahead->pos <= t->next))
		return;
	counters_add(m->counters, "tcp.cut", 1);
	t->gap = true;
	t->gap_end = t->next + cut;
}

/* Moves what a filled gap held up behind the exposed bytes. */
static void drain(struct tcp_dir *t, struct tcp_mem *m)
{
	while (t->ahead && t->ahead->pos <= t->next && !t->gap) {
		struct tcp_seg *s = t->ahead;

		t->ahead = s->next;
		t->ahead_count--;
		if (!tcp_hold_append(t, m, s->payload)) {
			tcp_hold_overflow(t, m);
			tcp_hold_append(t, m, s->payload);
		}
		t->next = s->end;
		s->next = t->seen;
		t->seen = s;
		cut_here(t, m, s->cut);
	}
}

/* One piece in front of *at; where the next one goes, NULL on failure. */
static struct tcp_seg **insert(struct tcp_dir *t, struct tcp_mem *m,
			       struct tcp_seg **at, const struct pkt *p,
			       uint64_t pos, struct slice in)
{
	struct tcp_seg *s = tcp_seg_new(t, m, p, in);

	if (!s)
		return NULL;
	s->pos = pos;
	s->end = pos + in.len;
	s->next = *at;
	*at = s;
	t->ahead_count++;
	return &s->next;
}

/* Holds a segment behind a gap. Of bytes that come twice the first are kept:
 * only what is new goes in, in pieces. */
static bool keep_ahead(struct tcp_dir *t, struct tcp_mem *m,
		       const struct pkt *p, uint64_t pos, struct slice in,
		       uint32_t cut)
{
	struct tcp_seg **at = &t->ahead, *s;

	for (; (s = *at) && in.len; at = &s->next) {
		uint64_t before = pos < s->pos ? s->pos - pos : 0;
		uint64_t done = pos < s->end ? s->end - pos : 0;

		if (before) {
			at = insert(t, m, at, p, pos, slice_head(in, before));
			if (!at)
				return false;
		}
		in = slice_from(in, done);
		pos += done;
	}
	if (!in.len)
		return true;
	if (!insert(t, m, at, p, pos, in))
		return false;
	(*at)->cut = cut;
	return true;
}

static void start(struct tcp_dir *t, uint32_t seq)
{
	t->next = (1ull << 32) + seq;
	t->started = true;
}

/* Free of everything; times and flags as new. */
void tcp_close(struct tcp_dir *t, struct tcp_mem *m)
{
	tcp_hold_drop(t, m);
	tcp_segs_free(t, m, &t->ahead);
	*t = (struct tcp_dir){0};
}

void tcp_ignore(struct tcp_dir *t, struct tcp_mem *m)
{
	tcp_close(t, m);
	t->ignored = true;
}

static uint64_t pos_of(const struct tcp_dir *t, uint32_t seq)
{
	return t->next + (uint64_t)(int64_t)(int32_t)(seq - (uint32_t)t->next);
}

static bool in_window(const struct tcp_dir *t, uint64_t pos)
{
	return pos + WINDOW >= t->next && pos <= t->next + WINDOW;
}

/* seq: behind the SYN. It may be a copy, or come late; else the ports are
 * used by a new connection. */
static void on_syn(struct tcp_dir *t, struct tcp_mem *m, uint32_t seq)
{
	uint64_t pos = pos_of(t, seq);

	if (t->started && t->isn == pos)
		return;
	if (!t->started || t->isn || t->over || pos > t->next ||
	    !in_window(t, pos)) {
		tcp_close(t, m);
		start(t, seq);
	}
	t->isn = pos_of(t, seq);
}

/* True: to be left out. */
static bool stray(struct tcp_dir *t, struct tcp_mem *m, uint32_t seq)
{
	if (in_window(t, pos_of(t, seq))) {
		t->strays = 0;
		return false;
	}
	if (++t->strays < STRAYS) {
		counters_add(m->counters, "tcp.out_of_window", 1);
		return true;
	}
	counters_add(m->counters, "tcp.gap", 1);
	tcp_close(t, m);
	start(t, seq);
	t->resync = true;
	return false;
}

/* No room to wait for what is missing. */
static void give_up(struct tcp_dir *t, struct tcp_mem *m, const struct pkt *p,
		    uint64_t pos, struct slice in)
{
	if (t->ahead) {
		t->gap = true;
		return;
	}
	counters_add(m->counters, "tcp.gap", 1);
	tcp_hold_overflow(t, m);
	t->next = pos;
	expose(t, m, p, in);
}

static void accept_data(struct tcp_dir *t, struct tcp_mem *m,
			const struct pkt *p, uint32_t seq)
{
	struct slice in = p->payload;
	uint32_t cut = 0;
	uint64_t pos;

	if (p->payload_wire > in.len)
		cut = p->payload_wire - (uint32_t)in.len;
	if (!t->started) {
		start(t, seq);
		t->resync = true;
	}
	if (stray(t, m, seq))
		return;
	pos = pos_of(t, seq);
	if (pos < t->next) {
		if (t->next - pos >= in.len)
			return;
		in = slice_from(in, t->next - pos);
		pos = t->next;
	}
	if (pos == t->next && (!t->ahead || pos + in.len <= t->ahead->pos)) {
		expose(t, m, p, in);
		cut_here(t, m, cut);
	} else if (!keep_ahead(t, m, p, pos, in, cut)) {
		give_up(t, m, p, pos, in);
	}
	drain(t, m);
}

/* Is it time to give the bytes before ahead up? */
static void judge(struct tcp_dir *t, struct tcp_mem *m)
{
	if (!t->ahead || t->gap)
		return;
	if (!t->over && t->ahead_count <= m->cfg.gap_segments &&
	    t->last_ns - t->waiting_ns <= m->cfg.gap_ns)
		return;
	t->gap = true;
}

static bool look(const struct tcp_dir *t)
{
	return t->bytes.len || t->gap || tcp_ended(t);
}

static void on_flags(struct tcp_dir *t, const struct pkt *p, uint32_t seq)
{
	uint64_t end = pos_of(t, seq) + p->payload_wire;
	bool rst = p->tcp_flags & PKT_TCP_RST;
	bool fin = p->tcp_flags & PKT_TCP_FIN;

	if (!t->started)
		t->over = rst || fin;
	else if (rst && in_window(t, end))
		t->over = true;
	else if (fin && !t->fin && in_window(t, end))
		t->fin = end;
}

static void advance_clock(struct tcp_dir *t, uint64_t now_ns)
{
	if (now_ns > t->last_ns)
		t->last_ns = now_ns;
}

bool tcp_push(struct tcp_dir *t, struct tcp_mem *m, const struct pkt *p)
{
	uint32_t seq = p->tcp_seq;
	bool waited = t->ahead;
	uint64_t before;

	assert(!t->pkt);
	if (t->ignored && !(p->tcp_flags & PKT_TCP_SYN))
		return false;
	while (tcp_skip(t, m))
		;
	if (p->tcp_flags & PKT_TCP_SYN)
		on_syn(t, m, ++seq);
	advance_clock(t, p->ts_ns);
	before = t->next;
	if (p->payload_wire && !(p->tcp_flags & PKT_TCP_RST))
		accept_data(t, m, p, seq);
	if (t->next != before || !waited)
		t->waiting_ns = t->last_ns;
	on_flags(t, p, seq);
	judge(t, m);
	return look(t);
}

bool tcp_expire(struct tcp_dir *t, struct tcp_mem *m, uint64_t now_ns)
{
	if (!t->ahead)
		return false;
	advance_clock(t, now_ns);
	judge(t, m);
	return t->gap;
}

bool tcp_finish(struct tcp_dir *t, struct tcp_mem *m)
{
	if (t->ignored)
		return false;
	t->over = true;
	judge(t, m);
	return look(t);
}

bool tcp_skip(struct tcp_dir *t, struct tcp_mem *m)
{
	uint64_t to = t->gap_end;

	if (!t->gap)
		return false;
	if (!to)
		counters_add(m->counters, "tcp.gap", 1);
	if (t->ahead && (!to || t->ahead->pos < to))
		to = t->ahead->pos;
	tcp_hold_drop(t, m);
	t->gap = false;
	t->gap_end = 0;
	t->next = to;
	t->resync = true;
	t->waiting_ns = t->last_ns;
	drain(t, m);
	judge(t, m);
	return true;
}

void tcp_consume(struct tcp_dir *t, size_t n)
{
	tcp_garbage(t, n);
	t->resync = false;
}

void tcp_garbage(struct tcp_dir *t, size_t n)
{
	t->bytes = slice_from(t->bytes, n);
}
