/* When a call is over if nothing more comes of it. */
#include "sniffer/call/calls.h"

static uint64_t max_ns(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Media that goes on after a BYE delays the record, but not for ever. */
#define AFTER_BYE_NS (60 * 1000000000ull)

uint64_t call_deadline(const struct call *c, uint64_t last_media_ns)
{
	const struct calls_config *cfg = &c->owner->cfg;
	uint64_t sign = max_ns(c->last_sip_ns, last_media_ns);
	uint64_t at;

	if (c->bye_ns) {
		at = sign + cfg->linger_ns;
		return at < c->bye_ns + AFTER_BYE_NS
			       ? at
			       : max_ns(c->bye_ns + AFTER_BYE_NS,
					c->last_sip_ns);
	}
	if (call_was_up(c)) {
		if (last_media_ns && !c->on_hold)
			return sign + cfg->media_silence_ns;
		if (c->session_expires)
			return max_ns(sign,
				      c->refresh_ns + c->session_expires *
							      1000000000ull) +
			       cfg->retry_ns;
		return sign + cfg->silence_ns;
	}
	/* A challenge may wait for somebody to type a password. */
	if (c->last_final || c->cancelled)
		return sign + cfg->retry_ns;
	return sign + cfg->unanswered_ns;
}
