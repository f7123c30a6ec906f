/* Names of methods and headers. */
#include "dissectors/sip.h"

static const struct slice methods[SIP_METHODS] = {
	[SIP_METHOD_OTHER] = SLICE_INIT("OTHER"),
	[SIP_INVITE] = SLICE_INIT("INVITE"),
	[SIP_ACK] = SLICE_INIT("ACK"),
	[SIP_BYE] = SLICE_INIT("BYE"),
	[SIP_CANCEL] = SLICE_INIT("CANCEL"),
	[SIP_REGISTER] = SLICE_INIT("REGISTER"),
	[SIP_OPTIONS] = SLICE_INIT("OPTIONS"),
	[SIP_INFO] = SLICE_INIT("INFO"),
	[SIP_PRACK] = SLICE_INIT("PRACK"),
	[SIP_PUBLISH] = SLICE_INIT("PUBLISH"),
	[SIP_SUBSCRIBE] = SLICE_INIT("SUBSCRIBE"),
	[SIP_NOTIFY] = SLICE_INIT("NOTIFY"),
	[SIP_MESSAGE] = SLICE_INIT("MESSAGE"),
	[SIP_REFER] = SLICE_INIT("REFER"),
	[SIP_UPDATE] = SLICE_INIT("UPDATE"),
};

enum sip_method sip_method_of(struct slice text)
{
	for (int m = SIP_INVITE; m < SIP_METHODS; m++)
		if (slice_eq(text, methods[m]))
			return (enum sip_method)m;
	return SIP_METHOD_OTHER;
}

const char *sip_method_name(enum sip_method m)
{
	return (const char *)methods[m < SIP_METHODS ? m : 0].p;
}

#define PER_LETTER 12

struct header_name {
	struct slice name;
	enum sip_hdr_id id;
};

/* clang-format off */
/* By first letter; a row ends at its first empty name. */
static const struct header_name names[26][PER_LETTER] = {
	['a' - 'a'] = {
		{ SLICE_INIT("Accept"), SIP_HDR_ACCEPT },
		{ SLICE_INIT("Authorization"), SIP_HDR_AUTHORIZATION },
		{ SLICE_INIT("Accept-Contact"), SIP_HDR_ACCEPT_CONTACT },
		{ SLICE_INIT("Allow-Events"), SIP_HDR_ALLOW_EVENTS },
	},
	['c' - 'a'] = {
		{ SLICE_INIT("Call-ID"), SIP_HDR_CALL_ID },
		{ SLICE_INIT("CSeq"), SIP_HDR_CSEQ },
		{ SLICE_INIT("Contact"), SIP_HDR_CONTACT },
		{ SLICE_INIT("Content-Length"), SIP_HDR_CONTENT_LENGTH },
		{ SLICE_INIT("Content-Type"), SIP_HDR_CONTENT_TYPE },
		{ SLICE_INIT("Content-Encoding"), SIP_HDR_CONTENT_ENCODING },
	},
	['d' - 'a'] = {
		{ SLICE_INIT("Date"), SIP_HDR_DATE },
		{ SLICE_INIT("Diversion"), SIP_HDR_DIVERSION },
	},
	['e' - 'a'] = {
		{ SLICE_INIT("Expires"), SIP_HDR_EXPIRES },
		{ SLICE_INIT("Event"), SIP_HDR_EVENT },
	},
	['f' - 'a'] = { { SLICE_INIT("From"), SIP_HDR_FROM } },
	['h' - 'a'] = { { SLICE_INIT("History-Info"), SIP_HDR_HISTORY_INFO } },
	['i' - 'a'] = {
		{ SLICE_INIT("Identity"), SIP_HDR_IDENTITY },
		{ SLICE_INIT("Identity-Info"), SIP_HDR_IDENTITY_INFO },
	},
	['m' - 'a'] = {
		{ SLICE_INIT("Max-Forwards"), SIP_HDR_MAX_FORWARDS },
		{ SLICE_INIT("Min-Expires"), SIP_HDR_MIN_EXPIRES },
		{ SLICE_INIT("Min-SE"), SIP_HDR_MIN_SE },
	},
	['p' - 'a'] = {
		{ SLICE_INIT("P-Asserted-Identity"),
		  SIP_HDR_P_ASSERTED_IDENTITY },
		{ SLICE_INIT("P-Preferred-Identity"),
		  SIP_HDR_P_PREFERRED_IDENTITY },
		{ SLICE_INIT("Proxy-Authenticate"),
		  SIP_HDR_PROXY_AUTHENTICATE },
		{ SLICE_INIT("Proxy-Authorization"),
		  SIP_HDR_PROXY_AUTHORIZATION },
	},
	['r' - 'a'] = {
		{ SLICE_INIT("Route"), SIP_HDR_ROUTE },
		{ SLICE_INIT("Record-Route"), SIP_HDR_RECORD_ROUTE },
		{ SLICE_INIT("RAck"), SIP_HDR_RACK },
		{ SLICE_INIT("RSeq"), SIP_HDR_RSEQ },
		{ SLICE_INIT("Reason"), SIP_HDR_REASON },
		{ SLICE_INIT("Replaces"), SIP_HDR_REPLACES },
		{ SLICE_INIT("Refer-To"), SIP_HDR_REFER_TO },
		{ SLICE_INIT("Referred-By"), SIP_HDR_REFERRED_BY },
		{ SLICE_INIT("Require"), SIP_HDR_REQUIRE },
		{ SLICE_INIT("Retry-After"), SIP_HDR_RETRY_AFTER },
		{ SLICE_INIT("Reject-Contact"), SIP_HDR_REJECT_CONTACT },
		{ SLICE_INIT("Request-Disposition"),
		  SIP_HDR_REQUEST_DISPOSITION },
	},
	['s' - 'a'] = {
		{ SLICE_INIT("Server"), SIP_HDR_SERVER },
		{ SLICE_INIT("Supported"), SIP_HDR_SUPPORTED },
		{ SLICE_INIT("Session-ID"), SIP_HDR_SESSION_ID },
		{ SLICE_INIT("Session-Expires"), SIP_HDR_SESSION_EXPIRES },
		{ SLICE_INIT("Subscription-State"),
		  SIP_HDR_SUBSCRIPTION_STATE },
	},
	['t' - 'a'] = { { SLICE_INIT("To"), SIP_HDR_TO } },
	['u' - 'a'] = { { SLICE_INIT("User-Agent"), SIP_HDR_USER_AGENT } },
	['v' - 'a'] = { { SLICE_INIT("Via"), SIP_HDR_VIA } },
	['w' - 'a'] = {
		{ SLICE_INIT("Warning"), SIP_HDR_WARNING },
		{ SLICE_INIT("WWW-Authenticate"), SIP_HDR_WWW_AUTHENTICATE },
	},
};

/* IANA, SIP parameters, compact forms */
static const uint8_t compact[26] = {
	['a' - 'a'] = SIP_HDR_ACCEPT_CONTACT,
	['b' - 'a'] = SIP_HDR_REFERRED_BY,
	['c' - 'a'] = SIP_HDR_CONTENT_TYPE,
	['d' - 'a'] = SIP_HDR_REQUEST_DISPOSITION,
	['e' - 'a'] = SIP_HDR_CONTENT_ENCODING,
	['f' - 'a'] = SIP_HDR_FROM,
	['i' - 'a'] = SIP_HDR_CALL_ID,
	['j' - 'a'] = SIP_HDR_REJECT_CONTACT,
	['k' - 'a'] = SIP_HDR_SUPPORTED,
	['l' - 'a'] = SIP_HDR_CONTENT_LENGTH,
	['m' - 'a'] = SIP_HDR_CONTACT,
	['n' - 'a'] = SIP_HDR_IDENTITY_INFO,
	['o' - 'a'] = SIP_HDR_EVENT,
	['r' - 'a'] = SIP_HDR_REFER_TO,
	['t' - 'a'] = SIP_HDR_TO,
	['u' - 'a'] = SIP_HDR_ALLOW_EVENTS,
	['v' - 'a'] = SIP_HDR_VIA,
	['x' - 'a'] = SIP_HDR_SESSION_EXPIRES,
	['y' - 'a'] = SIP_HDR_IDENTITY,
};
/* clang-format on */

enum sip_hdr_id sip_hdr_id_of(struct slice name)
{
	uint8_t letter;

	if (name.len == 0)
		return SIP_HDR_OTHER;
	letter = (uint8_t)((name.p[0] | 0x20) - 'a');
	if (letter >= 26)
		return SIP_HDR_OTHER;
	if (name.len == 1)
		return (enum sip_hdr_id)compact[letter];
	for (size_t i = 0; i < PER_LETTER && names[letter][i].name.len; i++)
		if (slice_ieq(name, names[letter][i].name))
			return names[letter][i].id;
	return SIP_HDR_OTHER;
}
