#include "sniffer/cdr.h"

#include <stdlib.h>

#define ARENA_FIRST 4096

#define F(type_, st, member)                                                   \
	{                                                                      \
#member, CDR_T_##type_, offsetof(st, member)                   \
	}
#define NAMED(type_, st, name_, member)                                        \
	{                                                                      \
		name_, CDR_T_##type_, offsetof(st, member)                     \
	}
#define OBJECT(st, member, table)                                              \
	{                                                                      \
#member, CDR_T_OBJECT, offsetof(st, member), .fields = table   \
	}
#define OPTIONAL(st, member, table)                                            \
	{                                                                      \
#member, CDR_T_OPTIONAL, offsetof(st, member),                 \
			.fields = table,                                       \
			.count_offset = offsetof(st, has_##member)             \
	}
#define ROWS(st, member, row, table)                                           \
	{                                                                      \
#member, CDR_T_ROWS, offsetof(st, member),                     \
			.fields = table, .size = sizeof(row),                  \
			.count_offset = offsetof(st, member##_n)               \
	}
#define U32S(st, member, n)                                                    \
	{                                                                      \
#member, CDR_T_U32S, offsetof(st, member), .size = n           \
	}
#define NONE(name_)                                                            \
	{                                                                      \
		name_, CDR_T_NULL                                              \
	}
#define END                                                                    \
	{                                                                      \
		NULL, CDR_T_END                                                \
	}

static const struct cdr_field party_fields[] = {
	F(TEXT, struct cdr_party, user),
	F(TEXT, struct cdr_party, host),
	F(TEXT, struct cdr_party, name),
	F(TEXT, struct cdr_party, uri),
	F(TEXT, struct cdr_party, tag),
	F(ADDR, struct cdr_party, addr),
	F(TEXT, struct cdr_party, agent),
	F(TEXT, struct cdr_party, asserted),
	END,
};

static const struct cdr_field dialog_fields[] = {
	F(TEXT, struct cdr_dialog, caller_tag),
	F(TEXT, struct cdr_dialog, callee_tag),
	F(ADDR, struct cdr_dialog, callee_addr),
	F(U32, struct cdr_dialog, status),
	F(TIME, struct cdr_dialog, ring),
	F(TIME, struct cdr_dialog, answer),
	F(TIME, struct cdr_dialog, end),
	F(NAME, struct cdr_dialog, ended_by),
	END,
};

static const struct cdr_field message_fields[] = {
	F(TIME, struct cdr_message, time),
	F(ADDR, struct cdr_message, src),
	F(ADDR, struct cdr_message, dst),
	F(NAME, struct cdr_message, transport),
	F(TEXT, struct cdr_message, method),
	F(U32, struct cdr_message, status),
	F(U32, struct cdr_message, cseq),
	F(U32, struct cdr_message, len),
	F(BOOL, struct cdr_message, retransmission),
	F(U32, struct cdr_message, copy_of),
	END,
};

static const struct cdr_field offer_media_fields[] = {
	F(TEXT, struct cdr_offer_media, mid),
	F(NAME, struct cdr_offer_media, kind),
	F(U32, struct cdr_offer_media, port),
	F(NAME, struct cdr_offer_media, direction),
	F(STRINGS, struct cdr_offer_media, codecs),
	F(BOOL, struct cdr_offer_media, bundle),
	F(BOOL, struct cdr_offer_media, rejected),
	F(U32, struct cdr_offer_media, answer_port),
	F(NAME, struct cdr_offer_media, answer_direction),
	F(STRINGS, struct cdr_offer_media, negotiated),
	F(TRUTH, struct cdr_offer_media, bundled),
	F(TRUTH, struct cdr_offer_media, rtcp_mux),
	END,
};

static const struct cdr_field offer_fields[] = {
	F(TIME, struct cdr_offer, time),
	F(NAME, struct cdr_offer, by),
	F(U64, struct cdr_offer, version),
	F(BOOL, struct cdr_offer, answered),
	F(NAME, struct cdr_offer, state),
	F(TIME, struct cdr_offer, answer_time),
	F(U64, struct cdr_offer, answer_version),
	F(TRUTH, struct cdr_offer, ice_lite),
	F(TRUTH, struct cdr_offer, answer_ice_lite),
	ROWS(struct cdr_offer, media, struct cdr_offer_media,
	     offer_media_fields),
	END,
};

static const struct cdr_field dtmf_fields[] = {
	F(TIME, struct cdr_dtmf, time),
	F(TEXT, struct cdr_dtmf, digit),
	NAMED(US, struct cdr_dtmf, "duration_ms", duration_us),
	F(NAME, struct cdr_dtmf, via),
	F(TEXT, struct cdr_dtmf, stream),
	END,
};

static const struct cdr_field diagnosis_fields[] = {
	F(NAME, struct cdr_diagnosis, code),
	F(NAME, struct cdr_diagnosis, severity),
	F(NAME, struct cdr_diagnosis, side),
	F(TEXT, struct cdr_diagnosis, detail),
	END,
};

static const struct cdr_field codec_fields[] = {
	F(U32, struct cdr_codec, payload_type),
	F(TEXT, struct cdr_codec, codec),
	F(U32, struct cdr_codec, clock_rate),
	F(U64, struct cdr_codec, packets),
	END,
};

static const struct cdr_field pair_fields[] = {
	F(DOUBLE, struct cdr_pair, mean),
	F(DOUBLE, struct cdr_pair, max),
	END,
};

static const struct cdr_field mos_fields[] = {
	F(DOUBLE, struct cdr_mos, f1),	     F(DOUBLE, struct cdr_mos, f2),
	F(DOUBLE, struct cdr_mos, adaptive), F(DOUBLE, struct cdr_mos, min),
	F(NAME, struct cdr_mos, scale),	     F(NAME, struct cdr_mos, model),
	F(BOOL, struct cdr_mos, assumed),    END,
};

static const struct cdr_field burst_fields[] = {
	F(DOUBLE, struct cdr_burst, gap_loss_pct),
	F(DOUBLE, struct cdr_burst, burst_loss_pct),
	F(DOUBLE, struct cdr_burst, burst_ms),
	F(DOUBLE, struct cdr_burst, gap_ms),
	END,
};

static const struct cdr_field rtcp_fields[] = {
	F(U64, struct cdr_rtcp, sr),
	F(U64, struct cdr_rtcp, rr),
	F(U64, struct cdr_rtcp, xr),
	F(U64, struct cdr_rtcp, nack),
	F(U64, struct cdr_rtcp, pli),
	F(U64, struct cdr_rtcp, fir),
	F(U64, struct cdr_rtcp, remb),
	F(U64, struct cdr_rtcp, twcc),
	F(U64, struct cdr_rtcp, bye),
	F(DOUBLE, struct cdr_rtcp, fraction_lost_max),
	F(I64, struct cdr_rtcp, lost_reported),
	F(DOUBLE, struct cdr_rtcp, jitter_ms_max),
	F(DOUBLE, struct cdr_rtcp, rtt_a_ms),
	F(DOUBLE, struct cdr_rtcp, rtt_b_ms),
	F(DOUBLE, struct cdr_rtcp, rtt_ms_mean),
	F(DOUBLE, struct cdr_rtcp, rtt_ms_max),
	F(U64, struct cdr_rtcp, nack_numbers),
	F(DOUBLE, struct cdr_rtcp, remb_kbps),
	END,
};

static const struct cdr_field audio_level_fields[] = {
	F(DOUBLE, struct cdr_audio_level, mean),
	F(DOUBLE, struct cdr_audio_level, max),
	F(DOUBLE, struct cdr_audio_level, voice_pct),
	END,
};

static const struct cdr_field repair_fields[] = {
	F(U64, struct cdr_repair, rtx),
	F(U64, struct cdr_repair, red),
	F(U64, struct cdr_repair, fec),
	F(U64, struct cdr_repair, lost_after),
	END,
};

static const struct cdr_field video_fields[] = {
	F(U64, struct cdr_video, frames),
	F(DOUBLE, struct cdr_video, fps),
	F(U64, struct cdr_video, keyframes),
	F(U32, struct cdr_video, width),
	F(U32, struct cdr_video, height),
	OBJECT(struct cdr_video, bitrate_kbps, pair_fields),
	F(U32, struct cdr_video, spatial_layers),
	F(U32, struct cdr_video, temporal_layers),
	END,
};

static const struct cdr_field stream_turn_fields[] = {
	F(ADDR, struct cdr_stream_turn, client),
	F(ADDR, struct cdr_stream_turn, relayed),
	F(ADDR, struct cdr_stream_turn, peer),
	END,
};

static const struct cdr_field stream_fields[] = {
	F(UID, struct cdr_stream, stream_uid),
	F(ADDR, struct cdr_stream, src),
	F(ADDR, struct cdr_stream, dst),
	F(SSRC, struct cdr_stream, ssrc),
	F(U32, struct cdr_stream, hop),
	F(TEXT, struct cdr_stream, mid),
	F(TEXT, struct cdr_stream, rid),
	{"repairs", CDR_T_REPAIRS, 0},
	OPTIONAL(struct cdr_stream, turn, stream_turn_fields),
	F(NAME, struct cdr_stream, sender),
	F(NAME, struct cdr_stream, media),
	F(TEXT, struct cdr_stream, codec),
	F(U32, struct cdr_stream, payload_type),
	F(U32, struct cdr_stream, clock_rate),
	ROWS(struct cdr_stream, codecs, struct cdr_codec, codec_fields),
	F(BOOL, struct cdr_stream, codec_guessed),
	F(NAME, struct cdr_stream, srtp),
	F(BOOL, struct cdr_stream, decrypted),
	F(NAME, struct cdr_stream, key_state),
	F(TIME, struct cdr_stream, first),
	F(TIME, struct cdr_stream, last),
	F(U64, struct cdr_stream, packets),
	F(U64, struct cdr_stream, bytes),
	F(U64, struct cdr_stream, expected),
	F(U64, struct cdr_stream, lost),
	F(DOUBLE, struct cdr_stream, loss_pct),
	F(U64, struct cdr_stream, out_of_order),
	F(U64, struct cdr_stream, duplicates),
	F(U64, struct cdr_stream, duplicates_tap),
	OBJECT(struct cdr_stream, jitter_ms, pair_fields),
	OBJECT(struct cdr_stream, delta_ms, pair_fields),
	F(DOUBLE, struct cdr_stream, skew_ms),
	F(U32, struct cdr_stream, dscp),
	F(U32, struct cdr_stream, vlan),
	F(DOUBLE, struct cdr_stream, ptime_ms),
	OBJECT(struct cdr_stream, mos, mos_fields),
	F(DOUBLE, struct cdr_stream, r_factor),
	OBJECT(struct cdr_stream, burst, burst_fields),
	U32S(struct cdr_stream, loss_runs, 10),
	U32S(struct cdr_stream, delay_bins, 8),
	OBJECT(struct cdr_stream, rtcp, rtcp_fields),
	F(U64, struct cdr_stream, transport_expected),
	F(U64, struct cdr_stream, transport_lost),
	OPTIONAL(struct cdr_stream, audio_level, audio_level_fields),
	OBJECT(struct cdr_stream, repair, repair_fields),
	OPTIONAL(struct cdr_stream, video, video_fields),
	END,
};

static const struct cdr_field candidate_fields[] = {
	F(NAME, struct cdr_ice_candidate, side),
	F(TEXT, struct cdr_ice_candidate, foundation),
	F(U32, struct cdr_ice_candidate, component),
	F(TEXT, struct cdr_ice_candidate, transport),
	F(U32, struct cdr_ice_candidate, priority),
	F(TEXT, struct cdr_ice_candidate, addr),
	NAMED(NAME, struct cdr_ice_candidate, "type", type),
	F(TEXT, struct cdr_ice_candidate, related),
	F(ADDR, struct cdr_ice_candidate, resolved),
	END,
};

static const struct cdr_field checks_fields[] = {
	F(U64, struct cdr_ice_checks, requests),
	F(U64, struct cdr_ice_checks, responses),
	F(U64, struct cdr_ice_checks, errors),
	F(U64, struct cdr_ice_checks, retransmissions),
	F(DOUBLE, struct cdr_ice_checks, rtt_ms_mean),
	END,
};

static const struct cdr_field pair_ice_fields[] = {
	F(ADDR, struct cdr_ice_pair, local),
	F(ADDR, struct cdr_ice_pair, remote),
	F(U32, struct cdr_ice_pair, component),
	F(NAME, struct cdr_ice_pair, transport),
	F(NAME, struct cdr_ice_pair, local_type),
	F(NAME, struct cdr_ice_pair, remote_type),
	F(NAME, struct cdr_ice_pair, state),
	F(TEXT, struct cdr_ice_pair, reason),
	F(BOOL, struct cdr_ice_pair, nominated),
	F(BOOL, struct cdr_ice_pair, selected),
	OBJECT(struct cdr_ice_pair, ab, checks_fields),
	OBJECT(struct cdr_ice_pair, ba, checks_fields),
	F(TIME, struct cdr_ice_pair, first),
	F(TIME, struct cdr_ice_pair, last),
	F(BOOL, struct cdr_ice_pair, via_relay),
	F(BOOL, struct cdr_ice_pair, consent_lost),
	END,
};

static const struct cdr_field ice_fields[] = {
	F(TEXT, struct cdr_ice, a),
	F(TEXT, struct cdr_ice, b),
	F(U32, struct cdr_ice, generation),
	F(NAME, struct cdr_ice, controlling),
	F(NAME, struct cdr_ice, lite),
	F(NAME, struct cdr_ice, nomination),
	F(U64, struct cdr_ice, role_conflicts),
	ROWS(struct cdr_ice, candidates, struct cdr_ice_candidate,
	     candidate_fields),
	ROWS(struct cdr_ice, pairs, struct cdr_ice_pair, pair_ice_fields),
	F(NAME, struct cdr_ice, result),
	NAMED(US, struct cdr_ice, "connect_ms", connect_us),
	F(TIME, struct cdr_ice, started),
	END,
};

static const struct cdr_field dtls_fields[] = {
	F(ADDR, struct cdr_dtls, client),
	F(ADDR, struct cdr_dtls, server),
	F(NAME, struct cdr_dtls, version),
	F(TEXT, struct cdr_dtls, cipher),
	F(TEXT, struct cdr_dtls, srtp_profile),
	F(STRINGS, struct cdr_dtls, offered_profiles),
	F(TIME, struct cdr_dtls, started),
	F(TIME, struct cdr_dtls, finished),
	NAMED(US, struct cdr_dtls, "handshake_ms", handshake_us),
	F(U64, struct cdr_dtls, retransmissions),
	F(TEXT, struct cdr_dtls, fingerprint_client),
	F(TEXT, struct cdr_dtls, fingerprint_server),
	F(TRUTH, struct cdr_dtls, fingerprint_match),
	F(TRUTH, struct cdr_dtls, setup_match),
	F(TEXT, struct cdr_dtls, alert),
	F(NAME, struct cdr_dtls, state),
	F(NAME, struct cdr_dtls, key_state),
	END,
};

static const struct cdr_field permission_fields[] = {
	F(TEXT, struct cdr_turn_permission, peer),
	F(TIME, struct cdr_turn_permission, created),
	F(TIME, struct cdr_turn_permission, expires),
	F(U32, struct cdr_turn_permission, error),
	END,
};

static const struct cdr_field channel_fields[] = {
	F(TEXT, struct cdr_turn_channel, channel),
	F(ADDR, struct cdr_turn_channel, peer),
	F(TIME, struct cdr_turn_channel, created),
	F(TIME, struct cdr_turn_channel, expires),
	F(U32, struct cdr_turn_channel, error),
	END,
};

static const struct cdr_field turn_fields[] = {
	F(ADDR, struct cdr_turn, client),
	F(ADDR, struct cdr_turn, server),
	F(NAME, struct cdr_turn, transport),
	F(TEXT, struct cdr_turn, realm),
	F(TEXT, struct cdr_turn, username),
	F(ADDR, struct cdr_turn, relayed),
	F(ADDR, struct cdr_turn, mapped),
	F(U32, struct cdr_turn, lifetime_s),
	F(TIME, struct cdr_turn, created),
	F(TIME, struct cdr_turn, closed),
	ROWS(struct cdr_turn, permissions, struct cdr_turn_permission,
	     permission_fields),
	ROWS(struct cdr_turn, channels, struct cdr_turn_channel,
	     channel_fields),
	F(U64, struct cdr_turn, bytes_up),
	F(U64, struct cdr_turn, bytes_down),
	F(U64, struct cdr_turn, packets_up),
	F(U64, struct cdr_turn, packets_down),
	F(U32, struct cdr_turn, error),
	F(DOUBLE, struct cdr_turn, delay_ms),
	F(U64, struct cdr_turn, lost),
	F(TEXT, struct cdr_turn, software),
	F(NAME, struct cdr_turn, integrity),
	END,
};

static const struct cdr_field nat_fields[] = {
	F(ADDR, struct cdr_nat, addr),	 F(NAME, struct cdr_nat, class),
	F(U32, struct cdr_nat, remotes), F(NAME, struct cdr_nat, confidence),
	F(ADDR, struct cdr_nat, mapped), END,
};

static const struct cdr_field side_fields[] = {
	F(UID, struct cdr_side, stream_uid),
	F(TEXT, struct cdr_side, codec),
	F(U64, struct cdr_side, packets),
	F(U64, struct cdr_side, lost),
	F(DOUBLE, struct cdr_side, loss_pct),
	OBJECT(struct cdr_side, jitter_ms, pair_fields),
	OBJECT(struct cdr_side, mos, mos_fields),
	F(DOUBLE, struct cdr_side, rtt_ms_mean),
	END,
};

static const struct cdr_field billing_fields[] = {
	F(TIME, struct cdr_billing, end),
	F(I64, struct cdr_billing, billable_us),
	F(TEXT, struct cdr_billing, flags),
	F(TEXT, struct cdr_billing, caller_e164),
	F(TEXT, struct cdr_billing, callee_e164),
	F(TEXT, struct cdr_billing, trunk_in),
	F(TEXT, struct cdr_billing, trunk_out),
	F(NAME, struct cdr_billing, direction),
	END,
};

/* A session has no Call-ID, no parties and no bill: null, not objects of
 * nulls. */
#define CALL_FIELDS(id, caller_field, callee_field, billing_field)             \
	id, F(TEXT, struct cdr_call, group_id),                                \
		F(NAME, struct cdr_call, state),                               \
		F(U32, struct cdr_call, status),                               \
		F(TEXT, struct cdr_call, reason),                              \
		F(NAME, struct cdr_call, ended_by),                            \
		F(U32, struct cdr_call, q850), caller_field, callee_field,     \
		F(NAME, struct cdr_call, transport),                           \
		F(TIME, struct cdr_call, start),                               \
		F(TIME, struct cdr_call, ring),                                \
		F(TIME, struct cdr_call, answer),                              \
		F(TIME, struct cdr_call, end),                                 \
		NAMED(US, struct cdr_call, "duration_ms", duration_us),        \
		NAMED(US, struct cdr_call, "connect_ms", connect_us),          \
		NAMED(US, struct cdr_call, "pdd_ms", pdd_us),                  \
		NAMED(US, struct cdr_call, "setup_ms", setup_us),              \
		billing_field, OBJECT(struct cdr_call, a, side_fields),        \
		OBJECT(struct cdr_call, b, side_fields),                       \
		ROWS(struct cdr_call, dialogs, struct cdr_dialog,              \
		     dialog_fields),                                           \
		ROWS(struct cdr_call, messages, struct cdr_message,            \
		     message_fields),                                          \
		ROWS(struct cdr_call, offers, struct cdr_offer, offer_fields), \
		ROWS(struct cdr_call, streams, struct cdr_stream,              \
		     stream_fields),                                           \
		ROWS(struct cdr_call, ice, struct cdr_ice, ice_fields),        \
		ROWS(struct cdr_call, dtls, struct cdr_dtls, dtls_fields),     \
		ROWS(struct cdr_call, turn, struct cdr_turn, turn_fields),     \
		ROWS(struct cdr_call, nat, struct cdr_nat, nat_fields),        \
		ROWS(struct cdr_call, dtmf, struct cdr_dtmf, dtmf_fields),     \
		ROWS(struct cdr_call, diagnoses, struct cdr_diagnosis,         \
		     diagnosis_fields),                                        \
		F(TEXT, struct cdr_call, pcap), END

static const struct cdr_field call_fields[] = {
	CALL_FIELDS(F(TEXT, struct cdr_call, call_id),
		    OBJECT(struct cdr_call, caller, party_fields),
		    OBJECT(struct cdr_call, callee, party_fields),
		    OBJECT(struct cdr_call, billing, billing_fields)),
};

static const struct cdr_field session_fields[] = {
	F(NAME, struct cdr_call, kind),
	F(NAME, struct cdr_call, signalling),
	CALL_FIELDS(NONE("call_id"), NONE("caller"), NONE("callee"),
		    NONE("billing")),
};

static const struct cdr_field registration_fields[] = {
	F(TEXT, struct cdr_registration, aor),
	F(TEXT, struct cdr_registration, contact),
	F(TEXT, struct cdr_registration, call_id),
	F(ADDR, struct cdr_registration, src),
	F(ADDR, struct cdr_registration, dst),
	F(TEXT, struct cdr_registration, agent),
	F(U32, struct cdr_registration, expires),
	F(NAME, struct cdr_registration, state),
	F(U32, struct cdr_registration, status),
	NAMED(US, struct cdr_registration, "rtt_ms", rtt_us),
	F(U64, struct cdr_registration, refreshes),
	F(NAME, struct cdr_registration, nat),
	F(TIME, struct cdr_registration, start),
	F(TIME, struct cdr_registration, end),
	END,
};

static const struct cdr_field transaction_fields[] = {
	F(TEXT, struct cdr_transaction, method),
	F(TEXT, struct cdr_transaction, from_uri),
	F(TEXT, struct cdr_transaction, to_uri),
	F(TEXT, struct cdr_transaction, call_id),
	F(ADDR, struct cdr_transaction, src),
	F(ADDR, struct cdr_transaction, dst),
	F(U32, struct cdr_transaction, status),
	NAMED(US, struct cdr_transaction, "rtt_ms", rtt_us),
	F(TIME, struct cdr_transaction, start),
	END,
};

static const struct cdr_field dropped_fields[] = {
	F(U64, struct cdr_dropped, kernel),
	F(U64, struct cdr_dropped, ring),
	F(U64, struct cdr_dropped, limit),
	END,
};

static const struct cdr_field summary_fields[] = {
	F(U64, struct cdr_summary, packets),
	F(U64, struct cdr_summary, bytes),
	F(TIME, struct cdr_summary, first),
	F(TIME, struct cdr_summary, last),
	F(U64, struct cdr_summary, decoded),
	F(U64, struct cdr_summary, ip_fragments),
	F(U64, struct cdr_summary, sip),
	F(U64, struct cdr_summary, rtp),
	F(U64, struct cdr_summary, rtcp),
	F(U64, struct cdr_summary, stun),
	/* Readers of all lines take these names for the arrays that calls
	 * and sessions have. */
	NONE("turn"),
	NONE("dtls"),
	NAMED(U64, struct cdr_summary, "turn_packets", turn),
	NAMED(U64, struct cdr_summary, "dtls_packets", dtls),
	F(U64, struct cdr_summary, other),
	F(U64, struct cdr_summary, calls),
	F(U64, struct cdr_summary, sessions),
	F(U64, struct cdr_summary, registrations),
	F(U64, struct cdr_summary, sip_transactions),
	OBJECT(struct cdr_summary, dropped, dropped_fields),
	F(COUNTERS, struct cdr_summary, malformed),
	NAMED(US, struct cdr_summary, "elapsed_ms", elapsed_us),
	END,
};

static const struct {
	const char *name;
	const struct cdr_field *fields;
} kinds[] = {
	[CDR_CALL] = {"call", call_fields},
	[CDR_SESSION] = {"session", session_fields},
	[CDR_REGISTRATION] = {"registration", registration_fields},
	[CDR_TRANSACTION] = {"sip_transaction", transaction_fields},
	[CDR_SUMMARY] = {"summary", summary_fields},
};

const struct cdr_field *cdr_fields(enum cdr_kind kind)
{
	return kinds[kind].fields;
}

const char *cdr_kind_name(enum cdr_kind kind)
{
	return kinds[kind].name;
}

const void *cdr_body(const struct cdr *cdr)
{
	return &cdr->call; /* all members of the union start alike */
}

struct cdr *cdr_new(enum cdr_kind kind)
{
	struct cdr *cdr = calloc(1, sizeof(*cdr));

	if (!cdr)
		return NULL;
	cdr->kind = kind;
	cdr->mem = arena_new(ARENA_FIRST, 0);
	if (!cdr->mem) {
		free(cdr);
		return NULL;
	}
	return cdr;
}

void cdr_free(struct cdr *cdr)
{
	if (!cdr)
		return;
	arena_free(cdr->mem);
	free(cdr);
}

int cdr_stream_order(const void *a, const void *b)
{
	const struct cdr_stream *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->ssrc != y->ssrc)
		return x->ssrc < y->ssrc ? -1 : 1;
	if (addr_cmp(&x->src, &y->src))
		return addr_cmp(&x->src, &y->src);
	return addr_cmp(&x->dst, &y->dst);
}
