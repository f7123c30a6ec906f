/* SIP messages, as a datagram and as a stream, and the values in them. */
#include <assert.h>

#include "dissectors/multipart.h"
#include "dissectors/sip.h"
#include "tests/sip_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void values(const struct sip_msg *m, struct slice in)
{
	struct slice list = m->contact;
	struct slice item;
	struct slice a;
	struct slice b;
	struct sip_addr addr;
	struct sip_uri uri;
	struct sip_replaces r;
	unsigned cause;
	char buf[64];

	while (sip_list_next(&list, &item)) {
		sip_addr_parse(item, &addr);
		assert(sip_addr_inside(&addr, in));
	}
	sip_uri_parse(m->request_uri, &uri);
	assert(sip_uri_inside(&uri, in));
	if (sip_reason_q850(m->reason_header, &cause, &a))
		assert(prefix_inside(a, in));
	if (sip_session_id(m->session_id, &a, &b))
		assert(a.len == 32 && (b.len == 32 || b.len == 0));
	if (sip_replaces_parse(m->replaces, &r))
		assert(prefix_inside(r.to_tag, in));
	if (sip_find_sdp(m, &a))
		assert(prefix_inside(a, m->body));
	for (unsigned i = 0; i < m->hdr_count; i++)
		assert(sip_unfold(m->hdr[i].value, buf, sizeof(buf)) <=
		       sizeof(buf));
	assert(sip_unescape(m->request_uri, buf, sizeof(buf)) <= sizeof(buf));
}

static void parts(const struct sip_msg *m)
{
	struct multipart mp;
	struct sip_body_part part;
	size_t n = 0;

	if (!multipart_open(&mp, m->content_type, m->body))
		return;
	for (; multipart_next(&mp, &part); n++) {
		assert(prefix_inside(part.body, m->body));
		assert(prefix_inside(part.head, m->body));
		assert(prefix_inside(part.content_type, m->body));
	}
	assert(n <= m->body.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct slice s = in;
	struct sip_msg m;
	ptrdiff_t at = sip_resync(in);

	assert(at < (ptrdiff_t)size || at == -1);
	if (at >= 0)
		assert(sip_probe(slice_from(in, (size_t)at)));
	if (sip_parse(in, SIP_DATAGRAM, &m) == PARSE_OK) {
		assert(sip_probe(in) && m.call_id.len);
		assert(sip_msg_inside(&m, in));
		values(&m, in);
		parts(&m);
	}
	while (sip_parse(s, SIP_STREAM, &m) == PARSE_OK) {
		assert(m.total_len && sip_msg_inside(&m, s));
		s = slice_from(s, m.total_len);
	}
	return 0;
}
