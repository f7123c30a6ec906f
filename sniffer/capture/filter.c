#include "sniffer/capture/filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/capture/filter_words.h"
#include "sniffer/capture/peel.h"
#include "sniffer/capture/tunnelled.h"

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
	return linktype == 101 ? DLT_RAW : linktype;
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

bool filter_match(struct filter *f, const struct frame *fr)
{
	const struct program *p;
	struct pcap_pkthdr h = {.caplen = (uint32_t)fr->data.len,
				.len = fr->wire_len};
	const uint8_t *bytes = fr->data.p;
	uint16_t linktype = fr->linktype;
	struct peeled peeled = peel(fr, f->peel, f->bare);

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
