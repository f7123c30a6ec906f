#include "sniffer/run_hep.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "dissectors/hep.h"
#include "dissectors/rtcp_json.h"
#include "sniffer/capture/hep_source.h"
#include "sniffer/collector/sender.h"
#include "storage/db_password.h"

#define DRAIN_MS 1500 /* of a live run, at its end */

struct run_hep {
	struct source *source; /* whose counts: of the run, or NULL */
	struct sender *to[HEP_COLLECTORS_MAX];
	size_t n;
	uint64_t too_long, srtcp;
	char key[DB_PASSWORD], send_key[DB_PASSWORD];
	uint8_t packet[HEP_MAX];
};

static struct run_hep *hep_of(struct run *r)
{
	if (!r->hep)
		r->hep = calloc(1, sizeof(*r->hep));
	return r->hep;
}

/* No file, no key. */
static int read_key(const char *file, char out[DB_PASSWORD], char *err_text,
		    size_t size)
{
	char why[SINK_WHY];
	int err = file ? db_password_check(file, why) : 0;

	if (file && !err)
		err = db_password_read(file, out, why);
	if (file && !err && !out[0]) {
		snprintf(why, sizeof(why), "the key file %.300s is empty",
			 file);
		err = -EINVAL;
	}
	if (err)
		snprintf(err_text, size, "%s", why);
	return err;
}

/* --- taken in --------------------------------------------------------------
 */

static void say_places(struct run *r, const struct source *s)
{
	char places[1024];

	hep_source_places(s, places, sizeof(places));
	say_log(r, LEVEL_INFO, "HEP is taken at %s", places);
}

int run_hep_listen(struct run *r, struct source **in, size_t *n, char *err_text,
		   size_t size)
{
	const struct config *c = r->cfg;
	struct hep_listen_options lo = {
		.listen = c->hep_listen.v,
		.listen_n = c->hep_listen.n,
		.allow = c->hep_allow.v,
		.allow_n = c->hep_allow.n,
		.cert = c->hep_tls_cert,
		.pem = c->hep_tls_key,
		.own_node = c->hep_send.n ? slice_str(c->sensor)
					  : (struct slice){0},
		.own_id = (uint32_t)c->hep_id,
		.skew_ns = c->hep_skew_ns,
		.idle_ns = c->hep_idle_ns,
		.connections = c->hep_connections,
	};
	int err;

	if (!c->hep_listen.n)
		return 0;
	snprintf(err_text, size, "out of memory");
	if (!hep_of(r))
		return -ENOMEM;
	err = read_key(c->hep_auth_file, r->hep->key, err_text, size);
	if (err)
		return err;
	lo.key = slice_str(r->hep->key);
	err = hep_source_open(&in[*n], &lo, err_text, size);
	if (err)
		return err;
	r->hep->source = in[(*n)++];
	say_places(r, r->hep->source);
	return 0;
}

/* --- sent ------------------------------------------------------------------
 */

static void say(void *arg, const char *line)
{
	say_log(arg, LEVEL_WARNING, "%s", line);
}

static int open_sender(struct run *r, const char *to)
{
	struct sender_config sc = {
		.to = to,
		.ca = r->cfg->hep_send_ca,
		.queue_bytes = r->cfg->hep_send_bytes,
		.wait = !r->live,
		.stop = r->stop,
		.say = say,
		.arg = r,
	};
	char why[SENDER_WHY];
	int err = sender_open(&r->hep->to[r->hep->n], &sc, why);

	if (err)
		run_complain(r, why);
	else
		r->hep->n++;
	return err;
}

int run_hep_open(struct run *r)
{
	const struct config_list *to = &r->cfg->hep_send;
	char why[SINK_WHY] = "out of memory";
	int err = 0;

	if (!to->n)
		return 0;
	if (!hep_of(r)) {
		run_complain(r, why);
		return -ENOMEM;
	}
	if (to->n > HEP_COLLECTORS_MAX) {
		run_complain(r, "hep-send: there may be up to 4 collectors");
		return -E2BIG;
	}
	err = read_key(r->cfg->hep_send_auth_file, r->hep->send_key, why,
		       sizeof(why));
	if (err)
		run_complain(r, why);
	for (size_t i = 0; !err && i < to->n; i++)
		err = open_sender(r, to->v[i]);
	return err;
}

static void send_as(struct run *r, const struct engine_wire *w, uint8_t type,
		    struct slice payload)
{
	struct run_hep *rh = r->hep;
	struct hep h = {
		.src = *w->src,
		.dst = *w->dst,
		.proto = w->proto,
		.type = type,
		.tos = (uint8_t)(w->dscp << 2),
		.vlan = w->vlan == PKT_NO_VLAN ? 0 : w->vlan,
		.seconds = (uint32_t)(w->ts_ns / 1000000000),
		.microseconds = (uint32_t)(w->ts_ns / 1000 % 1000000),
		.capture_id = (uint32_t)r->cfg->hep_id,
		.payload = payload,
		.correlation_id = w->call_id,
		.node = slice_str(r->cfg->sensor),
		.auth = slice_str(rh->send_key),
	};
	size_t n = hep_write(rh->packet, &h);

	if (!n)
		rh->too_long++;
	for (size_t i = 0; n && i < rh->n; i++)
		sender_put(rh->to[i], slice_of(rh->packet, n));
}

static void on_sip(void *arg, const struct engine_wire *w)
{
	send_as(arg, w, HEP_SIP, w->bytes);
}

/* As Homer reads it. */
static void on_rtcp(void *arg, const struct engine_wire *w)
{
	struct run *r = arg;
	char text[RTCP_JSON_TEXT_MAX];
	size_t n = rtcp_json_write(w->bytes, text);

	if (n)
		send_as(r, w, HEP_RTCP, slice_of(text, n));
	else
		r->hep->srtcp++;
}

void run_hep_watch(struct run *r, struct engine_out *out)
{
	static const struct engine_watch watch = {.sip = on_sip,
						  .rtcp = on_rtcp};

	if (!r->hep || !r->hep->n)
		return;
	for (size_t i = 0; i < r->hep->n; i++)
		if (sender_start(r->hep->to[i]))
			run_complain(r, "hep-send: cannot start a thread: "
					"nothing is sent");
	out->watch = &watch;
	out->watch_arg = r;
}

/* --- figures ---------------------------------------------------------------
 */

static void put_taken(const struct run_hep *rh, struct stats *s)
{
	static const struct {
		enum hep_count from;
		enum stats_id to;
		const char *label;
	} rows[] = {
		{HEP_PACKETS, STATS_HEP_PACKETS, NULL},
		{HEP_BYTES, STATS_HEP_BYTES, NULL},
		{HEP_BAD, STATS_HEP_REFUSED, "bad"},
		{HEP_OLD, STATS_HEP_REFUSED, "version"},
		{HEP_TOO_LONG, STATS_HEP_REFUSED, "length"},
		{HEP_NOT_ALLOWED, STATS_HEP_REFUSED, "address"},
		{HEP_WRONG_KEY, STATS_HEP_REFUSED, "key"},
		{HEP_OWN, STATS_HEP_REFUSED, "own"},
		{HEP_CLAMPED, STATS_HEP_CLAMPED, NULL},
		{HEP_OPEN, STATS_HEP_CONNECTIONS, NULL},
		{HEP_OPENED, STATS_HEP_CONNECTION_EVENTS, "opened"},
		{HEP_FULL, STATS_HEP_CONNECTION_EVENTS, "full"},
		{HEP_CUT, STATS_HEP_CONNECTION_EVENTS, "cut"},
		{HEP_RESYNCS, STATS_HEP_CONNECTION_EVENTS, "resync"},
	};
	uint64_t counts[HEP_COUNTS];

	if (!rh->source)
		return;
	hep_source_counts(rh->source, counts);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		stats_put1(s, rows[i].to, rows[i].label,
			   (double)counts[rows[i].from]);
}

static void put_sent(struct sender *to, const char *name, struct stats *s)
{
	struct slice label = slice_str(name);
	struct sender_stats st;

	sender_stats(to, &st);
	stats_put1(s, STATS_HEP_SENT_PACKETS, name, (double)st.sent);
	stats_put1(s, STATS_HEP_SENT_BYTES, name, (double)st.bytes);
	stats_put2(s, STATS_HEP_UNSENT, label, SLICE("dropped"),
		   (double)st.dropped);
	stats_put2(s, STATS_HEP_UNSENT, label, SLICE("refused"),
		   (double)st.refused);
	stats_put1(s, STATS_HEP_WAITING, name, (double)st.waiting);
	stats_put1(s, STATS_HEP_UP, name, st.up);
}

void run_hep_stats(const struct run *r, struct stats *s)
{
	static const char *const names[HEP_COLLECTORS_MAX] = {"1", "2", "3",
							      "4"};
	const struct run_hep *rh = r->hep;

	if (!rh)
		return;
	put_taken(rh, s);
	for (size_t i = 0; i < rh->n; i++)
		put_sent(rh->to[i], names[i], s);
}

/* --- the end ---------------------------------------------------------------
 */

static void say_sent(struct run *r, size_t i)
{
	struct run_hep *rh = r->hep;
	struct sender_stats st;

	sender_stats(rh->to[i], &st);
	say_log(r, LEVEL_INFO,
		"HEP to %s: %llu packets sent, %llu dropped, %llu refused",
		r->cfg->hep_send.v[i], (unsigned long long)st.sent,
		(unsigned long long)st.dropped, (unsigned long long)st.refused);
}

static void say_taken(struct run *r)
{
	unsigned long long bad, refused;
	uint64_t n[HEP_COUNTS];

	hep_source_counts(r->hep->source, n);
	bad = n[HEP_BAD] + n[HEP_OLD] + n[HEP_TOO_LONG];
	refused = n[HEP_NOT_ALLOWED] + n[HEP_WRONG_KEY] + n[HEP_OWN];
	say_log(r, LEVEL_INFO,
		"HEP: %llu packets taken, %llu bad, %llu refused, %llu times "
		"out of reason",
		(unsigned long long)n[HEP_PACKETS], bad, refused,
		(unsigned long long)n[HEP_CLAMPED]);
}

void run_hep_end(struct run *r)
{
	struct run_hep *rh = r->hep;

	if (!rh)
		return;
	if (rh->source)
		say_taken(r);
	for (size_t i = 0; i < rh->n; i++) {
		sender_finish(rh->to[i], DRAIN_MS);
		say_sent(r, i);
	}
	if (rh->too_long || rh->srtcp)
		say_log(r, LEVEL_INFO,
			"not sent as HEP: %llu messages too long, %llu RTCP "
			"without a report, or encrypted",
			(unsigned long long)rh->too_long,
			(unsigned long long)rh->srtcp);
}

bool run_hep_lost(const struct run *r)
{
	struct sender_stats st;
	bool lost = false;

	for (size_t i = 0; r->hep && !r->live && i < r->hep->n; i++) {
		sender_stats(r->hep->to[i], &st);
		lost |= st.dropped > 0;
	}
	return lost;
}

void run_hep_close(struct run *r)
{
	struct run_hep *rh = r->hep;

	if (!rh)
		return;
	for (size_t i = 0; i < rh->n; i++)
		sender_free(rh->to[i]);
	OPENSSL_cleanse(rh, sizeof(*rh));
	free(rh);
	r->hep = NULL;
}
