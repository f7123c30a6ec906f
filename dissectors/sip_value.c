/* Values of single headers: Via, Reason, Session-ID, Replaces. */
#include "dissectors/sip.h"

size_t sip_unfold(struct slice value, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < value.len && n < size; i++) {
		uint8_t c = value.p[i];

		if (c != '\r' && c != '\n') {
			buf[n++] = (char)c;
			continue;
		}
		/* 7.3.1: the fold with all blanks around it is one space */
		while (i + 1 < value.len && strchr("\r\n\t ", value.p[i + 1]) &&
		       value.p[i + 1])
			i++;
		while (n && (buf[n - 1] == ' ' || buf[n - 1] == '\t'))
			n--;
		buf[n++] = ' ';
	}
	return n;
}

static struct slice unbracket(struct slice s)
{
	if (s.len >= 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
		return slice_from(slice_head(s, s.len - 1), 1);
	return s;
}

/* sent-by: host [":" port], blanks allowed around ':' */
static bool sent_by(struct slice s, struct sip_via *out)
{
	struct slice host;
	struct slice port = {0};
	ptrdiff_t close = slice_find(s, ']');
	uint32_t n;

	if (close >= 0) {
		host = slice_head(s, (size_t)close + 1);
		slice_cut(slice_from(s, host.len), ':', &s, &port);
		out->host = unbracket(slice_trim(host));
	} else {
		slice_cut(s, ':', &host, &port);
		out->host = slice_trim(host);
	}
	port = slice_trim(port);
	if (port.len == 0)
		return out->host.len > 0;
	if (!slice_u32(port, &n) || n == 0 || n > UINT16_MAX)
		return false;
	out->port = (uint16_t)n;
	return out->host.len > 0;
}

static void via_param(struct slice name, struct slice value,
		      struct sip_via *out)
{
	uint32_t n;

	if (slice_ieq(name, SLICE("branch"))) {
		out->branch = value;
	} else if (slice_ieq(name, SLICE("received"))) {
		/* RFC 5118, 4.5: with and without brackets */
		out->received = unbracket(value);
	} else if (slice_ieq(name, SLICE("rport"))) {
		out->has_rport = true;
		if (slice_u32(value, &n) && n <= UINT16_MAX)
			out->rport = (uint16_t)n;
	}
}

/* protocol "/" version "/" transport LWS sent-by *( ";" via-param ), blanks
 * and folds allowed around each '/' */
bool sip_via_parse(struct slice value, struct sip_via *out)
{
	struct slice s = value;
	struct slice part[2];
	struct slice name;
	struct slice val;
	struct slice by;
	bool ok;
	size_t i = 0;

	*out = (struct sip_via){0};
	if (!slice_cut(s, '/', &part[0], &s) ||
	    !slice_cut(s, '/', &part[1], &s) ||
	    !slice_ieq(slice_trim(part[0]), SLICE("SIP")) ||
	    !slice_eq(slice_trim(part[1]), SLICE("2.0")))
		return false;
	s = slice_trim(s);
	while (i < s.len && s.p[i] > ' ')
		i++;
	out->transport = slice_head(s, i);
	slice_cut(slice_from(s, i), ';', &by, &s);
	ok = sent_by(slice_trim(by), out) && !slice_starts(s, SLICE(";"));
	while (sip_param_next(&s, &name, &val)) {
		ok &= name.len > 0;
		via_param(name, val, out);
	}
	return ok;
}

bool sip_reason_next(struct slice *list, struct sip_reason *out)
{
	struct slice item;
	struct slice cause;

	if (!sip_list_next(list, &item))
		return false;
	*out = (struct sip_reason){0};
	slice_cut(item, ';', &out->protocol, &item);
	out->protocol = slice_trim(out->protocol);
	if (sip_param(item, "cause", &cause))
		out->has_cause = slice_u32(cause, &out->cause);
	if (sip_param(item, "text", &out->text))
		out->text = sip_unquote(out->text);
	return true;
}

bool sip_reason_q850(struct slice value, unsigned *cause, struct slice *text)
{
	struct sip_reason r;

	while (sip_reason_next(&value, &r)) {
		if (!r.has_cause || !slice_ieq(r.protocol, SLICE("Q.850")))
			continue;
		*cause = r.cause;
		*text = r.text;
		return true;
	}
	return false;
}

static bool is_uuid(struct slice s)
{
	if (s.len != 32)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') &&
		    (uint8_t)((s.p[i] | 0x20) - 'a') >= 6)
			return false;
	return true;
}

bool sip_session_id(struct slice value, struct slice *local,
		    struct slice *remote)
{
	struct slice id;
	struct slice params;
	struct slice peer = {0};

	slice_cut(value, ';', &id, &params);
	id = slice_trim(id);
	if (!is_uuid(id))
		return false;
	if (sip_param(params, "remote", &peer) && !is_uuid(peer))
		return false;
	*local = id;
	*remote = peer;
	return true;
}

bool sip_replaces_parse(struct slice value, struct sip_replaces *out)
{
	struct sip_replaces r = {0};
	struct slice params;

	slice_cut(value, ';', &r.call_id, &params);
	r.call_id = slice_trim(r.call_id);
	r.early_only = sip_param(params, "early-only", NULL);
	if (!r.call_id.len || !sip_param(params, "to-tag", &r.to_tag) ||
	    !sip_param(params, "from-tag", &r.from_tag))
		return false;
	*out = r;
	return true;
}
