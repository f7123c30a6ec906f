/*
 * Media on several threads: real ones. What comes of it is held against the
 * same without workers.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/base/block.h"
#include "sniffer/media/crew.h"
#include "tests/run_suite.h"

#define MS 1000000ull
#define T0 (1700000000ull * 1000 * MS)

enum {
	GROUPS = 12,
	PACKETS = 400, /* of each flow */
	RTP_LEN = 172,
	FRAME_LEN = 42 + RTP_LEN,
};

static const char uid[CDR_UID] = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/* --- a spool that counts, and may be slow --------------------------------- */

struct spool_file {
	uint64_t bytes;
	uint32_t sum; /* over the bytes, in order */
};

struct counting {
	sem_t slow;	      /* append() waits while it is taken */
	pthread_mutex_t lock; /* of the rest */
	struct spool_file last;
	unsigned finished;
};

static int append(void *arg, struct spool_file **file, const char *name,
		  const struct record_chunk *chunk)
{
	struct counting *c = arg;

	(void)name;
	sem_wait(&c->slow);
	sem_post(&c->slow);
	if (!*file)
		*file = calloc(1, sizeof(**file));
	(*file)->bytes += chunk->bytes.len;
	for (size_t i = 0; i < chunk->bytes.len; i++)
		(*file)->sum = (*file)->sum * 31 + chunk->bytes.p[i];
	return 0;
}

static int finish(void *arg, struct spool_file *file, const char *name,
		  uint64_t last_ns, uint64_t packets, char *path,
		  size_t path_size)
{
	struct counting *c = arg;

	(void)name;
	(void)last_ns;
	(void)packets;
	(void)path_size;
	pthread_mutex_lock(&c->lock);
	c->last = *file;
	c->finished++;
	pthread_mutex_unlock(&c->lock);
	strcpy(path, "x");
	free(file);
	return 0;
}

static void discard(void *arg, struct spool_file *file)
{
	(void)arg;
	free(file);
}

static int concat(void *arg, struct spool_file *dst, struct spool_file *src)
{
	(void)arg;
	dst->bytes += src->bytes;
	dst->sum = dst->sum * 31 + src->sum;
	free(src);
	return 0;
}

static const struct spool_ops counting_ops = {.append = append,
					      .finish = finish,
					      .discard = discard,
					      .concat = concat};

/* --- a crew and its groups -------------------------------------------------
 */

static struct bench {
	struct crew *crew;
	struct counters counters;
	struct counting spool;
	uint8_t frame[FRAME_LEN];
} b;

static void begin(unsigned workers, bool wait)
{
	const struct crew_config cc = {workers, wait};
	const struct media_config mc = {
		.flow_streams = 8,
		.sensor = SLICE_INIT("test"),
		.record = {RECORD_ALL, 1 << 20, 4096, 0},
	};

	b = (struct bench){.spool = {.lock = PTHREAD_MUTEX_INITIALIZER}};
	sem_init(&b.spool.slow, 0, 1);
	b.crew = crew_new(&cc, &mc, &counting_ops, &b.spool, &b.counters);
	ck_assert_ptr_nonnull(b.crew);
	ck_assert_uint_eq(crew_workers(b.crew), workers);
}

static void end(void)
{
	ck_assert_uint_eq(crew_memory(b.crew).open, 0);
	ck_assert_uint_eq(crew_memory(b.crew).streams, 0);
	ck_assert_uint_eq(crew_memory(b.crew).recording, 0);
	crew_free(b.crew);
}

static struct addr host(unsigned n, uint16_t port)
{
	const uint8_t ip[4] = {192, 0, 2, (uint8_t)n};

	return addr_v4(ip, port);
}

static void open_flow(struct crew_group *g, struct crew_flow *f, unsigned n)
{
	const struct addr x = host(1, (uint16_t)(4000 + n)), y = host(2, 5000);

	ck_assert(crew_flow_open(g, f, &x, &y));
}

/* A frame whose bytes are gone afterwards. */
static struct media_pkt packet(struct frame *f, uint32_t ssrc, unsigned i)
{
	uint8_t *rtp = b.frame + 42;
	uint32_t ts = i * 160;

	memset(b.frame, (int)i, sizeof(b.frame));
	memset(rtp, 0, 12);
	rtp[0] = 0x80;
	rtp[1] = 8;
	rtp[2] = (uint8_t)(i >> 8);
	rtp[3] = (uint8_t)i;
	for (unsigned k = 0; k < 4; k++) {
		rtp[4 + k] = (uint8_t)(ts >> (24 - 8 * k));
		rtp[8 + k] = (uint8_t)(ssrc >> (24 - 8 * k));
	}
	*f = (struct frame){.data = slice_of(b.frame, sizeof(b.frame)),
			    .ts_ns = T0 + i * 20 * MS,
			    .number = i + 1,
			    .wire_len = sizeof(b.frame),
			    .linktype = 1,
			    .ts_digits = 6};
	return (struct media_pkt){.frames = f,
				  .frame_count = 1,
				  .ts_ns = f->ts_ns,
				  .payload = slice_of(rtp, RTP_LEN),
				  .payload_wire = RTP_LEN,
				  .vlan = CDR_NO_U32};
}

static void rtp(struct crew_group *g, struct crew_flow *f, unsigned dir,
		uint32_t ssrc, unsigned i)
{
	struct frame frame;
	struct media_pkt p = packet(&frame, ssrc, i);

	crew_flow_rtp(g, f, dir, &p);
	memset(b.frame, 0xee, sizeof(b.frame));
}

struct came {
	size_t streams;
	uint64_t packets, last_packet, stream_packets, lost;
	double jitter;
	struct spool_file file;
};

static struct came close_group(struct crew_group *g)
{
	struct arena *mem = arena_new(4096, 0);
	struct crew_close c = {.mem = mem};
	struct came came = {0};

	memcpy(c.uid, uid, sizeof(uid));
	crew_group_close(g, &c);
	crew_wait_closed(&c);
	ck_assert(crew_closed(&c));
	came.streams = c.result.streams_n;
	came.packets = c.result.packets;
	came.last_packet = c.result.last_packet;
	for (size_t i = 0; i < came.streams; i++) {
		came.stream_packets += c.result.streams[i].packets;
		came.lost += c.result.streams[i].lost;
		came.jitter += c.result.streams[i].jitter_ms.mean;
	}
	came.file = b.spool.last;
	arena_free(mem);
	return came;
}

static void same(const struct came *x, const struct came *y)
{
	ck_assert_uint_eq(x->streams, y->streams);
	ck_assert_uint_eq(x->packets, y->packets);
	ck_assert_uint_eq(x->last_packet, y->last_packet);
	ck_assert_uint_eq(x->stream_packets, y->stream_packets);
	ck_assert_uint_eq(x->lost, y->lost);
	ck_assert(x->jitter == y->jitter);
	ck_assert_uint_eq(x->file.bytes, y->file.bytes);
	ck_assert_uint_eq(x->file.sum, y->file.sum);
}

/* --- the same with any number of workers -----------------------------------
 */

static const unsigned crews[] = {1, 2, 3, 7, 64};

static void all_groups(unsigned workers, struct came came[GROUPS])
{
	struct crew_group g[GROUPS];
	struct crew_flow f[GROUPS];

	begin(workers, true);
	for (unsigned i = 0; i < GROUPS; i++) {
		ck_assert(crew_group_new(b.crew, &g[i]));
		open_flow(&g[i], &f[i], i);
		if (i % 2)
			crew_group_keep(&g[i], uid);
	}
	for (unsigned n = 0; n < PACKETS; n++) {
		for (unsigned i = 0; i < GROUPS; i++)
			if (n % (i + 7))
				rtp(&g[i], &f[i], n % 2, i + n % 2, n);
		if (n % 64 == 63)
			crew_wake(b.crew);
	}
	for (unsigned i = 0; i < GROUPS; i++) {
		ck_assert_uint_eq(crew_group_first_ns(&g[i]),
				  T0 + (i ? 20 : 20) * MS);
		ck_assert_uint_gt(crew_flow_last_ns(&g[i], &f[i]), T0);
		ck_assert_uint_eq(crew_group_last_ns(&g[i]),
				  crew_flow_last_ns(&g[i], &f[i]));
		came[i] = close_group(&g[i]);
	}
	end();
}

START_TEST(the_same)
{
	struct came alone[GROUPS], crew[GROUPS];

	all_groups(0, alone);
	all_groups(crews[_i], crew);
	ck_assert_uint_gt(alone[0].stream_packets, 300);
	ck_assert_uint_gt(alone[0].lost, 0);
	for (unsigned i = 0; i < GROUPS; i++)
		same(&alone[i], &crew[i]);
}
END_TEST

/* What is asked of it in between, and groups that become one. */
static struct came moved(unsigned workers)
{
	struct crew_group g[3];
	struct crew_flow f[4];
	struct media_side side[2];
	bool gone;

	begin(workers, true);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert(crew_group_new(b.crew, &g[i]));
		open_flow(&g[i], &f[i], i);
	}
	open_flow(&g[0], &f[3], 3);
	for (unsigned n = 0; n < 100; n++)
		for (unsigned i = 0; i < 4; i++)
			rtp(&g[i % 3], &f[i], 0, i, n);
	ck_assert(crew_flow_heard(&g[1], &f[1], 0));
	ck_assert(!crew_flow_heard(&g[1], &f[1], 1));
	ck_assert(crew_flow_has(&g[0], &f[3], 0, 3));
	ck_assert(!crew_flow_has(&g[0], &f[3], 0, 4));
	ck_assert(crew_flow_goes_on(&g[2], &f[2], 0, 2, 100, T0 + 2000 * MS));
	ck_assert_uint_eq(crew_group_packets(&g[0]), 200);
	/* One of two flows, then what is left. */
	crew_flow_move(&g[0], &f[3], &g[1], &gone);
	ck_assert(!gone);
	ck_assert_uint_eq(crew_group_packets(&g[0]), 100);
	ck_assert_uint_eq(crew_group_packets(&g[1]), 200);
	crew_flow_move(&g[2], &f[2], &g[1], &gone);
	ck_assert(gone);
	for (unsigned n = 100; n < 200; n++) {
		rtp(&g[0], &f[0], 0, 0, n);
		for (unsigned i = 1; i < 4; i++)
			rtp(&g[1], &f[i], 0, i, n);
	}
	crew_group_take(&g[1], &g[0]);
	crew_flow_twins(&g[1], &f[0], &f[1], false);
	for (unsigned n = 200; n < 300; n++)
		for (unsigned i = 0; i < 4; i++)
			rtp(&g[1], &f[i], 0, i, n);
	ck_assert_uint_eq(crew_group_packets(&g[1]), 1200);
	ck_assert_uint_eq(crew_group_first_ns(&g[1]), T0);
	ck_assert_uint_eq(crew_group_last_ns(&g[1]), T0 + 299 * 20 * MS);
	crew_group_glance(&g[1], side);
	return close_group(&g[1]);
}

START_TEST(moved_to_another)
{
	struct came alone = moved(0), crew;

	end();
	crew = moved(crews[_i]);
	ck_assert_uint_eq(alone.streams, 4);
	same(&alone, &crew);
	end();
}
END_TEST

/* --- what crosses ----------------------------------------------------------
 */

/* Frames of a datagram that was put together, and what lies in no frame. */
static struct came odd(unsigned workers)
{
	struct crew_group g;
	struct crew_flow f;
	struct frame frames[3];
	struct media_pkt p;
	uint8_t apart[RTP_LEN];

	begin(workers, true);
	ck_assert(crew_group_new(b.crew, &g));
	open_flow(&g, &f, 0);
	for (unsigned n = 0; n < 50; n++) {
		p = packet(&frames[0], 1, n);
		memcpy(apart, p.payload.p, RTP_LEN);
		frames[1] = frames[2] = frames[0];
		for (unsigned k = 0; k < 3; k++) {
			frames[k].data = slice_of(b.frame + 50 * k, 50);
			frames[k].number = 3 * n + k + 1;
		}
		p.frame_count = 3;
		p.payload = slice_of(apart, RTP_LEN);
		crew_flow_rtp(&g, &f, 0, &p);
		crew_group_frames(&g, frames, 2);
		p.frame_count = 0; /* of TLS, say */
		crew_flow_other(&g, &f, 1, &p);
		memset(apart, 0xff, sizeof(apart));
		memset(b.frame, 0xff, sizeof(b.frame));
	}
	return close_group(&g);
}

START_TEST(odd_packets)
{
	struct came alone = odd(0), crew;

	end();
	crew = odd(2);
	ck_assert_uint_eq(alone.stream_packets, 50);
	ck_assert_uint_eq(alone.packets, 200);
	same(&alone, &crew);
	end();
}
END_TEST

/* Larger than what the ring copies. */
START_TEST(large_frame)
{
	const size_t len = 200000;
	uint8_t *bytes = calloc(1, len);
	struct frame f = {.data = slice_of(bytes, len),
			  .ts_ns = T0,
			  .number = 1,
			  .linktype = 1,
			  .ts_digits = 6};
	struct crew_group g;
	struct came came;

	begin(1, true);
	ck_assert(crew_group_new(b.crew, &g));
	for (unsigned i = 0; i < 3; i++) {
		f.number++;
		crew_group_frames(&g, &f, 1);
	}
	free(bytes);
	came = close_group(&g);
	ck_assert_uint_eq(came.packets, 3);
	ck_assert_uint_eq(came.file.bytes, 3 * (len + 16));
	end();
}
END_TEST

START_TEST(blocks_are_let_go)
{
	struct block_pool *pool = block_pool_new(1 << 16, 2);
	struct block *block = block_take(pool);
	struct crew_group g;
	struct crew_flow f;
	struct frame frame;
	struct media_pkt p;
	struct came came;

	begin(2, true);
	ck_assert(crew_group_new(b.crew, &g));
	open_flow(&g, &f, 0);
	for (unsigned n = 0; n < 200; n++) {
		p = packet(&frame, 1, n);
		memcpy(block->data + n * FRAME_LEN, b.frame, FRAME_LEN);
		frame.data.p = block->data + n * FRAME_LEN;
		frame.block = block;
		p.payload.p = frame.data.p + 42;
		crew_flow_rtp(&g, &f, 0, &p);
	}
	block_drop(block, 1); /* the source reads on */
	came = close_group(&g);
	ck_assert_uint_eq(came.stream_packets, 200);
	ck_assert_uint_eq(block_pool_used(pool), 0);
	block_pool_free(pool);
	end();
}
END_TEST

/* --- full rings -------------------------------------------------------------
 */

/* The worker stands still: live, media is dropped and counted, and what must
 * not get lost has its room. */
START_TEST(full_ring_live)
{
	const unsigned sent = 60000, frames = 1000;
	struct crew_group g;
	struct crew_flow f;
	struct frame frame;
	struct came came;

	begin(1, false);
	ck_assert(crew_group_new(b.crew, &g));
	open_flow(&g, &f, 0);
	crew_group_keep(&g, uid);
	sem_wait(&b.spool.slow);
	for (unsigned n = 0; n < sent; n++)
		rtp(&g, &f, 0, 1, n);
	ck_assert_uint_gt(crew_dropped(b.crew), sent / 4);
	packet(&frame, 1, 0);
	for (unsigned n = 0; n < frames; n++) {
		frame.number = sent + n + 1;
		crew_group_frames(&g, &frame, 1);
	}
	sem_post(&b.spool.slow);
	ck_assert_uint_eq(crew_group_packets(&g) + crew_dropped(b.crew),
			  sent + frames);
	came = close_group(&g);
	ck_assert_uint_eq(came.packets + crew_dropped(b.crew), sent + frames);
	end();
}
END_TEST

static void *let_go_later(void *arg)
{
	struct crew_load l = {0};
	struct crew *crew = arg;

	while (crew_load(crew, 0, &l) && l.used < l.size / 2)
		sched_yield();
	sem_post(&b.spool.slow);
	return NULL;
}

/* With files the core waits. */
START_TEST(full_ring_of_a_file)
{
	const unsigned sent = 60000;
	struct crew_group g;
	struct crew_flow f;
	struct came came;
	pthread_t t;

	begin(1, true);
	ck_assert(crew_group_new(b.crew, &g));
	open_flow(&g, &f, 0);
	crew_group_keep(&g, uid);
	sem_wait(&b.spool.slow);
	ck_assert_int_eq(pthread_create(&t, NULL, let_go_later, b.crew), 0);
	for (unsigned n = 0; n < sent; n++)
		rtp(&g, &f, 0, 1, n);
	pthread_join(t, NULL);
	came = close_group(&g);
	ck_assert_uint_eq(crew_dropped(b.crew), 0);
	ck_assert_uint_eq(came.packets, sent);
	end();
}
END_TEST

/* --- the rest ----------------------------------------------------------------
 */

static void heard(void *arg, const struct media_payload *p)
{
	(void)arg;
	(void)p;
}

/* Nobody is told things by several threads. */
START_TEST(who_listens_is_alone)
{
	const struct crew_config cc = {4, true};
	const struct media_config mc = {.heard = heard,
					.record = {.what = RECORD_NONE}};
	struct counters counters = {0};
	struct crew_load l;
	struct crew *c = crew_new(&cc, &mc, NULL, NULL, &counters);

	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(crew_workers(c), 0);
	ck_assert(!crew_load(c, 0, &l));
	crew_free(c);
	crew_free(NULL);
}
END_TEST

START_TEST(faults_are_counted)
{
	struct counters all = {0};
	struct crew_group g;
	struct crew_flow f;
	struct frame frame;
	struct media_pkt p;

	begin(3, true);
	ck_assert(crew_group_new(b.crew, &g));
	open_flow(&g, &f, 0);
	p = packet(&frame, 1, 1);
	b.frame[42] = 0;
	crew_flow_rtp(&g, &f, 0, &p);
	crew_flow_rtcp(&g, &f, 0, &p);
	p = packet(&frame, 1, 1);
	for (uint32_t ssrc = 0; ssrc < 9; ssrc++)
		rtp(&g, &f, 0, ssrc, 1);
	crew_quiet(b.crew);
	counters_add(&all, "rtp.bad_header", 1);
	crew_counters(b.crew, &all);
	ck_assert_uint_eq(counters_get(&all, "rtp.bad_header"), 2);
	ck_assert_uint_eq(counters_get(&all, "rtcp.bad_header"), 1);
	ck_assert_uint_eq(counters_get(&all, "media.stream_limit"), 1);
	ck_assert_uint_eq(crew_group_packets(&g), 9);
	crew_group_drop(&g);
	crew_quiet(b.crew);
	end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("crew");
	TCase *tc = tcase_create("crew");

	tcase_add_loop_test(tc, the_same, 0,
			    (int)(sizeof(crews) / sizeof(crews[0])));
	tcase_add_loop_test(tc, moved_to_another, 0,
			    (int)(sizeof(crews) / sizeof(crews[0])));
	tcase_add_test(tc, odd_packets);
	tcase_add_test(tc, large_frame);
	tcase_add_test(tc, blocks_are_let_go);
	tcase_add_test(tc, full_ring_live);
	tcase_add_test(tc, full_ring_of_a_file);
	tcase_add_test(tc, who_listens_is_alone);
	tcase_add_test(tc, faults_are_counted);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
