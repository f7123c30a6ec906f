/* Finding the session description in a message's body. */
#include "dissectors/multipart.h"
#include "dissectors/sip.h"

/* multipart in multipart: deeper than this nobody nests */
#define DEPTH_MAX 3

bool sip_content_is(struct slice content_type, const char *type)
{
	struct slice head;
	struct slice tail;

	slice_cut(content_type, ';', &head, &tail);
	return slice_ieq(slice_trim(head), slice_str(type));
}

static bool find_in(struct slice type, struct slice body, struct slice *sdp,
		    int depth)
{
	struct multipart mp;
	struct sip_body_part part;

	/* A fragment holds trickled candidates (RFC 8840). */
	if (sip_content_is(type, "application/sdp") ||
	    sip_content_is(type, "application/trickle-ice-sdpfrag")) {
		*sdp = body;
		return body.len > 0;
	}
	if (depth == 0 || !multipart_open(&mp, type, body))
		return false;
	while (multipart_next(&mp, &part))
		if (find_in(part.content_type, part.body, sdp, depth - 1))
			return true;
	return false;
}

bool sip_find_sdp(const struct sip_msg *m, struct slice *sdp)
{
	/* gzip and the like: not readable in place */
	if (m->content_encoding.len &&
	    !slice_ieq(m->content_encoding, SLICE("identity")))
		return false;
	if (m->content_type.len)
		return find_in(m->content_type, m->body, sdp, DEPTH_MAX);
	*sdp = m->body;
	return slice_starts(m->body, SLICE("v="));
}
