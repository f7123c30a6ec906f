#include "sniffer/net/tcp.h"

#include <assert.h>
#include <stdlib.h>

/* Further away from the next byte than any window in use: another
 * connection, or a damaged header. */
#define WINDOW (1 << 24)

/* So many of those in a row are where the connection really is. */
#define STRAYS 4

/* A copied segment: its frames and, as long as it waits behind a gap, its
 * payload. */
struct tcp_seg {
	struct tcp_seg *next;
	uint64_t pos, end;
	struct slice payload;
	uint32_t cut; /* bytes that the snap length took off its end */
	size_t size;
	size_t frame_count;
	struct frame frames[];
};

static bool room(const struct tcp_dir *t, struct tcp_mem *m, size_t n)
{
	if (t->held + n <= m->cfg.buffer_bytes &&
	    m->held + n <= m->cfg.total_bytes)
		return true;
	counters_add(m->counters, "tcp.buffer_limit", 1);
	return false;
}

static void charge(struct tcp_dir *t, struct tcp_mem *m, size_t n)
{
	t->held += n;
	m->held += n;
}

static void release(struct tcp_dir *t, struct tcp_mem *m, size_t n)
{
	t->held -= n;
	m->held -= n;
}

static struct slice copy_to(uint8_t **at, struct slice s)
{
	uint8_t *p = *at;

	if (s.len)
		memcpy(p, s.p, s.len);
	*at += s.len;
	return slice_of(p, s.len);
}

static struct tcp_seg *seg_new(struct tcp_dir *t, struct tcp_mem *m,
			       const struct pkt *p, struct slice payload)
{
	size_t size = sizeof(struct tcp_seg) + payload.len;
	struct tcp_seg *s;
	uint8_t *at;

	for (size_t i = 0; i < p->frame_count; i++)
		size += sizeof(struct frame) + p->frames[i].data.len;
	if (!room(t, m, size))
		return NULL;
	s = calloc(1, size);
	if (!s) {
		counters_add(m->counters, "tcp.no_memory", 1);
		return NULL;
	}
	charge(t, m, size);
	s->size = size;
	s->frame_count = p->frame_count;
	at = (uint8_t *)&s->frames[p->frame_count];
	s->payload = copy_to(&at, payload);
	for (size_t i = 0; i < p->frame_count; i++) {
		s->frames[i] = p->frames[i];
		s->frames[i].data = copy_to(&at, p->frames[i].data);
	}
	return s;
}

static void segs_free(struct tcp_dir *t, struct tcp_mem *m,
		      struct tcp_seg **list)
{
	for (struct tcp_seg *s = *list, *next; s; s = next) {
		next = s->next;
		release(t, m, s->size);
		free(s);
	}
	*list = NULL;
}

/* Lets the exposed bytes and their frames go. */
static void discard(struct tcp_dir *t, struct tcp_mem *m)
{
	segs_free(t, m, &t->seen);
	release(t, m, t->buf_size);
	free(t->buf);
	t->buf = NULL;
	t->buf_size = 0;
	t->bytes = (struct slice){0};
	t->pkt = NULL;
}

/* A limit was hit: what is exposed cannot be kept, the stream goes on. */
static void overflow(struct tcp_dir *t, struct tcp_mem *m)
{
	discard(t, m);
	t->resync = true;
}

/* Room for more bytes in buf, with what is exposed in front. */
static bool grow(struct tcp_dir *t, struct tcp_mem *m, size_t more)
{
	size_t need = t->bytes.len + more;
	size_t size = t->buf_size ? t->buf_size : 512;
	uint8_t *buf;

	if (need <= t->buf_size) {
		memmove(t->buf, t->bytes.p, t->bytes.len);
		t->bytes.p = t->buf;
		return true;
	}
	while (size < need)
		size *= 2;
	if (!room(t, m, size - t->buf_size))
		return false;
	buf = malloc(size);
	if (!buf) {
		counters_add(m->counters, "tcp.no_memory", 1);
		return false;
	}
	charge(t, m, size - t->buf_size);
	if (t->bytes.len)
		memcpy(buf, t->bytes.p, t->bytes.len);
	free(t->buf);
	t->buf = buf;
	t->buf_size = size;
	t->bytes.p = buf;
	return true;
}

/* Owned bytes behind the exposed ones. */
static bool append(struct tcp_dir *t, struct tcp_mem *m, struct slice in)
{
	const uint8_t *end = t->bytes.p + t->bytes.len;
	bool fits = t->buf && (size_t)(t->buf + t->buf_size - end) >= in.len;

	if (!fits && !grow(t, m, in.len))
		return false;
	memcpy(t->buf + (t->bytes.p - t->buf) + t->bytes.len, in.p, in.len);
	t->bytes.len += in.len;
	return true;
}

/* The packet at hand continues the stream. */
static void expose(struct tcp_dir *t, struct tcp_mem *m, const struct pkt *p,
		   struct slice in)
{
	if (t->bytes.len && !append(t, m, in))
		overflow(t, m);
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
		if (!append(t, m, s->payload)) {
			overflow(t, m);
			append(t, m, s->payload);
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
	struct tcp_seg *s = seg_new(t, m, p, in);

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
	struct tcp_seg **at = &t->ahead, **behind, *s;

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
	behind = insert(t, m, at, p, pos, in);
	if (!behind)
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
	discard(t, m);
	segs_free(t, m, &t->ahead);
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
	} else if (!keep_ahead(t, m, p, pos, in, cut) && t->ahead) {
		t->gap = true;
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
	if (t->next != before || !t->waiting_ns)
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
	discard(t, m);
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
	if (n > t->bytes.len)
		n = t->bytes.len;
	t->bytes.p += n;
	t->bytes.len -= n;
	t->resync = false;
}

/* Adds those frames that are not in out yet. */
static size_t add_frames(const struct frame *f, size_t count, struct frame *out,
			 size_t n, size_t max)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = n < max ? n : max;

		while (at && out[at - 1].number != f[i].number)
			at--;
		if (at)
			continue;
		if (n < max)
			out[n] = f[i];
		n++;
	}
	return n;
}

static int by_number(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

size_t tcp_frames(const struct tcp_dir *t, size_t n, struct frame *out,
		  size_t max)
{
	uint64_t from = tcp_pos(t), to = from + n;
	size_t count = 0;

	for (const struct tcp_seg *s = t->seen; s; s = s->next)
		if (s->pos < to && s->end > from)
			count = add_frames(s->frames, s->frame_count, out,
					   count, max);
	if (t->pkt && t->pkt_pos < to && t->pkt_end > from)
		count = add_frames(t->pkt->frames, t->pkt->frame_count, out,
				   count, max);
	qsort(out, count < max ? count : max, sizeof(*out), by_number);
	return count;
}

/* Lets the frames go that carried consumed bytes only. */
static void forget_seen(struct tcp_dir *t, struct tcp_mem *m)
{
	uint64_t from = tcp_pos(t);
	struct tcp_seg **at = &t->seen;

	while (*at) {
		struct tcp_seg *s = *at;

		if (s->end > from) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		release(t, m, s->size);
		free(s);
	}
}

/* The frames of the packet at hand, as far as they are still needed. */
static bool keep_frames(struct tcp_dir *t, struct tcp_mem *m)
{
	struct tcp_seg *s;

	if (!t->pkt || t->pkt_end <= tcp_pos(t))
		return true;
	s = seg_new(t, m, t->pkt, (struct slice){0});
	if (!s)
		return false;
	s->pos = t->pkt_pos;
	s->end = t->pkt_end;
	s->next = t->seen;
	t->seen = s;
	return true;
}

void tcp_settle(struct tcp_dir *t, struct tcp_mem *m)
{
	if (!t->bytes.len) {
		discard(t, m);
		return;
	}
	forget_seen(t, m);
	if (!keep_frames(t, m) || (!t->buf && !grow(t, m, 0)))
		overflow(t, m);
	t->pkt = NULL;
}
