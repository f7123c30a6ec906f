/* Bodies of handshake messages; the first byte says of DTLS (bit 0), 1.3 (bit
 * 1). */
#include <assert.h>

#include "dissectors/tls_hello.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void client(struct slice in, bool dtls)
{
	struct tls_client_hello h;
	struct slice name;
	uint16_t v;

	if (tls_client_hello_parse(in, dtls, &h) != PARSE_OK)
		return;
	assert(h.random.len == TLS_RANDOM && prefix_inside(h.random, in));
	assert(h.session_id.len <= 32 && prefix_inside(h.session_id, in));
	assert(prefix_inside(h.cookie, in));
	assert(prefix_inside(h.retry_cookie, in));
	assert(h.ciphers.len && prefix_inside(h.ciphers, in));
	assert(prefix_inside(h.compressions, in));
	assert(prefix_inside(h.server_name, in));
	assert(prefix_inside(h.srtp_profiles, in));
	assert(prefix_inside(h.versions, in));
	assert(prefix_inside(h.groups, in));
	assert(prefix_inside(h.signatures, in));
	assert(prefix_inside(h.connection_id, in));
	assert(prefix_inside(h.session_ticket, in));
	while (tls_alpn_next(&h.alpn, &name))
		assert(prefix_inside(name, in));
	while (tls_u16_next(&h.ciphers, &v))
		;
	assert(!h.ciphers.len);
}

static void server(struct slice in)
{
	struct tls_server_hello h;

	if (tls_server_hello_parse(in, &h) != PARSE_OK)
		return;
	assert(h.random.len == TLS_RANDOM && prefix_inside(h.random, in));
	assert(h.session_id.len <= 32 && prefix_inside(h.session_id, in));
	assert(prefix_inside(h.alpn, in));
	assert(prefix_inside(h.retry_cookie, in));
	assert(prefix_inside(h.connection_id, in));
}

static void others(struct slice in, bool v13)
{
	struct tls_encrypted_extensions e;
	struct slice list, der, cookie;
	struct tls_alert alert;

	if (tls_encrypted_extensions_parse(in, &e) == PARSE_OK)
		assert(prefix_inside(e.alpn, in));
	if (tls_hello_verify_parse(in, &cookie) == PARSE_OK)
		assert(prefix_inside(cookie, in));
	if (tls_certificate_parse(in, v13, &list) == PARSE_OK)
		while (tls_certificate_next(&list, v13, &der))
			assert(der.len && prefix_inside(der, in));
	if (tls_alert_parse(in, &alert) == PARSE_OK)
		assert(alert.level == 1 || alert.level == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);

	if (!in.len)
		return 0;
	in = slice_from(in, 1);
	client(in, data[0] & 1);
	server(in);
	others(in, data[0] & 2);
	return 0;
}
