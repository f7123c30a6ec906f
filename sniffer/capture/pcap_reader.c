/*
 * Classic pcap, draft-ietf-opsawg-pcap.
 *
 *  magic | major minor | thiszone | sigfigs | snaplen | FCS, link type
 *  { seconds | fraction | captured length | length on the wire | bytes } ...
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/capture/reader.h"

#define FILE_HEADER   24
#define RECORD_HEADER 16

struct pcap_reader {
	struct reader head;
	uint32_t caplen_max;
	uint32_t unit_ns; /* of the fraction */
	uint16_t linktype;
	uint16_t iface;
	uint8_t header;	   /* bytes of a record's header */
	bool swap;	   /* the file's byte order is not ours */
	bool old;	   /* before version 2.4 */
	uint32_t last_sec; /* of the latest record; 0 = none yet */
};

struct record_header {
	uint32_t sec, fraction, caplen, wire_len;
};

static const struct {
	uint32_t magic;
	uint32_t unit_ns;
	uint8_t header;
} kinds[] = {
	{0xa1b2c3d4, 1000, RECORD_HEADER},
	{0xa1b23c4d, 1, RECORD_HEADER},
	/* Kuznetzov's: interface index, protocol and packet type follow */
	{0xa1b2cd34, 1000, RECORD_HEADER + 8},
};

static uint32_t load32(const uint8_t *p, bool swap)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap32(v) : v;
}

/* The row of kinds, -1 for none. */
static int kind_of(struct slice head, bool *swap)
{
	if (head.len < 4)
		return -1;
	for (int i = 0; i < 3; i++) {
		*swap = false;
		if (load32(head.p, false) == kinds[i].magic)
			return i;
		*swap = true;
		if (load32(head.p, true) == kinds[i].magic)
			return i;
	}
	return -1;
}

bool pcap_reader_knows(struct slice head)
{
	bool swap;

	return kind_of(head, &swap) >= 0;
}

static struct record_header header_of(const struct pcap_reader *pr,
				      const uint8_t *p)
{
	struct record_header h = {
		load32(p, pr->swap),
		load32(p + 4, pr->swap),
		load32(p + 8, pr->swap),
		load32(p + 12, pr->swap),
	};

	/* Before version 2.4 the lengths may stand the other way round. A
	 * packet is never longer in the file than on the wire: that shows. */
	if (pr->old && h.caplen > h.wire_len) {
		uint32_t tmp = h.caplen;

		h.caplen = h.wire_len;
		h.wire_len = tmp;
	}
	return h;
}

static enum record pcap_next(struct reader *r, struct slice in,
			     struct frame *out, size_t *used)
{
	struct pcap_reader *pr = (struct pcap_reader *)r;
	struct record_header h;

	*used = pr->header;
	if (in.len < *used)
		return RECORD_MORE;
	h = header_of(pr, in.p);
	if (!(h.sec | h.fraction | h.caplen | h.wire_len)) {
		/* what a crash leaves where the disk had not caught up */
		snprintf(r->why, sizeof(r->why), "zeros instead of a record");
		*used = 0;
		return RECORD_BAD;
	}
	if (h.caplen > pr->caplen_max) {
		snprintf(r->why, sizeof(r->why),
			 "record says %" PRIu32 " bytes, more than the %" PRIu32
			 " that a packet may have",
			 h.caplen, pr->caplen_max);
		*used = 0;
		return RECORD_BAD;
	}
	*used += h.caplen;
	if (in.len < *used)
		return RECORD_MORE;
	*out = (struct frame){
		.data = {in.p + pr->header, h.caplen},
		.ts_ns = h.sec * UINT64_C(1000000000) +
			 (uint64_t)h.fraction * pr->unit_ns,
		.wire_len = h.wire_len > h.caplen ? h.wire_len : h.caplen,
		.linktype = pr->linktype,
		.iface = pr->iface,
		.ts_digits = pr->unit_ns == 1 ? 9 : 6,
	};
	pr->last_sec = h.sec;
	return RECORD_FRAME;
}

#define PROBE_RECORDS 3 /* that must follow each other for a yes */

static bool plausible(const struct pcap_reader *pr,
		      const struct record_header *h, uint32_t near_sec)
{
	return h->caplen > 0 && h->caplen <= pr->caplen_max &&
	       h->wire_len >= h->caplen && h->wire_len <= CAPLEN_LIMIT_MAX &&
	       h->fraction < 1000000000 / pr->unit_ns &&
	       h->sec + 3600 > near_sec && h->sec < near_sec + 86400;
}

/* Lengths alone would fit by chance; several records in a row, at nearly the
 * same time, do not. */
static enum record pcap_probe(const struct reader *r, struct slice in, bool eof,
			      size_t *used)
{
	const struct pcap_reader *pr = (const struct pcap_reader *)r;
	uint32_t sec = pr->last_sec;
	size_t at = 0;

	for (int i = 0; i < PROBE_RECORDS; i++) {
		struct record_header h;

		if (eof && i > 0 && at == in.len)
			return RECORD_FRAME;
		*used = at + pr->header;
		if (in.len < *used)
			return RECORD_MORE;
		h = header_of(pr, in.p + at);
		if (!plausible(pr, &h, sec ? sec : h.sec))
			return RECORD_BAD;
		sec = h.sec;
		at = *used + h.caplen;
	}
	return RECORD_FRAME;
}

static void pcap_close_reader(struct reader *r)
{
	free(r);
}

static const struct reader_ops pcap_ops = {
	"pcap",
	pcap_next,
	pcap_probe,
	pcap_close_reader,
};

static uint32_t caplen_limit(uint32_t snaplen)
{
	if (snaplen < CAPLEN_LIMIT)
		return CAPLEN_LIMIT;
	return snaplen < CAPLEN_LIMIT_MAX ? snaplen : CAPLEN_LIMIT_MAX;
}

int pcap_reader_new(struct reader **out, struct slice head, uint16_t *iface,
		    size_t *used, const char **why)
{
	struct pcap_reader *pr;
	uint16_t version[2];
	bool swap;
	int kind = kind_of(head, &swap);

	if (kind < 0 || head.len < FILE_HEADER) {
		*why = "a pcap capture that ends inside its file header";
		return -EPROTONOSUPPORT;
	}
	memcpy(version, head.p + 4, sizeof(version));
	if (swap) {
		version[0] = __builtin_bswap16(version[0]);
		version[1] = __builtin_bswap16(version[1]);
	}
	if (version[0] != 2) {
		*why = "a pcap capture of another version than 2";
		return -EPROTONOSUPPORT;
	}
	pr = calloc(1, sizeof(*pr));
	if (!pr)
		return -ENOMEM;
	*pr = (struct pcap_reader){
		.head = {.ops = &pcap_ops},
		.caplen_max = caplen_limit(load32(head.p + 16, swap)),
		.unit_ns = kinds[kind].unit_ns,
		.linktype = linktype_of(load32(head.p + 20, swap)),
		.iface = (*iface)++,
		.header = kinds[kind].header,
		.swap = swap,
		.old = version[1] < 4,
	};
	*used = FILE_HEADER;
	*out = &pr->head;
	return 0;
}
