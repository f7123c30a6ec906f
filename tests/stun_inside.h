/*
 * What must hold of every parsed STUN message: its slices lie inside the
 * input, its lists inside their arrays. For the suites and the fuzz target.
 */
#ifndef TESTS_STUN_INSIDE_H
#define TESTS_STUN_INSIDE_H

#include "dissectors/stun.h"
#include "tests/prefix.h"

static inline bool stun_integrity_inside(const struct stun_integrity *i,
					 struct slice in)
{
	return !i->value.p || (prefix_inside(i->value, in) &&
			       i->value.p == in.p + i->offset + 4);
}

static inline bool stun_inside(const struct stun_msg *m, struct slice in)
{
	const struct slice parts[] = {
		m->username,
		m->userhash,
		m->password,
		m->realm,
		m->nonce,
		m->software,
		m->alternate_domain,
		m->reason,
		m->unknown,
		m->dtls,
		m->dtls_ack,
		m->data,
		m->reservation_token,
		m->password_algorithms,
	};

	if (m->total_len > in.len)
		return false;
	in = slice_head(in, m->total_len);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!prefix_inside(parts[i], in))
			return false;
	return stun_integrity_inside(&m->integrity, in) &&
	       stun_integrity_inside(&m->integrity_sha256, in) &&
	       stun_integrity_inside(&m->integrity_32, in) &&
	       m->peer_count <= STUN_PEERS_MAX &&
	       m->relayed_count <= STUN_RELAYED_MAX &&
	       m->bad_attr == (m->fault != NULL);
}

#endif
