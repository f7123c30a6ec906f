#include "sniffer/call/session_desc.h"

const char *desc_kind_name(enum sdp_kind kind)
{
	static const char *const names[] = {
		[SDP_AUDIO] = "audio",
		[SDP_VIDEO] = "video",
		[SDP_APPLICATION] = "application",
		[SDP_IMAGE] = "image",
		[SDP_TEXT] = "text",
		[SDP_MESSAGE] = "message",
	};

	return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind]
							       : NULL;
}

uint8_t desc_bundle(const struct sdp *sdp, const struct sdp_media *m)
{
	struct slice mid;

	for (size_t g = 0; g < sdp->group_count; g++) {
		struct slice mids = sdp->groups[g].mids;

		if (!slice_eq(sdp->groups[g].semantics, SLICE("BUNDLE")))
			continue;
		while (sdp_word(&mids, &mid))
			if (slice_eq(mid, m->mid))
				return (uint8_t)(g + 1);
	}
	return 0;
}

/* FNV-1a: it only tells that nothing has changed. */
static uint64_t digest_of(struct slice s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.p[i]) * 0x100000001b3u;
	return h;
}

static void *rows(struct arena *mem, size_t n, size_t size)
{
	return n ? arena_alloc(mem, n * size) : NULL;
}

static void keep_formats(struct arena *mem, const struct sdp_media *m,
			 struct desc_line *l)
{
	l->formats = rows(mem, m->format_count, sizeof(*l->formats));
	for (size_t i = 0; l->formats && i < m->format_count; i++)
		l->formats[l->formats_n++] = (struct desc_format){
			.name = arena_keep(mem, m->formats[i].name),
			.fmtp = arena_keep(mem, m->formats[i].fmtp),
			.clock_hz = m->formats[i].clock_hz,
			.pt = m->formats[i].pt,
			.channels = m->formats[i].channels,
		};
}

/* The first of FID and FEC-FR groups is repaired by the others (RFC 5576,
 * 4.2; RFC 5956, 4.3). */
static uint32_t repaired_by(const struct sdp_media *m, uint32_t ssrc)
{
	for (size_t g = 0; g < m->ssrc_group_count; g++) {
		const struct sdp_ssrc_group *group = &m->ssrc_groups[g];

		if (!slice_eq(group->semantics, SLICE("FID")) &&
		    !slice_eq(group->semantics, SLICE("FEC-FR")))
			continue;
		for (size_t i = 1; i < group->count; i++)
			if (group->ssrc[i] == ssrc)
				return group->ssrc[0];
	}
	return 0;
}

static void keep_ssrcs(struct arena *mem, const struct sdp_media *m,
		       struct desc_line *l)
{
	l->ssrcs = rows(mem, m->ssrc_count, sizeof(*l->ssrcs));
	for (size_t i = 0; l->ssrcs && i < m->ssrc_count; i++)
		l->ssrcs[l->ssrcs_n++] = (struct desc_ssrc){
			m->ssrcs[i].ssrc, repaired_by(m, m->ssrcs[i].ssrc)};
}

static void keep_exts(struct arena *mem, const struct sdp_media *m,
		      struct desc_line *l)
{
	l->exts = rows(mem, m->extmap_count, sizeof(*l->exts));
	for (size_t i = 0; l->exts && i < m->extmap_count; i++)
		l->exts[l->exts_n++] = (struct desc_ext){
			m->extmaps[i].id, arena_keep(mem, m->extmaps[i].uri)};
}

static void keep_cryptos(struct arena *mem, const struct sdp_media *m,
			 struct desc_line *l)
{
	l->cryptos = rows(mem, m->crypto_count, sizeof(*l->cryptos));
	for (size_t i = 0; l->cryptos && i < m->crypto_count; i++)
		l->cryptos[l->cryptos_n++] = (struct desc_crypto){
			.tag = m->cryptos[i].tag,
			.suite = arena_keep(mem, m->cryptos[i].suite),
			.key_params = arena_keep(mem, m->cryptos[i].key_params),
			.session_params =
				arena_keep(mem, m->cryptos[i].session_params),
		};
}

static void keep_rids(struct arena *mem, const struct sdp_media *m,
		      struct desc_line *l)
{
	l->rids = rows(mem, m->rid_count, sizeof(*l->rids));
	for (size_t i = 0; l->rids && i < m->rid_count; i++)
		if (m->rids[i].send)
			l->rids[l->rids_n++] = arena_keep(mem, m->rids[i].id);
}

static void keep_line(struct arena *mem, const struct sdp *sdp, size_t index,
		      struct desc_line *l)
{
	const struct sdp_media *m = &sdp->media[index];

	l->index = (uint16_t)index;
	l->mid = arena_keep(mem, m->mid);
	l->ufrag = arena_keep(mem, m->ice_ufrag);
	l->kind = desc_kind_name(m->kind);
	l->direction = m->direction;
	l->port = m->port;
	l->ptime_ms = (uint16_t)(m->ptime_ms < 1000 ? m->ptime_ms : 0);
	l->rejected = m->rejected;
	l->bundle = desc_bundle(sdp, m);
	l->rtcp_mux = m->rtcp_mux;
	l->rtp_profile = m->rtp_profile;
	l->srtp = slice_find_slice(m->proto, SLICE("SAVP")) >= 0;
	keep_formats(mem, m, l);
	keep_ssrcs(mem, m, l);
	keep_exts(mem, m, l);
	keep_cryptos(mem, m, l);
	keep_rids(mem, m, l);
}

const struct session_desc *desc_keep(struct arena *mem, const struct sdp *sdp,
				     struct slice text,
				     const struct session_desc *last)
{
	uint64_t digest = digest_of(text);
	struct session_desc *d;

	if (last && last->digest == digest)
		return last;
	d = arena_alloc(mem, sizeof(*d));
	if (!d)
		return NULL;
	d->lines = rows(mem, sdp->media_count, sizeof(*d->lines));
	if (!d->lines && sdp->media_count)
		return NULL;
	d->digest = digest;
	d->sess_id = arena_keep(mem, sdp->sess_id);
	d->username = arena_keep(mem, sdp->username);
	if (!slice_u64(sdp->sess_version, &d->version))
		d->version = UINT64_MAX;
	d->lite = sdp->ice_lite;
	for (; d->lines_n < sdp->media_count; d->lines_n++)
		keep_line(mem, sdp, d->lines_n, &d->lines[d->lines_n]);
	return d;
}
