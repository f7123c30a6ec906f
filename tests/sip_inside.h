/*
 * What must hold of every parsed SIP message: its slices lie inside the
 * input. For the suites and the fuzz target.
 */
#ifndef TESTS_SIP_INSIDE_H
#define TESTS_SIP_INSIDE_H

#include "dissectors/sip.h"
#include "tests/prefix.h"

static inline bool sip_uri_inside(const struct sip_uri *u, struct slice in)
{
	return prefix_inside(u->whole, in) && prefix_inside(u->scheme, in) &&
	       prefix_inside(u->user, in) && prefix_inside(u->host, in) &&
	       prefix_inside(u->params, in) && prefix_inside(u->headers, in);
}

static inline bool sip_addr_inside(const struct sip_addr *a, struct slice in)
{
	return prefix_inside(a->text, in) && prefix_inside(a->display, in) &&
	       prefix_inside(a->uri_text, in) && prefix_inside(a->tag, in) &&
	       prefix_inside(a->params, in) && sip_uri_inside(&a->uri, in);
}

static inline bool sip_via_inside(const struct sip_via *v, struct slice in)
{
	return prefix_inside(v->transport, in) && prefix_inside(v->host, in) &&
	       prefix_inside(v->branch, in) && prefix_inside(v->received, in);
}

static inline bool sip_msg_inside(const struct sip_msg *m, struct slice in)
{
	const struct slice parts[] = {
		m->method_text,	 m->request_uri,
		m->reason,	 m->call_id,
		m->contact,	 m->cseq_method_text,
		m->user_agent,	 m->server,
		m->content_type, m->content_encoding,
		m->session_id,	 m->reason_header,
		m->replaces,	 m->p_asserted_identity,
		m->refer_to,	 m->referred_by,
		m->event,	 m->subscription_state,
		m->warning,	 m->refresher,
		m->body,
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!prefix_inside(parts[i], in))
			return false;
	for (unsigned i = 0; i < m->hdr_count; i++)
		if (!prefix_inside(m->hdr[i].name, in) ||
		    !prefix_inside(m->hdr[i].value, in))
			return false;
	return sip_addr_inside(&m->from, in) && sip_addr_inside(&m->to, in) &&
	       sip_via_inside(&m->via, in) && m->total_len <= in.len;
}

#endif
