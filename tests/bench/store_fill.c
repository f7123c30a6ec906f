/*
 * store_fill DB COUNT START SECONDS [thin|full|mixed [SEED]]: makes COUNT
 * records of answered calls with two streams each and hands them to a
 * database's sink in batches, as the thread of a store does; no packets, no
 * engine. The calls begin between START (UNIX seconds) and SECONDS later. The
 * same arguments make the same records.
 *
 *   thin  a record and its two streams
 *   full  also a dialog, six messages and the 10-second slices
 *   mixed as thin, for searches: failed calls, several codecs, bad MOS, and
 *         one number that a hundredth of all calls go to
 *
 * DB is as after --db (the password from $CALLSCOPE_DB_PASSWORD), or "none":
 * then the records are made and dropped, to see what making them costs.
 * Prints "COUNT SECONDS CALLS_A_SECOND CPU_SECONDS".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "sniffer/base/ulid.h"
#include "storage/db_url.h"
#include "storage/sink.h"

#define SEC   1000000000ull
#define BATCH 512

struct fill {
	const struct sink_ops *ops; /* NULL: none */
	struct sink *sink;
	uint64_t random, start_ns, step_ns;
	bool full, mixed;
};

/* xorshift64* */
static uint64_t draw(struct fill *f, uint64_t below)
{
	f->random ^= f->random >> 12;
	f->random ^= f->random << 25;
	f->random ^= f->random >> 27;
	return (f->random * 0x2545f4914f6cdd1dull >> 11) % below;
}

static void *make(struct cdr *cdr, size_t size)
{
	void *p = arena_alloc(cdr->mem, size);

	if (!p)
		abort();
	return p;
}

static struct slice text(struct cdr *cdr, const char *format, uint64_t v)
{
	char to[96];
	int n = snprintf(to, sizeof(to), format, v);

	return arena_keep(cdr->mem, (struct slice){(uint8_t *)to, (size_t)n});
}

static struct addr address(uint64_t host, uint16_t port)
{
	uint8_t ip[4] = {10, (uint8_t)(host >> 16), (uint8_t)(host >> 8),
			 (uint8_t)host};

	return addr_v4(ip, port);
}

/* --- one record ----------------------------------------------------------- */

static void fill_party(struct fill *f, struct cdr *cdr, struct cdr_party *p)
{
	static const char *const agents[] = {"Gateway/7.1", "Phone 3.22",
					     "softphone/1.0.9", "PBX"};
	uint64_t number = 4930000000000 + draw(f, 1000000000);

	p->user = text(cdr, "%" PRIu64, number);
	p->host = SLICE("sip.example.net");
	p->name = text(cdr, "Subscriber %" PRIu64, number % 100000);
	p->uri = text(cdr, "sip:%" PRIu64 "@sip.example.net", number);
	p->tag = text(cdr, "%016" PRIx64, draw(f, UINT64_MAX));
	p->addr = address(draw(f, 4000), 5060);
	p->agent = slice_str(agents[draw(f, 4)]);
}

static void fill_slices(struct fill *f, struct cdr *cdr, struct cdr_stream *s)
{
	uint64_t first = s->first / SEC / 10 * 10;

	s->slices_n = (size_t)(s->last / SEC / 10 - first / 10 + 1);
	s->slices = make(cdr, s->slices_n * sizeof(*s->slices));
	for (size_t i = 0; i < s->slices_n; i++)
		s->slices[i] = (struct cdr_slice10){
			.start_s = first + 10 * i,
			.packets = 500,
			.lost = (uint32_t)draw(f, 3),
			.jitter_ms_max = 2.5f,
			.delta_ms_max = 31.25f,
			.mos_f1 = 4.25f,
			.mos_f2 = 4.5f,
			.mos_adaptive = 4.5f,
			.bytes = 80000,
		};
}

static void fill_counts(struct fill *f, struct cdr_stream *s)
{
	s->packets = (s->last - s->first) / (SEC / 50) + 1;
	s->bytes = s->packets * 160;
	s->lost = draw(f, 20);
	s->expected = s->packets + s->lost;
	s->loss_pct = 100.0 * (double)s->lost / (double)s->expected;
	s->loss_runs[0] = (uint32_t)s->lost;
	s->delay_bins[0] = (uint32_t)s->packets;
	s->jitter_ms = (struct cdr_pair){(double)draw(f, 9000) / 1000,
					 9 + (double)draw(f, 9000) / 1000};
	s->delta_ms = (struct cdr_pair){20, 20 + (double)draw(f, 40000) / 1000};
	s->mos = (struct cdr_mos){4.2,	4.4,  4 + (double)draw(f, 400) / 1000,
				  3.5,	"NB", "G.107",
				  false};
	s->r_factor = 93.2 - (double)draw(f, 900) / 100;
	s->ptime_ms = 20;
	s->burst = (struct cdr_burst){0.1, NAN, NAN, 10000};
	s->rtcp = (struct cdr_rtcp){
		.sr = 12,
		.rr = 3,
		.fraction_lost_max = 0.4,
		.lost_reported = (int64_t)s->lost,
		.jitter_ms_max = 3.5,
		.rtt_a_ms = 12.25,
		.rtt_b_ms = 13.5,
		.rtt_ms_mean = 25.75,
		.rtt_ms_max = 30,
		.remb_kbps = NAN,
	};
}

static void fill_stream(struct fill *f, struct cdr *cdr, unsigned n)
{
	struct cdr_call *c = &cdr->call;
	struct cdr_stream *s = &c->streams[n];
	struct slice name[2] = {slice_str(cdr->uid), {0}};

	s->ssrc = (uint32_t)draw(f, UINT32_MAX);
	name[1] = text(cdr, "%" PRIu64, s->ssrc + (uint64_t)n);
	s->first = c->answer + n * SEC / 100;
	s->last = c->end - SEC / 20;
	ulid_make(s->stream_uid, s->first, name, 2);
	s->src = address(draw(f, 4000), (uint16_t)(10000 + 2 * draw(f, 20000)));
	s->dst = address(draw(f, 4000), (uint16_t)(10000 + 2 * draw(f, 20000)));
	s->hop = 1;
	s->sender = n ? "callee" : "caller";
	s->media = "audio";
	s->codec = SLICE("PCMA");
	s->payload_type = 8;
	s->clock_rate = 8000;
	s->dscp = 46;
	s->vlan = CDR_NO_U32;
	s->transport_expected = s->transport_lost = UINT64_MAX;
	fill_counts(f, s);
	s->codecs = make(cdr, sizeof(*s->codecs));
	s->codecs[0] = (struct cdr_codec){8, s->codec, 8000, s->packets};
	s->codecs_n = 1;
	if (f->full)
		fill_slices(f, cdr, s);
}

static void fill_side(struct cdr_side *side, const struct cdr_stream *s)
{
	memcpy(side->stream_uid, s->stream_uid, CDR_UID);
	side->codec = s->codec;
	side->packets = s->packets;
	side->lost = s->lost;
	side->loss_pct = s->loss_pct;
	side->jitter_ms = s->jitter_ms;
	side->mos = s->mos;
	side->rtt_ms_mean = s->rtcp.rtt_ms_mean;
}

static void fill_message(struct cdr *cdr, size_t n, uint64_t time,
			 const char *method, uint32_t status)
{
	struct cdr_call *c = &cdr->call;

	c->messages[n] = (struct cdr_message){
		.time = time,
		.src = status == CDR_NO_U32 ? c->caller.addr : c->callee.addr,
		.dst = status == CDR_NO_U32 ? c->callee.addr : c->caller.addr,
		.transport = "udp",
		.method = slice_str(method),
		.status = status,
		.cseq = 1,
		.len = 700,
		.copy_of = CDR_NO_U32,
	};
}

static void fill_signalling(struct cdr *cdr)
{
	struct cdr_call *c = &cdr->call;

	c->dialogs_n = 1;
	c->dialogs = make(cdr, sizeof(*c->dialogs));
	c->dialogs[0] = (struct cdr_dialog){
		.caller_tag = c->caller.tag,
		.callee_tag = c->callee.tag,
		.callee_addr = c->callee.addr,
		.status = 200,
		.ring = c->ring,
		.answer = c->answer,
		.end = c->end,
		.ended_by = c->ended_by,
	};
	c->messages_n = 6;
	c->messages = make(cdr, 6 * sizeof(*c->messages));
	fill_message(cdr, 0, c->start, "INVITE", CDR_NO_U32);
	fill_message(cdr, 1, c->ring, "INVITE", 180);
	fill_message(cdr, 2, c->answer, "INVITE", 200);
	fill_message(cdr, 3, c->answer + SEC / 20, "ACK", CDR_NO_U32);
	fill_message(cdr, 4, c->end, "BYE", CDR_NO_U32);
	fill_message(cdr, 5, c->end + SEC / 20, "BYE", 200);
}

static void fill_times(struct fill *f, struct cdr_call *c, uint64_t start)
{
	c->start = start;
	c->ring = start + SEC / 10 + draw(f, SEC);
	c->answer = c->ring + draw(f, 20 * SEC);
	c->end = c->answer + SEC + draw(f, 180 * SEC);
	c->duration_us = cdr_between(c->start, c->end);
	c->connect_us = cdr_between(c->answer, c->end);
	c->pdd_us = cdr_between(c->start, c->ring);
	c->setup_us = cdr_between(c->start, c->answer);
}

static void fill_call(struct fill *f, struct cdr *cdr, uint64_t start)
{
	struct cdr_call *c = &cdr->call;

	fill_times(f, c, start);
	c->state = "completed";
	c->status = 200;
	c->reason = SLICE("OK");
	c->ended_by = draw(f, 2) ? "caller" : "callee";
	c->q850 = draw(f, 2) ? 16 : CDR_NO_U32;
	c->transport = "udp";
	fill_party(f, cdr, &c->caller);
	fill_party(f, cdr, &c->callee);
	c->streams_n = 2;
	c->streams = make(cdr, 2 * sizeof(*c->streams));
	fill_stream(f, cdr, 0);
	fill_stream(f, cdr, 1);
	fill_side(&c->a, &c->streams[0]);
	fill_side(&c->b, &c->streams[1]);
	if (f->full)
		fill_signalling(cdr);
}

/* --- what is searched for ------------------------------------------------- */

#define HOTLINE "4930555123456"

static void fail_call(struct cdr *cdr, uint32_t status, const char *reason)
{
	struct cdr_call *c = &cdr->call;

	c->state = "failed";
	c->status = status;
	c->reason = slice_str(reason);
	c->ended_by = NULL;
	c->answer = 0;
	c->end = c->ring + SEC;
	c->duration_us = cdr_between(c->start, c->end);
	c->connect_us = c->setup_us = cdr_between(0, c->end);
	c->streams_n = 0;
	c->a.stream_uid[0] = c->b.stream_uid[0] = '\0';
}

static void mix_media(struct fill *f, struct cdr_call *c)
{
	static const char *const codecs[] = {"opus", "G722", "G722"};
	uint64_t n = draw(f, 20);

	if (draw(f, 100000) == 0)
		c->a.codec = c->b.codec = SLICE("iLBC");
	else if (n < 3)
		c->a.codec = c->b.codec = slice_str(codecs[n]);
	if (draw(f, 100) < 3) {
		c->a.mos.adaptive = 2 + (double)draw(f, 1400) / 1000;
		c->a.loss_pct = 2 + (double)draw(f, 9000) / 1000;
	}
}

static void mix(struct fill *f, struct cdr *cdr)
{
	struct cdr_call *c = &cdr->call;
	uint64_t n = draw(f, 10000);

	if (draw(f, 100) == 0)
		c->callee.user = SLICE(HOTLINE);
	if (n < 500)
		fail_call(cdr, 486, "Busy Here");
	else if (n < 700)
		fail_call(cdr, 404, "Not Found");
	else if (n < 790)
		fail_call(cdr, 503, "Service Unavailable");
	else if (n == 790)
		fail_call(cdr, 603, "Decline");
	else
		mix_media(f, c);
}

static struct cdr *record(struct fill *f, uint64_t n)
{
	struct cdr *cdr = cdr_new(CDR_CALL);
	uint64_t start = f->start_ns + n * f->step_ns;
	struct slice name[2];

	if (!cdr)
		abort();
	cdr->number = n + 1;
	cdr->sensor = SLICE("bench");
	cdr->call.call_id = text(cdr, "%" PRIu64 "-bench@sip.example.net",
				 n * 7919 + draw(f, 7919));
	name[0] = cdr->sensor;
	name[1] = cdr->call.call_id;
	ulid_make(cdr->uid, start, name, 2);
	fill_call(f, cdr, start);
	if (f->mixed)
		mix(f, cdr);
	cdr->last_packet = cdr->call.end + SEC / 20;
	cdr->packets = 6;
	for (size_t i = 0; i < cdr->call.streams_n; i++)
		cdr->packets += cdr->call.streams[i].packets;
	return cdr;
}

/* --- the run -------------------------------------------------------------- */

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(int err, const char *why)
{
	if (!err)
		return;
	fprintf(stderr, "store_fill: %s\n", why);
	exit(1);
}

static void fill(struct fill *f, uint64_t count)
{
	char why[SINK_WHY] = "";

	for (uint64_t n = 0; n < count; n++) {
		struct cdr *cdr = record(f, n);

		if (f->ops)
			check(f->ops->put(f->sink, cdr, why), why);
		cdr_free(cdr);
		if (f->ops && (n + 1) % BATCH == 0)
			check(f->ops->flush(f->sink, why), why);
	}
	if (f->ops)
		check(f->ops->close(f->sink, why), why);
}

static void open_store(struct fill *f, struct db_url *url)
{
	struct sink_config cfg = {
		.path = url->path, .sensor = SLICE("bench"), .db = url};
	char why[SINK_WHY] = "";

	if (url->kind == DB_NONE)
		return;
	f->ops = &sqlite_sink;
#ifdef HAVE_MYSQL
	if (url->kind == DB_MYSQL)
		f->ops = &mysql_sink;
#endif
	check(f->ops->open(&f->sink, &cfg, why), why);
}

int main(int argc, char **argv)
{
	struct fill f = {.random = 1};
	const char *why = NULL;
	struct db_url url;
	uint64_t count;
	double begin;

	if (argc < 5 || argc > 7) {
		fputs("usage: store_fill DB COUNT START SECONDS "
		      "[thin|full|mixed [SEED]]\n",
		      stderr);
		return 2;
	}
	count = strtoull(argv[2], NULL, 10);
	f.start_ns = strtoull(argv[3], NULL, 10) * SEC;
	f.step_ns = strtoull(argv[4], NULL, 10) * SEC / (count ? count : 1);
	f.full = argc > 5 && strcmp(argv[5], "full") == 0;
	f.mixed = argc > 5 && strcmp(argv[5], "mixed") == 0;
	if (argc > 6)
		f.random += strtoull(argv[6], NULL, 10) << 8;
	if (db_url_parse(slice_str(argv[1]), &url, &why))
		check(-1, why);
	open_store(&f, &url);
	begin = seconds(CLOCK_MONOTONIC);
	fill(&f, count);
	begin = seconds(CLOCK_MONOTONIC) - begin;
	printf("%" PRIu64 " %.3f %.0f %.3f\n", count, begin,
	       (double)count / begin, seconds(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}
