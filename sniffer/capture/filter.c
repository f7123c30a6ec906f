#include "sniffer/capture/filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/exported.h"
#include "sniffer/capture/filter_words.h"
#include "sniffer/capture/peel.h"
#include "sniffer/capture/tunnelled.h"

#define LINKTYPE_RAW 101

#define PROGRAMS_MAX 16

/* The expression compiled for one link type. */
struct program {
	uint16_t linktype;
	bool usable;
	struct bpf_program code;
};

struct filter {
	char *expr;
	struct program program[PROGRAMS_MAX];
	size_t count;
	unsigned peel;		 /* which layers to take off first, PEEL_... */
	unsigned tunnels;	 /* that pass, TUNNEL_... */
	uint8_t bare[PEEL_ROOM]; /* the frame without them */
};

/* What libpcap calls that link type when it compiles for it. */
static int dlt_of(uint16_t linktype)
{
	return linktype == LINKTYPE_RAW ? DLT_RAW : linktype;
}

static bool compile(const char *expr, uint16_t linktype,
		    struct bpf_program *code, char *err, size_t err_size)
{
	pcap_t *p = pcap_open_dead(dlt_of(linktype), 262144);
	bool ok;

	if (!p) {
		snprintf(err, err_size, "out of memory");
		return false;
	}
	ok = pcap_compile(p, code, expr, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!ok)
		snprintf(err, err_size, "filter \"%s\": %s", expr,
			 pcap_geterr(p));
	pcap_close(p);
	return ok;
}

/* The program for that link type, compiled when it is first seen. Link types
 * beyond the room share the last place. */
static const struct program *program_for(struct filter *f, uint16_t linktype)
{
	char err[PCAP_ERRBUF_SIZE + 256];
	struct program *p = f->program;

	for (size_t i = 0; i < f->count; i++, p++)
		if (p->linktype == linktype)
			return p;
	if (f->count < PROGRAMS_MAX) {
		f->count++;
	} else {
		p = &f->program[PROGRAMS_MAX - 1];
		if (p->usable)
			pcap_freecode(&p->code);
	}
	p->linktype = linktype;
	p->usable = compile(f->expr, linktype, &p->code, err, sizeof(err));
	return p;
}

struct filter *filter_new(const char *expr, char *err, size_t err_size)
{
	struct filter *f = calloc(1, sizeof(*f));
	struct bpf_program code;

	if (!f || !(f->expr = strdup(expr))) {
		snprintf(err, err_size, "out of memory");
		filter_free(f);
		return NULL;
	}
	/* Nearly everything can be said of Ethernet; the message for it is
	 * the one to show. */
	if (!compile(expr, DLT_EN10MB, &code, err, err_size)) {
		filter_free(f);
		return NULL;
	}
	pcap_freecode(&code);
	f->peel = filter_layers(expr);
	f->tunnels = filter_tunnels(expr);
	return f;
}

struct filter *filter_copy(const struct filter *f)
{
	char err[PCAP_ERRBUF_SIZE + 256];

	return filter_new(f->expr, err, sizeof(err));
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		if (f->program[i].usable)
			pcap_freecode(&f->program[i].code);
	free(f->expr);
	free(f);
}

/* --- messages without their transport --------------------------------------
 */

enum {
	HEADS_MAX = 40 + 20, /* IPv6 and TCP */
};

static uint8_t protocol_of(uint32_t port_type)
{
	switch (port_type) {
	case EXPORTED_UDP:
		return 17;
	case EXPORTED_SCTP:
		return 132;
	default:
		return 6;
	}
}

/* The heads that an exported PDU had, as far as it tells; 0 when it does
 * not. What was in it does not follow. */
static size_t heads_of(struct slice in, uint8_t out[HEADS_MAX])
{
	struct slice message;
	struct exported x;
	size_t ip;
	bool v4;

	if (!exported_read(in, &x, &message))
		return 0;
	v4 = addr_is_v4(&x.src) && addr_is_v4(&x.dst);
	ip = v4 ? 20 : 40;
	memset(out, 0, HEADS_MAX);
	out[0] = v4 ? 0x45 : 0x60;
	out[v4 ? 3 : 5] = v4 ? 40 : 20; /* length */
	out[v4 ? 9 : 6] = protocol_of(x.port_type);
	memcpy(out + (v4 ? 12 : 8), x.src.ip + (v4 ? 12 : 0), v4 ? 4 : 16);
	memcpy(out + (v4 ? 16 : 24), x.dst.ip + (v4 ? 12 : 0), v4 ? 4 : 16);
	out[ip] = (uint8_t)(x.src.port >> 8);
	out[ip + 1] = (uint8_t)x.src.port;
	out[ip + 2] = (uint8_t)(x.dst.port >> 8);
	out[ip + 3] = (uint8_t)x.dst.port;
	out[ip + 12] = 0x50;
	return ip + 20;
}

static bool match_exported(struct filter *f, const struct frame *fr)
{
	const struct program *p = program_for(f, LINKTYPE_RAW);
	uint8_t heads[HEADS_MAX];
	size_t n = heads_of(fr->data, heads);
	struct pcap_pkthdr h = {.caplen = (uint32_t)n, .len = fr->wire_len};

	return n && p->usable && pcap_offline_filter(&p->code, &h, heads);
}

bool filter_match(struct filter *f, const struct frame *fr)
{
	const struct program *p;
	struct pcap_pkthdr h = {.caplen = (uint32_t)fr->data.len,
				.len = fr->wire_len};
	const uint8_t *bytes = fr->data.p;
	uint16_t linktype = fr->linktype;
	struct peeled peeled = peel(fr, f->peel, f->bare);

	if (linktype == LINKTYPE_EXPORTED_PDU)
		return match_exported(f, fr);
	if (peeled.later_fragment ||
	    tunnelled(peeled.proto, peeled.transport, f->tunnels))
		return true;
	if (peeled.len) {
		bytes = f->bare;
		h.caplen = (uint32_t)peeled.len;
		h.len = fr->wire_len - peeled.removed;
		linktype = peeled.linktype;
	}
	p = program_for(f, linktype);
	return p->usable && pcap_offline_filter(&p->code, &h, bytes);
}
