/* Does a datagram belong to this association, or does it begin another? */
#include "sniffer/net/dtls_priv.h"

static enum dtls_begins client_begins(const struct dtls_assoc *a, unsigned dir,
				      uint16_t seq, struct slice random)
{
	const struct dtls_hello *h = &a->side[dir].hello;

	if (h->random_seen && slice_eq(random, slice_of(h->random, TLS_RANDOM)))
		return DTLS_BEGINS_NOTHING;
	if (a->has_before && slice_eq(random, slice_of(a->before, TLS_RANDOM)))
		return DTLS_BEGINS_BEFORE;
	if (a->info.state == DTLS_FINISHED || a->info.state == DTLS_FAILED)
		return DTLS_BEGINS_ANOTHER;
	if (a->info.state == DTLS_JOINED)
		return a->info.datagrams[0] + a->info.datagrams[1] > 0
			       ? DTLS_BEGINS_ANOTHER
			       : DTLS_BEGINS_NOTHING;
	/* The first hello of this end: a server may try as a client too as
	 * long as nobody was answered. */
	if (!h->random_seen)
		return a->answered && a->info.client != (int)dir
			       ? DTLS_BEGINS_ANOTHER
			       : DTLS_BEGINS_NOTHING;
	/* Asked to try again a client must not change its random. */
	return seq > h->seq && !a->answered ? DTLS_BEGINS_NOTHING
					    : DTLS_BEGINS_ANOTHER;
}

/* Where hellos of the client are not seen, or not this one. */
static enum dtls_begins server_begins(const struct dtls_assoc *a,
				      const struct dtls_fragment *f,
				      struct slice random)
{
	struct tls_server_hello h;

	if (f->data.len < f->length ||
	    tls_server_hello_parse(f->data, &h) != PARSE_OK || h.hello_retry ||
	    !a->info.has_server_random ||
	    slice_eq(random, slice_of(a->info.server_random, TLS_RANDOM)))
		return DTLS_BEGINS_NOTHING;
	if (a->info.state == DTLS_FINISHED || a->info.state == DTLS_FAILED ||
	    !a->info.has_client_random)
		return DTLS_BEGINS_ANOTHER;
	return DTLS_BEGINS_NOTHING;
}

static enum dtls_begins record_begins(const struct dtls_assoc *a, unsigned dir,
				      struct slice payload)
{
	enum dtls_begins what = DTLS_BEGINS_NOTHING;
	struct dtls_fragment f;
	struct slice random;

	while (!what && dtls_fragment_next(&payload, &f) == PARSE_OK) {
		random = dtls_hello_random(&f, TLS_CLIENT_HELLO);
		if (random.len)
			what = client_begins(a, dir, f.seq, random);
		random = dtls_hello_random(&f, TLS_SERVER_HELLO);
		if (random.len)
			what = server_begins(a, &f, random);
	}
	return what;
}

/* Before anything of it is taken. */
enum dtls_begins dtls_begins(const struct dtls_assoc *a, unsigned dir,
			     struct slice in)
{
	enum dtls_begins what = DTLS_BEGINS_NOTHING;
	struct dtls_record r;

	while (!what &&
	       dtls_record_next(&in, dtls_cid_len(a, dir), &r) == PARSE_OK)
		if (r.type == DTLS_HANDSHAKE && r.epoch == 0)
			what = record_begins(a, dir, r.payload);
	return what;
}
