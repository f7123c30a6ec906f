/* What the handshake messages of an association say. */
#include "sniffer/net/dtls_priv.h"

static void bad(struct dtls_assoc *a)
{
	counters_add(a->counters, "dtls.bad_message", 1);
}

/* What the client said in its hello, as far as it is known whose it is. */
static void show_client(struct dtls_assoc *a)
{
	const struct dtls_hello *h = &a->side[a->info.client].hello;
	struct dtls_info *i = &a->info;

	i->has_client_random = h->random_seen;
	memcpy(i->client_random, h->random, TLS_RANDOM);
	i->version_offered = h->whole ? h->version : 0;
	i->offered_count = h->offered_count;
	memcpy(i->offered, h->offered, sizeof(i->offered));
	/* In 1.3 the answer is encrypted, but there is none to what was not
	 * asked. */
	if (i->srtp == DTLS_SRTP_HIDDEN && h->whole && !h->offered_count)
		i->srtp = DTLS_SRTP_NONE;
	i->revision++;
}

/* Two ends may both begin, each as a client: who is answered is the client. */
void dtls_set_client(struct dtls_assoc *a, unsigned dir)
{
	if (a->info.client == (int)dir)
		return;
	a->info.client = (int)dir;
	show_client(a);
}

/* As records tell it: the ServerHello knows better. */
void dtls_set_version(struct dtls_assoc *a, uint16_t version)
{
	if (a->answered || a->info.version == version)
		return;
	a->info.version = version;
	a->info.revision++;
}

struct slice dtls_hello_random(const struct dtls_fragment *f, uint8_t type)
{
	struct cursor c = cursor_of(f->data);

	if (f->type != type || f->offset)
		return (struct slice){0};
	cursor_u16(&c); /* version */
	return cursor_take(&c, TLS_RANDOM);
}

/* A server that sees the hello of an end that takes itself for a client too
 * refuses it. The same hello from both sides is one that was reflected. */
static void set_random(struct dtls_assoc *a, unsigned dir, struct slice random)
{
	struct dtls_hello *h = &a->side[dir].hello,
			  *other = &a->side[!dir].hello;

	h->random_seen = true;
	memcpy(h->random, random.p, TLS_RANDOM);
	if (other->random_seen && memcmp(h->random, other->random, TLS_RANDOM))
		a->info.role_conflict = true;
}

/* A ClientHello may come in several datagrams, of which the first has what
 * secrets are found by. */
void dtls_on_first_fragment(struct dtls_assoc *a, unsigned dir,
			    const struct dtls_fragment *f, uint64_t ts_ns)
{
	struct dtls_hello *h = &a->side[dir].hello;
	struct slice random = dtls_hello_random(f, TLS_CLIENT_HELLO);

	if (!random.len)
		return;
	if (!a->info.started_ns)
		a->info.started_ns = ts_ns;
	if (a->info.client < 0)
		a->info.client = (int)dir;
	h->seq = f->seq;
	set_random(a, dir, random);
	if (a->info.client == (int)dir)
		show_client(a);
}

static void on_client_hello(struct dtls_assoc *a, unsigned dir,
			    struct slice body, uint64_t ts_ns)
{
	struct dtls_hello *h = &a->side[dir].hello;
	struct tls_client_hello msg;
	uint16_t profile;

	if (tls_client_hello_parse(body, true, &msg) != PARSE_OK) {
		bad(a);
		return;
	}
	/* A first fragment may be too short for the random. */
	set_random(a, dir, msg.random);
	h->whole = true;
	h->version = msg.max_version;
	h->session_id_len = msg.session_id.len;
	if (msg.session_id.len)
		memcpy(h->session_id, msg.session_id.p, msg.session_id.len);
	h->offered_count = 0;
	while (h->offered_count < DTLS_PROFILES_MAX &&
	       tls_u16_next(&msg.srtp_profiles, &profile))
		h->offered[h->offered_count++] = profile;
	a->side[dir].has_cid = msg.has_connection_id;
	a->side[dir].cid_len = msg.connection_id.len;

	if (!a->info.started_ns)
		a->info.started_ns = ts_ns;
	if (a->info.client < 0)
		a->info.client = (int)dir;
	if (a->info.client == (int)dir)
		show_client(a);
}

static void set_alpn(struct dtls_assoc *a, struct slice name)
{
	struct slice kept = slice_head(name, DTLS_ALPN_TEXT - 1);

	if (!kept.len || memchr(kept.p, 0, kept.len))
		return;
	memcpy(a->info.alpn, kept.p, kept.len);
	a->info.alpn[kept.len] = '\0';
}

static void set_srtp(struct dtls_assoc *a, uint16_t profile)
{
	a->info.srtp = profile ? DTLS_SRTP_CHOSEN : DTLS_SRTP_NONE;
	a->info.srtp_profile = profile;
}

/* Up to 1.2 (RFC 5246, 7.4.1.3): the session ID of the client again. */
static bool same_session(const struct dtls_hello *h, struct slice id)
{
	return h->whole && id.len &&
	       slice_eq(id, slice_of(h->session_id, h->session_id_len));
}

static void on_retry(struct dtls_assoc *a, unsigned dir,
		     const struct tls_server_hello *h)
{
	a->info.hello_retry = true;
	a->info.cipher = h->cipher;
	dtls_set_version(a, h->version);
	dtls_set_client(a, !dir);
}

static void on_server_hello(struct dtls_assoc *a, unsigned dir,
			    struct slice body)
{
	struct dtls_side *client = &a->side[!dir], *server = &a->side[dir];
	struct dtls_info *i = &a->info;
	struct tls_server_hello h;

	if (tls_server_hello_parse(body, &h) != PARSE_OK) {
		bad(a);
		return;
	}
	/* What a server without a state answers to a hello that it gets again
	 * is another hello: the client takes the first. */
	if (a->answered) {
		counters_add(a->counters, "dtls.second_answer", 1);
		return;
	}
	if (h.hello_retry) {
		on_retry(a, dir, &h);
		return;
	}
	dtls_set_version(a, h.version);
	a->answered = true;
	i->cipher = h.cipher;
	i->has_server_random = true;
	memcpy(i->server_random, h.random.p, TLS_RANDOM);
	i->extended_master_secret = h.extended_master_secret;
	set_alpn(a, h.alpn);
	server->has_cid = h.has_connection_id;
	server->cid_len = h.connection_id.len;
	i->connection_ids = client->has_cid && server->has_cid;
	if (h.version == DTLS_1_3) {
		i->srtp = DTLS_SRTP_HIDDEN;
		i->resumed = h.pre_shared_key;
	} else {
		set_srtp(a, h.srtp_profile);
		i->resumed = same_session(&client->hello, h.session_id);
	}
	i->client = !dir;
	show_client(a);
	dtls_keys_ready(a);
}

static void on_encrypted_extensions(struct dtls_assoc *a, struct slice body)
{
	struct tls_encrypted_extensions e;

	if (tls_encrypted_extensions_parse(body, &e) != PARSE_OK) {
		bad(a);
		return;
	}
	set_srtp(a, e.srtp_profile);
	set_alpn(a, e.alpn);
}

static void on_finished(struct dtls_assoc *a, unsigned dir, uint64_t ts_ns)
{
	a->side[dir].fin = true;
	a->side[dir].fin_ns = ts_ns;
	dtls_judge(a);
}

/* Who sends such a message is the client (or the server), which matters where
 * the hellos were not seen. 1.3 needs no such help: it is opened only when
 * they were. */
static void guess_role(struct dtls_assoc *a, unsigned dir, uint8_t type)
{
	if (a->info.client >= 0)
		return;
	switch (type) {
	case TLS_CLIENT_KEY_EXCHANGE:
	case TLS_CERTIFICATE_VERIFY:
		dtls_set_client(a, dir);
		break;
	case TLS_HELLO_REQUEST:
	case TLS_HELLO_VERIFY_REQUEST:
	case TLS_NEW_SESSION_TICKET:
	case TLS_SERVER_KEY_EXCHANGE:
	case TLS_CERTIFICATE_REQUEST:
	case TLS_SERVER_HELLO_DONE:
	case TLS_CERTIFICATE_STATUS:
		dtls_set_client(a, !dir);
		break;
	}
}

static void on_opened(struct dtls_assoc *a, unsigned dir, uint8_t type,
		      struct slice body, uint64_t ts_ns)
{
	switch (type) {
	case TLS_ENCRYPTED_EXTENSIONS:
		on_encrypted_extensions(a, body);
		break;
	case TLS_CERTIFICATE_REQUEST:
		a->info.certificate_requested = true;
		break;
	case TLS_CERTIFICATE:
		dtls_on_certificate(a, dir, body, true);
		break;
	case TLS_COMPRESSED_CERTIFICATE:
		counters_add(a->counters, "dtls.certificate_compressed", 1);
		break;
	case TLS_FINISHED:
		on_finished(a, dir, ts_ns);
		break;
	}
}

static void on_plain(struct dtls_assoc *a, unsigned dir, uint8_t type,
		     struct slice body, uint64_t ts_ns)
{
	guess_role(a, dir, type);
	switch (type) {
	case TLS_CLIENT_HELLO:
		on_client_hello(a, dir, body, ts_ns);
		break;
	case TLS_SERVER_HELLO:
		on_server_hello(a, dir, body);
		break;
	case TLS_HELLO_VERIFY_REQUEST:
		a->info.hello_verify = true;
		if (!a->answered)
			dtls_set_client(a, !dir);
		break;
	case TLS_CERTIFICATE:
		dtls_on_certificate(a, dir, body, false);
		break;
	case TLS_CERTIFICATE_REQUEST:
		a->info.certificate_requested = true;
		break;
	case TLS_SERVER_HELLO_DONE:
	case TLS_CLIENT_KEY_EXCHANGE:
		a->side[dir].done = true;
		break;
	}
}

void dtls_on_message(struct dtls_assoc *a, unsigned dir, uint8_t type,
		     struct slice body, uint64_t ts_ns, bool encrypted)
{
	if (encrypted)
		on_opened(a, dir, type, body, ts_ns);
	else
		on_plain(a, dir, type, body, ts_ns);
	a->info.revision++;
}
