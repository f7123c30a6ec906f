/*
 * What must hold of every parsed SDP: its slices lie inside the input and
 * the parts of a medium inside the shared arrays. For the suites and the
 * fuzz target.
 */
#ifndef TESTS_SDP_INSIDE_H
#define TESTS_SDP_INSIDE_H

#include "dissectors/sdp.h"
#include "tests/prefix.h"

static inline bool sdp_media_inside(const struct sdp_media *m, struct slice in)
{
	const struct slice parts[] = {
		m->kind_text, m->proto, m->mid,	      m->title,	  m->rtp.text,
		m->rtcp.text, m->msid,	m->ice_ufrag, m->ice_pwd, m->simulcast,
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!prefix_inside(parts[i], in))
			return false;
	for (unsigned i = 0; i < m->format_count; i++)
		if (!prefix_inside(m->formats[i].text, in) ||
		    !prefix_inside(m->formats[i].fmtp, in))
			return false;
	for (unsigned i = 0; i < m->candidate_count; i++)
		if (!prefix_inside(m->candidates[i].text, in) ||
		    !prefix_inside(m->candidates[i].related.text, in))
			return false;
	for (unsigned i = 0; i < m->crypto_count; i++)
		if (!prefix_inside(m->cryptos[i].key, in))
			return false;
	for (unsigned i = 0; i < m->fingerprint_count; i++)
		if (!prefix_inside(m->fingerprints[i].value, in))
			return false;
	return true;
}

static inline bool sdp_inside(const struct sdp *s, struct slice in)
{
	if (s->media_count > SDP_MEDIA_MAX || s->group_count > SDP_GROUPS_MAX)
		return false;
	for (unsigned i = 0; i < s->media_count; i++) {
		const struct sdp_media *m = &s->media[i];

		if (!sdp_media_inside(m, in))
			return false;
		if (m->formats + m->format_count >
			    s->formats + SDP_FORMATS_MAX ||
		    m->ssrcs + m->ssrc_count > s->ssrcs + SDP_SSRCS_MAX ||
		    m->candidates + m->candidate_count >
			    s->candidates + SDP_CANDIDATES_MAX)
			return false;
	}
	for (unsigned i = 0; i < s->group_count; i++)
		if (!prefix_inside(s->groups[i].mids, in))
			return false;
	return prefix_inside(s->name, in) && prefix_inside(s->username, in) &&
	       prefix_inside(s->conn.text, in) &&
	       prefix_inside(s->origin.text, in);
}

#endif
