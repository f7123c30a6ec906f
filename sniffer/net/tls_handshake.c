/* Handshake messages: out of records, and what they say. */
#include <stdlib.h>

#include "sniffer/net/tls_plain_priv.h"

enum {
	MESSAGE_MAX = 65536,
	SSL_3_0 = 0x0300,
};

static void copy_text(char *out, size_t size, struct slice s)
{
	if (s.len > size - 1)
		s.len = size - 1;
	if (s.len)
		memcpy(out, s.p, s.len);
	out[s.len] = '\0';
}

/* --- what they say ------------------------------------------------------ */

static void keep_alpn_offered(struct tls_conn *c, struct slice list)
{
	char *out = c->info.alpn_offered;
	struct slice name;
	size_t at = 0;

	while (tls_alpn_next(&list, &name) && at + 1 < TLS_ALPN_MAX) {
		if (at)
			out[at++] = ',';
		copy_text(out + at, TLS_ALPN_MAX - at, name);
		at += strlen(out + at);
	}
}

static bool set_client(struct tls_conn *c, int dir)
{
	if (c->info.client >= 0 && c->info.client != dir) {
		tls_count(c, "tls.bad_record");
		tls_give_up(c, "tls.unsupported");
		return false;
	}
	c->info.client = dir;
	return true;
}

/* The second one, after a HelloRetryRequest, has the same random. */
static void on_client_hello(struct tls_conn *c, int dir, struct slice body)
{
	struct tls_conn_info *i = &c->info;
	struct tls_client_hello h;

	if (tls_client_hello_parse(body, false, &h) != PARSE_OK) {
		tls_count(c, "tls.bad_record");
		return;
	}
	if (!set_client(c, dir))
		return;
	i->offered = h.max_version;
	i->has_client_random = true;
	memcpy(i->client_random, h.random.p, TLS_RANDOM);
	i->encrypted_hello = h.encrypted_hello;
	copy_text(i->server_name, sizeof(i->server_name), h.server_name);
	keep_alpn_offered(c, h.alpn);
	/* The answer to a HelloRetryRequest has none, but the first had. */
	c->early_data |= h.early_data;
	if (c->suite)
		tls_drain(c);
}

static bool can_be_opened(const struct tls_conn *c,
			  const struct tls_server_hello *h)
{
	return c->suite && !h->compression && h->version > SSL_3_0 &&
	       (tls_is_13(h->version) || h->version <= 0x0303);
}

static void on_server_hello(struct tls_conn *c, int dir, struct slice body)
{
	struct tls_conn_info *i = &c->info;
	struct tls_server_hello h;

	if (tls_server_hello_parse(body, &h) != PARSE_OK) {
		tls_count(c, "tls.bad_record");
		return;
	}
	if (!set_client(c, !dir))
		return;
	i->version = c->version = h.version;
	i->cipher = h.cipher;
	if (h.hello_retry) {
		i->hello_retry = true;
		return;
	}
	copy_text(i->alpn, sizeof(i->alpn), h.alpn);
	memcpy(c->server_random, h.random.p, TLS_RANDOM);
	c->session_len = (uint8_t)h.session_id.len;
	if (h.session_id.len)
		memcpy(c->session, h.session_id.p, h.session_id.len);
	c->encrypt_then_mac = h.encrypt_then_mac;
	c->extended_master_secret = h.extended_master_secret;
	c->suite = tls_suite_find(h.cipher);
	if (!can_be_opened(c, &h)) {
		tls_give_up(c, "tls.unsupported");
		return;
	}
	if (!tls_is_13(h.version))
		c->dir[0].phase = c->dir[1].phase = TLS_PHASE_TRAFFIC;
	tls_redo(c);
}

/* RFC 5246, 7.4.7.1: length 2 | the premaster secret, encrypted. */
static void on_client_key_exchange(struct tls_conn *c, struct slice body)
{
	if (body.len < 2 + sizeof(c->premaster))
		return;
	memcpy(c->premaster, body.p + 2, sizeof(c->premaster));
	c->has_premaster = true;
}

static void on_encrypted_extensions(struct tls_conn *c, struct slice body)
{
	struct tls_encrypted_extensions x;

	if (tls_encrypted_extensions_parse(body, &x) == PARSE_OK)
		copy_text(c->info.alpn, sizeof(c->info.alpn), x.alpn);
}

static void on_plain_message(struct tls_conn *c, int dir, uint8_t type,
			     struct slice body)
{
	bool first = !c->suite || !c->info.has_client_random;

	if (type == TLS_CLIENT_HELLO && first)
		on_client_hello(c, dir, body);
	else if (type == TLS_SERVER_HELLO && !c->suite)
		on_server_hello(c, dir, body);
	else if (type == TLS_CLIENT_KEY_EXCHANGE)
		on_client_key_exchange(c, body);
}

/* A new handshake inside the connection has new keys, whose hellos are
 * protected: it is not followed. */
static void renegotiation(struct tls_conn *c)
{
	c->info.renegotiation = true;
	tls_count(c, "tls.renegotiation");
	tls_give_up(c, "tls.unsupported");
}

static void on_opened_message(struct tls_conn *c, int dir, uint8_t type,
			      struct slice body)
{
	if (!tls_is_13(c->version)) {
		if (type == TLS_CLIENT_HELLO)
			renegotiation(c);
		return;
	}
	if (type == TLS_ENCRYPTED_EXTENSIONS)
		on_encrypted_extensions(c, body);
	else if (type == TLS_FINISHED)
		c->dir[dir].finished = true;
	else if (type == TLS_KEY_UPDATE)
		c->dir[dir].update = true;
}

/* --- out of records ----------------------------------------------------- */

void tls_messages_reset(struct tls_messages *m, bool lost)
{
	free(m->body);
	*m = (struct tls_messages){.lost = lost};
}

/* Of others the length is enough. */
static bool wants_body(const struct tls_conn *c, uint8_t type, bool opened)
{
	if (opened)
		return type == TLS_ENCRYPTED_EXTENSIONS;
	return type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO ||
	       (type == TLS_CLIENT_KEY_EXCHANGE && c->suite && c->suite->rsa);
}

/* True when the head is complete. */
static bool take_head(struct tls_conn *c, struct tls_messages *m,
		      struct slice *s, bool opened)
{
	struct slice body;
	uint8_t type;
	size_t len;

	while (m->head_len < sizeof(m->head) && s->len) {
		m->head[m->head_len++] = s->p[0];
		*s = slice_from(*s, 1);
	}
	if (m->head_len < sizeof(m->head))
		return false;
	tls_message_parse(slice_of(m->head, sizeof(m->head)), &type, &body,
			  &len);
	m->in_body = true;
	m->len = (uint32_t)(len - TLS_HANDSHAKE_HEAD);
	m->wanted = wants_body(c, m->head[0], opened);
	if (m->wanted && m->len > MESSAGE_MAX) {
		tls_count(c, "tls.message_limit");
		m->wanted = false;
	}
	return true;
}

/* The next bytes of the body. A body in one piece is not copied. */
static struct slice take_body(struct tls_conn *c, struct tls_messages *m,
			      struct slice *s)
{
	struct slice some = slice_head(*s, m->len - m->have);

	*s = slice_from(*s, some.len);
	if (!m->wanted || some.len == m->len) {
		m->have += (uint32_t)some.len;
		return some;
	}
	if (!m->body)
		m->body = malloc(m->len);
	if (!m->body) {
		tls_count(c, "tls.no_memory");
		m->wanted = false;
	} else if (some.len) {
		memcpy(m->body + m->have, some.p, some.len);
	}
	m->have += (uint32_t)some.len;
	return slice_of(m->body, m->body ? m->have : 0);
}

void tls_take_messages(struct tls_conn *c, int dir, struct slice s, bool opened)
{
	struct tls_messages *m = &c->dir[dir].messages;

	while ((s.len || m->in_body) && !m->lost && !tls_over(c)) {
		struct tls_messages done;
		struct slice body;

		if (!m->in_body && !take_head(c, m, &s, opened))
			return;
		body = take_body(c, m, &s);
		if (m->have < m->len)
			return;
		done = *m;
		m->body = NULL;
		tls_messages_reset(m, false);
		if (!done.wanted)
			body.len = 0;
		if (opened)
			on_opened_message(c, dir, done.head[0], body);
		else if (done.wanted)
			on_plain_message(c, dir, done.head[0], body);
		free(done.body);
	}
}

void tls_take_alert(struct tls_conn *c, int dir, struct slice s)
{
	struct tls_alert a;

	if (tls_alert_parse(s, &a) != PARSE_OK)
		return;
	if (!a.description) {
		c->info.closed[dir] = true;
		return;
	}
	c->info.alert[dir] = a;
}
