/*
 * Frames through one decoder, so that fragments meet. Input: records of link
 * type 1 (an index below) | 0, or what the snap length cut off 1 |
 * length 2 | bytes.
 */
#include <assert.h>

#include "sniffer/net/decode.h"
#include "sniffer/net/sctp.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t linktypes[] = {1,	 0,  108, 9,   50,  51,	 101,
				     12, 14, 113, 219, 228, 276, 147, 252};

#define LINKTYPES (sizeof(linktypes) / sizeof(*linktypes))

static void walk_sctp(struct slice chunks)
{
	struct sctp_iter it = sctp_begin(chunks);
	struct sctp_data d;

	while (sctp_next(&it, &d))
		assert(d.payload.len && prefix_inside(d.payload, chunks));
}

static void check(const struct pkt *p, const struct frame *f)
{
	assert(p->payload_wire >= p->payload.len);
	assert(p->frame_count > 0);
	assert(p->frames[p->frame_count - 1].number <= f->number);
	assert(p->fragmented || prefix_inside(p->payload, f->data));
	assert(p->fragmented || p->frame_count == 1);
	assert(p->vlan == PKT_NO_VLAN || p->vlan < 4096);
	assert(p->proto == PKT_UDP || p->proto == PKT_TCP ||
	       p->proto == PKT_SCTP);
	if (p->proto == PKT_SCTP)
		walk_sctp(p->payload);
}

struct input {
	struct decoder *d;
	struct frame f;
};

static void feed(struct slice bytes, void *arg)
{
	struct input *in = arg;
	struct pkt p;

	in->f.data = bytes;
	if (decode_frame(in->d, &in->f, &p) == DECODE_PACKET)
		check(&p, &in->f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct decode_config cfg = {.frag_bytes = 1 << 18,
						 .frag_max = 16};
	static const struct seed seed = {1, 2};
	struct counters faults = {0};
	struct input in = {.d = decode_new(&cfg, &seed, &faults)};
	struct cursor c = cursor_of(slice_of(data, size));

	while (in.d && cursor_left(&c) > 4) {
		uint8_t link = cursor_u8(&c) % LINKTYPES;
		uint8_t cut = cursor_u8(&c);
		uint16_t len = cursor_u16(&c);
		struct slice bytes;

		if (len > cursor_left(&c))
			len = (uint16_t)cursor_left(&c);
		bytes = cursor_take(&c, len);
		in.f.linktype = linktypes[link];
		in.f.wire_len = (uint32_t)bytes.len + cut;
		in.f.number++;
		in.f.ts_ns += 1000000000;
		prefix_whole(bytes, feed, &in);
	}
	if (in.d)
		decode_end(in.d);
	decode_free(in.d);
	return 0;
}
