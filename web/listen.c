#include "web/listen.h"

bool listen_parse(struct slice text, struct addr *out)
{
	struct addr a = {0};
	struct slice ip;
	uint32_t port;
	size_t at = text.len;

	while (at && text.p[at - 1] != ':')
		at--;
	if (!at)
		return false;
	ip = slice_head(text, at - 1);
	if (!slice_u32(slice_from(text, at), &port) || port > 65535 ||
	    !addr_parse_ip(ip, &a))
		return false;
	/* ::1:8080 would be an address of its own */
	if (slice_find(ip, ':') >= 0 && ip.p[0] != '[')
		return false;
	a.port = (uint16_t)port;
	*out = a;
	return true;
}

bool listen_is_local(const struct addr *a)
{
	static const uint8_t one[16] = {[15] = 1};

	return addr_is_v4(a) ? a->ip[12] == 127 : !memcmp(a->ip, one, 16);
}
