#include "tests/made_cdr.h"

#include <stdio.h>
#include <stdlib.h>

#define SEC 1000000000ull

static void *make(struct cdr *cdr, size_t size)
{
	void *p = arena_alloc(cdr->mem, size);

	if (!p)
		abort();
	return p;
}

static struct cdr *begin(enum cdr_kind kind, const char *uid)
{
	struct cdr *cdr = cdr_new(kind);

	if (!cdr)
		abort();
	cdr->number = 1;
	snprintf(cdr->uid, sizeof(cdr->uid), "%s", uid);
	cdr->sensor = SLICE("lab");
	cdr->last_packet = MADE_NS + 60 * SEC;
	cdr->packets = 100;
	return cdr;
}

static struct addr ip4(uint8_t last, uint16_t port)
{
	uint8_t ip[4] = {192, 0, 2, last};

	return addr_v4(ip, port);
}

static struct addr ip6(uint8_t last, uint16_t port)
{
	uint8_t ip[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = last};

	return addr_v6(ip, port);
}

static void fill_parties(struct cdr_call *c)
{
	c->caller = (struct cdr_party){
		.user = SLICE("+4930123"),
		.host = SLICE("example.org"),
		/* a quote, a control character, Latin-1, NUL, UTF-8 */
		.name = SLICE("A\"\\\n\xe9\0\xc3\xa9"),
		.uri = SLICE("sip:+4930123@example.org"),
		.tag = SLICE("ft"),
		.addr = ip4(1, 5060),
		.agent = SLICE("phone/1"),
	};
	c->callee = (struct cdr_party){
		.user = SLICE("4420"),
		.host = SLICE("example.net"),
		.uri = SLICE("sip:4420@example.net"),
		.tag = SLICE("tt"),
		.addr = ip6(2, 5062),
		.asserted = SLICE("sip:44@example.net"),
	};
}

static void fill_messages(struct cdr *cdr)
{
	struct cdr_call *c = &cdr->call;

	c->dialogs = make(cdr, sizeof(*c->dialogs));
	c->dialogs[0] = (struct cdr_dialog){
		.caller_tag = SLICE("ft"),
		.callee_tag = SLICE("tt"),
		.callee_addr = ip6(2, 5062),
		.status = 200,
		.answer = MADE_NS + 2 * SEC,
		.end = MADE_NS + 12 * SEC,
		.ended_by = "callee",
	};
	c->dialogs_n = 1;
	c->messages = make(cdr, 2 * sizeof(*c->messages));
	c->messages[0] = (struct cdr_message){
		.time = MADE_NS,
		.src = ip4(1, 5060),
		.dst = ip6(2, 5062),
		.transport = "udp",
		.method = SLICE("INVITE"),
		.status = CDR_NO_U32,
		.cseq = 1,
		.len = 700,
		.copy_of = CDR_NO_U32,
	};
	c->messages[1] = c->messages[0];
	c->messages[1].status = 200;
	c->messages[1].retransmission = true;
	c->messages[1].copy_of = 0;
	c->messages_n = 2;
}

static void fill_offers(struct cdr *cdr)
{
	struct cdr_call *c = &cdr->call;
	struct cdr_offer_media *m = make(cdr, sizeof(*m));
	struct slice *codecs = make(cdr, 2 * sizeof(*codecs));

	codecs[0] = SLICE("PCMA/8000");
	codecs[1] = SLICE("\xff");
	*m = (struct cdr_offer_media){
		.kind = "audio",
		.port = 4000,
		.direction = "sendrecv",
		.codecs = {codecs, 2},
		.rejected = true,
		.answer_port = 0,
		.negotiated = {codecs, 1},
		.rtcp_mux = "true",
	};
	c->offers = make(cdr, sizeof(*c->offers));
	c->offers[0] = (struct cdr_offer){
		.time = MADE_NS,
		.by = "caller",
		.version = UINT64_MAX,
		.answered = true,
		.state = "answered",
		.answer_time = MADE_NS + SEC,
		.answer_version = 7,
		.ice_lite = "false",
		.media = m,
		.media_n = 1,
	};
	c->offers_n = 1;
}

/* Slices in two hours: the last of one and the first two of the next. */
static void fill_slices(struct cdr *cdr, struct cdr_stream *s)
{
	s->slices_n = 3;
	s->slices = make(cdr, 3 * sizeof(*s->slices));
	for (unsigned i = 0; i < 3; i++)
		s->slices[i] = (struct cdr_slice10){
			.start_s = 1795399190 + 10 * i,
			.packets = 500 - i,
			.lost = i,
			.duplicates = 2 * i,
			.late_f1 = 3 + i,
			.late_f2 = 70000,
			.late_adaptive = 1,
			.jitter_ms_max = 1.5f,
			.delta_ms_max = 40.25f,
			.mos_f1 = 4.25f,
			.mos_f2 = NAN,
			.mos_adaptive = 4.5f,
			.bytes = 80000,
			.nack = 1 + i,
			.nack_numbers = 70000 + i,
			.pli = 3,
			.fir = 65533 + i,
			.remb_kbps = 300000,
			.frames = 300 + i,
		};
}

static void fill_stream(struct cdr *cdr, struct cdr_stream *s)
{
	snprintf(s->stream_uid, sizeof(s->stream_uid), "%s",
		 "01KAQ0000000000000000STRM0");
	s->src = ip4(1, 4000);
	s->dst = ip6(2, 4002);
	s->ssrc = 0x1234abcd;
	s->hop = 1;
	s->sender = "caller";
	s->media = "audio";
	s->codec = SLICE("PCMA");
	s->payload_type = 8;
	s->clock_rate = 8000;
	s->codecs = make(cdr, sizeof(*s->codecs));
	s->codecs[0] = (struct cdr_codec){8, SLICE("PCMA"), 8000, 499};
	s->codecs_n = 1;
	s->first = MADE_NS + 2 * SEC;
	s->last = MADE_NS + 12 * SEC;
	s->packets = 499;
	s->bytes = 79840;
	s->expected = 500;
	s->lost = 1;
	s->loss_pct = 0.2;
	s->jitter_ms = (struct cdr_pair){0.12345, 1.0005};
	s->delta_ms = (struct cdr_pair){20, 40.5};
	s->skew_ms = -0.0001;
	s->dscp = 46;
	s->vlan = CDR_NO_U32;
	s->ptime_ms = 20;
	s->mos = (struct cdr_mos){4.4, 4.41, 4.39, 4, "NB", "G.107", false};
	s->r_factor = 93.2;
	s->burst = (struct cdr_burst){0.1, NAN, NAN, 10000};
	s->loss_runs[0] = 1;
	s->delay_bins[7] = 2;
	s->rtcp = (struct cdr_rtcp){
		.sr = 2,
		.fraction_lost_max = NAN,
		.lost_reported = -1,
		.jitter_ms_max = INFINITY,
		.rtt_a_ms = NAN,
		.rtt_b_ms = 12.3456,
		.rtt_ms_mean = NAN,
		.rtt_ms_max = NAN,
		.nack_numbers = 7,
		.remb_kbps = 300,
	};
	s->transport_expected = 1000;
	s->transport_lost = UINT64_MAX;
	s->has_audio_level = true;
	s->audio_level = (struct cdr_audio_level){-40.5, -12, 33.3};
	s->repair = (struct cdr_repair){.red = 10, .lost_after = UINT64_MAX};
	fill_slices(cdr, s);
}

static void fill_ends(struct cdr *cdr)
{
	struct cdr_call *c = &cdr->call;

	c->dtmf = make(cdr, sizeof(*c->dtmf));
	c->dtmf[0] = (struct cdr_dtmf){
		.time = MADE_NS,
		.digit = SLICE("#"),
		.duration_us = 80125,
		.via = "rfc4733",
	};
	c->dtmf_n = 1;
	c->diagnoses = make(cdr, sizeof(*c->diagnoses));
	c->diagnoses[0] = (struct cdr_diagnosis){
		.code = "one-way",
		.severity = "error",
		.side = "b",
		.detail = SLICE("no media from callee"),
	};
	c->diagnoses_n = 1;
	c->a = (struct cdr_side){
		.codec = SLICE("PCMA"),
		.packets = 499,
		.lost = 1,
		.loss_pct = 0.2,
		.jitter_ms = {0.12345, 1.0005},
		.mos = {4.4, 4.41, 4.39, 4, "NB", "G.107", false},
		.rtt_ms_mean = NAN,
	};
	memcpy(c->a.stream_uid, c->streams[0].stream_uid, CDR_UID);
	c->pcap = SLICE("spool/2026-11-23/01/X.pcap");
}

static void fill_call(struct cdr *cdr)
{
	struct cdr_call *c = &cdr->call;

	c->call_id = SLICE("id@example.org");
	c->state = "completed";
	c->status = 200;
	c->reason = SLICE("OK");
	c->ended_by = "callee";
	c->q850 = CDR_NO_U32;
	c->transport = "udp";
	c->start = MADE_NS;
	c->answer = MADE_NS + 2 * SEC;
	c->end = MADE_NS + 12 * SEC;
	c->duration_us = 12000000;
	c->connect_us = 10000000;
	c->pdd_us = CDR_NO_US;
	c->setup_us = 2000001;
	c->billing = (struct cdr_billing){
		.end = MADE_NS + 12 * SEC + 1000,
		.billable_us = 10000001,
		.flags = SLICE("no-ack partial-end"),
		.caller_e164 = SLICE("+4930123"),
		.trunk_out = SLICE("carrier"),
		.direction = "out",
	};
	fill_parties(c);
	fill_messages(cdr);
	fill_offers(cdr);
	c->streams = make(cdr, sizeof(*c->streams));
	fill_stream(cdr, &c->streams[0]);
	c->streams_n = 1;
	fill_ends(cdr);
}

struct cdr *made_call(void)
{
	struct cdr *cdr = begin(CDR_CALL, "01KAQ00000000000000000CA11");

	cdr->partial = "end";
	fill_call(cdr);
	return cdr;
}

struct cdr *made_session(void)
{
	struct cdr *cdr = begin(CDR_SESSION, "01KAQ000000000000000000SES");
	struct cdr_call *c = &cdr->call;

	c->kind = "rtp";
	c->status = c->q850 = CDR_NO_U32;
	c->state = "expired";
	c->start = MADE_NS;
	c->end = MADE_NS + 20 * SEC;
	c->duration_us = 20000000;
	c->connect_us = c->pdd_us = c->setup_us = CDR_NO_US;
	c->billing.billable_us = CDR_NO_US;
	c->streams = make(cdr, sizeof(*c->streams));
	fill_stream(cdr, &c->streams[0]);
	c->streams[0].src = ip4(7, 7000);
	c->streams[0].has_audio_level = false;
	c->streams[0].has_video = true;
	c->streams[0].video = (struct cdr_video){
		.frames = 300,
		.fps = 29.97,
		.keyframes = UINT64_MAX,
		.width = 1280,
		.height = 720,
		.bitrate_kbps = {800, 1200.5},
		.spatial_layers = CDR_NO_U32,
		.temporal_layers = 3,
	};
	c->streams_n = 1;
	return cdr;
}

static void fill_ice(struct cdr *cdr)
{
	struct cdr_ice *i = make(cdr, sizeof(*i));

	i->candidates = make(cdr, 2 * sizeof(*i->candidates));
	i->candidates[0] = (struct cdr_ice_candidate){
		.side = "a",
		.foundation = SLICE("f1"),
		.component = 1,
		.transport = SLICE("udp"),
		.priority = 2130706431,
		.addr = SLICE("x.local:4000"),
		.type = "host",
		.resolved = ip4(1, 4000),
	};
	i->candidates[1] = (struct cdr_ice_candidate){
		.side = "b",
		.component = CDR_NO_U32,
		.transport = SLICE("udp"),
		.priority = CDR_NO_U32,
		.addr = SLICE("192.0.2.2:5000"),
	};
	i->candidates_n = 2;
	i->pairs = make(cdr, sizeof(*i->pairs));
	i->pairs[0] = (struct cdr_ice_pair){
		.local = ip4(1, 4000),
		.remote = ip4(2, 5000),
		.component = 1,
		.transport = "udp",
		.local_type = "host",
		.state = "succeeded",
		.nominated = true,
		.selected = true,
		.ab = {3, 2, 0, 1, 12.3456},
		.ba = {0, 0, 0, 0, NAN},
		.first = MADE_NS,
		.last = MADE_NS + 5 * SEC,
	};
	i->pairs_n = 1;
	i->a = SLICE("uA");
	i->b = SLICE("uB");
	i->generation = 1;
	i->controlling = "a";
	i->nomination = "regular";
	i->result = "connected";
	i->connect_us = 80500;
	i->started = MADE_NS;
	cdr->call.ice = i;
	cdr->call.ice_n = 1;
}

static void fill_dtls(struct cdr *cdr)
{
	struct cdr_dtls *d = make(cdr, sizeof(*d));

	*d = (struct cdr_dtls){
		.client = ip4(2, 5000),
		.server = ip4(1, 4000),
		.version = "1.2",
		.cipher = SLICE("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
		.srtp_profile = SLICE("SRTP_AEAD_AES_128_GCM"),
		.started = MADE_NS,
		.finished = MADE_NS + SEC / 10,
		.handshake_us = 100000,
		.fingerprint_client = SLICE("sha-256 AA:BB"),
		.fingerprint_match = "true",
		.state = "finished",
		.key_state = "ok",
	};
	d->offered_profiles.v = make(cdr, 2 * sizeof(struct slice));
	d->offered_profiles.v[0] = SLICE("SRTP_AEAD_AES_128_GCM");
	d->offered_profiles.v[1] = SLICE("SRTP_AES128_CM_HMAC_SHA1_80");
	d->offered_profiles.n = 2;
	cdr->call.dtls = d;
	cdr->call.dtls_n = 1;
}

static void fill_turn(struct cdr *cdr)
{
	struct cdr_turn *t = make(cdr, sizeof(*t));

	*t = (struct cdr_turn){
		.client = ip4(1, 4000),
		.server = ip4(9, 3478),
		.transport = "tls",
		.realm = SLICE("example.org"),
		.username = SLICE("joe"),
		.relayed = ip4(9, 49152),
		.mapped = ip4(8, 1024),
		.lifetime_s = 600,
		.created = MADE_NS,
		.bytes_up = 1000,
		.bytes_down = 2000,
		.packets_up = 10,
		.packets_down = 20,
		.error = CDR_NO_U32,
		.delay_ms = 1.25,
		.lost = 3,
		.integrity = "ok",
	};
	t->permissions = make(cdr, sizeof(*t->permissions));
	t->permissions[0] = (struct cdr_turn_permission){
		SLICE("192.0.2.2"), MADE_NS, MADE_NS + 300 * SEC, CDR_NO_U32};
	t->permissions_n = 1;
	t->channels = make(cdr, sizeof(*t->channels));
	t->channels[0] = (struct cdr_turn_channel){
		SLICE("0x4000"), ip4(2, 5000), MADE_NS, 0, 403};
	t->channels_n = 1;
	cdr->call.turn = t;
	cdr->call.turn_n = 1;
}

struct cdr *made_webrtc(void)
{
	struct cdr *cdr = made_session();
	struct cdr_call *c = &cdr->call;
	struct cdr_nat *n = make(cdr, sizeof(*n));

	snprintf(cdr->uid, sizeof(cdr->uid), "01KAQ000000000000000000RTC");
	c->kind = "webrtc";
	c->signalling = "json";
	c->streams[0].has_turn = true;
	c->streams[0].turn = (struct cdr_stream_turn){
		ip4(1, 4000), ip4(9, 49152), ip4(2, 5000)};
	c->streams[0].srtp = "AEAD_AES_128_GCM";
	c->streams[0].key_state = "missing";
	fill_ice(cdr);
	fill_dtls(cdr);
	fill_turn(cdr);
	*n = (struct cdr_nat){ip4(1, 4000), "port-dependent", 2, "sure",
			      ip4(8, 1024)};
	c->nat = n;
	c->nat_n = 1;
	return cdr;
}

struct cdr *made_registration(void)
{
	struct cdr *cdr = begin(CDR_REGISTRATION, "01KAQ000000000000000000REG");

	cdr->registration = (struct cdr_registration){
		.aor = SLICE("sip:u@example.org"),
		.contact = SLICE("sip:u@192.0.2.1"),
		.call_id = SLICE("r1"),
		.src = ip4(1, 5060),
		.dst = ip4(2, 5060),
		.expires = 3600,
		.state = "registered",
		.status = 200,
		.rtt_us = 12345,
		.refreshes = 3,
		.start = MADE_NS,
	};
	return cdr;
}

struct cdr *made_transaction(void)
{
	struct cdr *cdr = begin(CDR_TRANSACTION, "01KAQ000000000000000000TRN");

	cdr->transaction = (struct cdr_transaction){
		.method = SLICE("OPTIONS"),
		.from_uri = SLICE("sip:a"),
		.to_uri = SLICE("sip:b"),
		.call_id = SLICE("o1"),
		.src = ip4(1, 5060),
		.dst = ip4(2, 5060),
		.status = CDR_NO_U32,
		.rtt_us = CDR_NO_US,
		.start = MADE_NS,
	};
	return cdr;
}

struct cdr *made_summary(void)
{
	struct cdr *cdr = begin(CDR_SUMMARY, "");

	cdr->summary = (struct cdr_summary){
		.packets = 12,
		.bytes = 3456,
		.first = MADE_NS,
		.last = MADE_NS + SEC,
		.elapsed_us = 1500,
	};
	counters_add(&cdr->summary.malformed, "sip.no_call_id", 2);
	counters_add(&cdr->summary.malformed, "ip.bad_length", 1);
	counters_sort(&cdr->summary.malformed);
	return cdr;
}
