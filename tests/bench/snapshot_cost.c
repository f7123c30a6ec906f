/*
 * snapshot_cost [CALLS [LOSE]]: milliseconds that a snapshot takes the core
 * while so many calls with media both ways are open (default 10000); every
 * LOSE-th packet is left out (default 0: none). Least, mean and most of 50.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/snapshot.h"
#include "tests/made_signal.h"

enum {
	ROUNDS = 50,
	PACKETS = 100, /* of each direction */
};

static struct made_engine m;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void forget(void *arg, struct cdr *cdr)
{
	(void)arg;
	cdr_free(cdr);
}

static void begin(size_t calls)
{
	struct engine_config cfg = made_engine_config();
	const struct engine_out out = {.record = forget};

	cfg.calls.max_calls = calls;
	cfg.max_flows = 4 * calls;
	cfg.media.max_streams = 4 * calls;
	cfg.max_pending = 0;
	m.engine = engine_new(&cfg, &out);
	if (!m.engine)
		abort();
}

static struct addr at(unsigned call, bool of_b)
{
	const uint8_t ip[4] = {10, of_b, (uint8_t)(call >> 8), (uint8_t)call};

	return addr_v4(ip, (uint16_t)(4000 + call / 65536 * 2));
}

static void up(unsigned call)
{
	char id[16], ip[2][ADDR_TEXT];
	struct addr end[2] = {at(call, false), at(call, true)};
	struct made_party media[2];

	snprintf(id, sizeof(id), "c%u", call);
	for (unsigned i = 0; i < 2; i++)
		media[i] = (struct made_party){
			.id = "x",
			.version = 1,
			.ip = addr_ip_text(&end[i], ip[i]),
			.port = end[i].port,
			.plain = true,
		};
	made_sip(&m, 0,
		 &(struct made_sip){made_at(1, 5060), made_at(2, 5060),
				    "INVITE sip:b@x SIP/2.0", id, "1 INVITE",
				    "", &media[0]});
	made_sip(&m, 0,
		 &(struct made_sip){made_at(2, 5060), made_at(1, 5060),
				    "SIP/2.0 200 OK", id, "1 INVITE", ";tag=b",
				    &media[1]});
}

static void audio(unsigned calls, unsigned lose)
{
	for (unsigned i = 0; i < PACKETS; i++) {
		for (unsigned c = 0; c < calls; c++) {
			struct made_rtp r = {
				at(c, false), at(c, true), c, 0, 0, 8};
			uint8_t buf[172];
			size_t len = made_rtp_packet(&r, i, buf);

			if (lose && i % lose == lose - 1)
				continue;
			made_udp(&m, 20 * i, r.from, r.to, slice_of(buf, len));
			made_udp(&m, 20 * i, r.to, r.from, slice_of(buf, len));
		}
	}
}

int main(int argc, char **argv)
{
	unsigned calls = argc > 1 ? (unsigned)atoi(argv[1]) : 10000;
	struct snapshots *all = snapshots_new();
	double least = 1e9, most = 0, sum = 0;
	const struct snapshot *b;

	begin(calls);
	for (unsigned i = 0; i < calls; i++)
		up(i);
	audio(calls, argc > 2 ? (unsigned)atoi(argv[2]) : 0);
	for (int i = 0; all && i < ROUNDS; i++) {
		double from = now_ms(), ms;
		struct snapshot *s = snapshots_begin(all, (uint64_t)from);

		if (!s)
			return 1;
		engine_snapshot(m.engine, s);
		snapshots_publish(all, s);
		ms = now_ms() - from;
		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
		sum += ms;
	}
	b = snapshots_get(all);
	printf("%zu of %llu calls: %.2f ms at least, %.2f in the mean, %.2f at "
	       "most; MOS %.2f\n",
	       b->n, (unsigned long long)b->calls, least, sum / ROUNDS, most,
	       b->row[0].a.mos);
	snapshots_put(all, b);
	snapshots_free(all);
	engine_free(m.engine);
	return 0;
}
