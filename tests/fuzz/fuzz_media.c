/*
 * A whole media group: the input is a list of datagrams, each with a byte
 * for its direction and kind, one for its length and two for the time since
 * the one before; some are described first, in one way or another. Whatever
 * comes, the counts must agree with each other.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "sniffer/media/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char uid[CDR_UID] = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/* A plain call's. */
static void plain(struct media_desc *d)
{
	d->lines_n = 1;
	d->line[0] = (struct media_line){.media = "audio"};
	d->n = 3;
	d->pt[0] = (struct media_pt){"opus", "useinbandfec=1", 48000, 111, 0};
	d->pt[1] = (struct media_pt){"telephone-event", "", 8000, 101, 0};
	d->pt[2] = (struct media_pt){"CN", "", 16000, 98, 0};
}

/* A BUNDLE with all that repairs. */
static void bundle(struct media_desc *d)
{
	static const struct media_pt pts[] = {
		{"opus", "", 48000, 111, 1},
		{"red", "111/111", 48000, 63, 1},
		{"VP8", "", 90000, 96, 2 | 4},
		{"rtx", "apt=96", 90000, 97, 2 | 4},
		{"VP9", "", 90000, 98, 2},
		{"H264", "", 90000, 102, 4},
		{"AV1", "", 90000, 45, 2},
		{"red", "", 90000, 116, 2 | 4},
		{"ulpfec", "", 90000, 117, 2 | 4},
		{"flexfec", "", 90000, 118, 2},
		{"flexfec-03", "", 90000, 119, 4},
	};

	d->lines_n = 3;
	d->line[0] = (struct media_line){"audio", "0", 20};
	d->line[1] = (struct media_line){"video", "1", 0};
	d->line[2] = (struct media_line){"video", "2", 0};
	d->n = sizeof(pts) / sizeof(pts[0]);
	memcpy(d->pt, pts, sizeof(pts));
	d->ssrcs_n = 2;
	d->ssrc[0] = (struct media_ssrc){0x31313131, 0, 1};
	d->ssrc[1] = (struct media_ssrc){0x32323232, 0x31313131, 1};
	d->rids_n = 1;
	d->rid[0] = (struct media_rid){"h", 2};
	for (int k = 1; k < RTP_HDREXT_KINDS; k++)
		d->ext.id[k] = (uint8_t)k;
}

static void describe(struct media_flow *f, unsigned dir, unsigned how)
{
	struct media_desc d;

	media_desc_begin(&d);
	if (how & 1)
		bundle(&d);
	else if (how & 2)
		d.guess = true;
	else
		plain(&d);
	if (how & 4)
		d.srtp = "unknown";
	media_flow_describe(f, dir, &d);
}

static void check_more(const struct cdr_stream *s)
{
	assert(s->repair.lost_after == UINT64_MAX ||
	       s->repair.lost_after <= s->lost);
	assert(s->transport_expected == UINT64_MAX ||
	       s->transport_lost < s->transport_expected);
	assert(!s->has_repairs || s->is_repair);
	assert(!(s->has_video && s->is_repair));
	if (s->has_audio_level)
		assert(s->audio_level.mean <= s->audio_level.max &&
		       s->audio_level.max <= 0);
	if (s->has_video)
		assert(s->video.frames <= s->packets &&
		       (s->video.width == CDR_NO_U32) ==
			       (s->video.height == CDR_NO_U32));
}

static void check(const struct media_result *r)
{
	for (size_t i = 0; i < r->streams_n; i++) {
		const struct cdr_stream *s = &r->streams[i];
		uint64_t codecs = 0;

		for (size_t k = 0; k < s->codecs_n; k++)
			codecs += s->codecs[k].packets;
		assert(s->packets && codecs == s->packets);
		assert(s->expected == s->packets + s->lost);
		assert(s->duplicates_tap <= s->duplicates);
		assert(s->out_of_order < s->packets);
		assert(!(s->jitter_ms.mean > s->jitter_ms.max + 1e-6));
		assert(isnan(s->mos.f1) ||
		       (s->mos.f1 >= 1 && s->mos.f1 <= 4.5));
		assert(s->first <= s->last);
		assert(!i || r->streams[i - 1].first <= s->first);
		check_more(s);
	}
	for (size_t i = 1; i < r->dtmf_n; i++)
		assert(r->dtmf[i - 1].time <= r->dtmf[i].time);
}

static void feed(struct media_flow *f, struct slice in)
{
	struct cursor c = cursor_of(in);
	uint64_t now_ns = 1700000000000000000u;

	while (cursor_left(&c) >= 4) {
		uint8_t kind = cursor_u8(&c);
		size_t len = cursor_u8(&c);
		struct media_pkt p = {.vlan = CDR_NO_U32};

		now_ns += cursor_u16(&c) * 1000000ull;
		if (len > cursor_left(&c))
			len = cursor_left(&c);
		p.payload = cursor_take(&c, len);
		p.payload_wire = (uint32_t)len + (kind & 8 ? 20 : 0);
		p.ts_ns = now_ns;
		p.ip_id = kind >> 4;
		if (kind & 4)
			describe(f, kind & 1, kind >> 5);
		if (kind & 2)
			media_flow_rtcp(f, kind & 1, &p);
		else
			media_flow_rtp(f, kind & 1, &p);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct counters counters;
	const struct media_config cfg = {.max_streams = 40,
					 .flow_streams = 30,
					 .g711_plc = true,
					 .sensor = SLICE_INIT("fuzz"),
					 .record = {.what = RECORD_NONE}};
	const uint8_t ip[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
	struct addr a = addr_v4(ip[0], 4000), b = addr_v4(ip[1], 5000);
	struct media *m = media_new(&cfg, NULL, NULL, &counters);
	struct arena *mem = arena_new(4096, 0);
	struct media_group *g = media_group_new(m);
	struct media_result r;

	feed(media_flow_open(g, &a, &b), slice_of(data, size));
	media_group_close(g, uid, mem, &r);
	check(&r);
	arena_free(mem);
	assert(!media_memory(m).streams);
	media_free(m);
	return 0;
}
