#include "sniffer/net/tcp_hold.h"

#include <assert.h>
#include <stdlib.h>

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

struct tcp_seg *tcp_seg_new(struct tcp_dir *t, struct tcp_mem *m,
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
		s->frames[i].block = NULL;
	}
	return s;
}

void tcp_segs_free(struct tcp_dir *t, struct tcp_mem *m, struct tcp_seg **list)
{
	for (struct tcp_seg *s = *list, *next; s; s = next) {
		next = s->next;
		release(t, m, s->size);
		free(s);
	}
	*list = NULL;
}

void tcp_hold_drop(struct tcp_dir *t, struct tcp_mem *m)
{
	tcp_segs_free(t, m, &t->seen);
	release(t, m, t->buf_size);
	free(t->buf);
	t->buf = NULL;
	t->buf_size = 0;
	t->bytes = (struct slice){0};
	t->pkt = NULL;
}

void tcp_hold_overflow(struct tcp_dir *t, struct tcp_mem *m)
{
	tcp_hold_drop(t, m);
	t->resync = true;
}

/* Room for more bytes in buf, with what is exposed in front. */
static bool grow(struct tcp_dir *t, struct tcp_mem *m, size_t more)
{
	size_t need = t->bytes.len + more;
	size_t size = t->buf_size ? t->buf_size : 512;
	uint8_t *buf;

	if (t->buf && need <= t->buf_size) {
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

bool tcp_hold_append(struct tcp_dir *t, struct tcp_mem *m, struct slice in)
{
	size_t end = t->bytes.len;

	if (!in.len)
		return true;
	if (t->buf)
		end += (size_t)(t->bytes.p - t->buf);
	if (end + in.len > t->buf_size) {
		if (!grow(t, m, in.len))
			return false;
		end = t->bytes.len;
	}
	assert(t->buf);
	memcpy(t->buf + end, in.p, in.len);
	t->bytes.len += in.len;
	return true;
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
	s = tcp_seg_new(t, m, t->pkt, (struct slice){0});
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
		tcp_hold_drop(t, m);
		return;
	}
	forget_seen(t, m);
	if (!keep_frames(t, m) || (!t->buf && !grow(t, m, 0)))
		tcp_hold_overflow(t, m);
	t->pkt = NULL;
}
