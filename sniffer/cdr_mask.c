#include "sniffer/cdr_mask.h"

static void mask_text(struct cdr *cdr, struct slice *text, uint64_t keep,
		      mask_fn *mask)
{
	uint8_t *copy;

	if (!text->len)
		return;
	copy = arena_alloc(cdr->mem, text->len);
	if (copy) {
		memcpy(copy, text->p, text->len);
		mask(copy, text->len, keep);
	}
	*text = (struct slice){copy, copy ? text->len : 0};
}

/* A user of a SIP URI, or any text that is one number. */
static void mask_user(struct cdr *cdr, struct slice *user, uint64_t keep)
{
	mask_text(cdr, user, keep, mask_digits);
}

static void mask_uri(struct cdr *cdr, struct slice *uri, uint64_t keep)
{
	mask_text(cdr, uri, keep, mask_uris);
}

static void mask_party(struct cdr *cdr, struct cdr_party *p, uint64_t keep)
{
	mask_user(cdr, &p->user, keep);
	mask_user(cdr, &p->name, keep);
	mask_uri(cdr, &p->uri, keep);
	mask_uri(cdr, &p->asserted, keep);
}

void cdr_mask(struct cdr *cdr, const struct mask *m)
{
	bool call = cdr->kind == CDR_CALL || cdr->kind == CDR_SESSION;

	for (size_t i = 0; call && m->dtmf && i < cdr->call.dtmf_n; i++)
		mask_text(cdr, &cdr->call.dtmf[i].digit, 0, mask_keys);
	if (m->digits == MASK_OFF)
		return;
	if (call) {
		mask_party(cdr, &cdr->call.caller, m->digits);
		mask_party(cdr, &cdr->call.callee, m->digits);
		mask_user(cdr, &cdr->call.billing.caller_e164, m->digits);
		mask_user(cdr, &cdr->call.billing.callee_e164, m->digits);
	} else if (cdr->kind == CDR_REGISTRATION) {
		mask_uri(cdr, &cdr->registration.aor, m->digits);
		mask_uri(cdr, &cdr->registration.contact, m->digits);
	} else if (cdr->kind == CDR_TRANSACTION) {
		mask_uri(cdr, &cdr->transaction.from_uri, m->digits);
		mask_uri(cdr, &cdr->transaction.to_uri, m->digits);
	}
}
