#include "web/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>

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

socklen_t listen_sockaddr(const struct addr *a, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (addr_is_v4(a)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(a->port);
		memcpy(&v4->sin_addr, a->ip + 12, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(a->port);
	memcpy(&v6->sin6_addr, a->ip, 16);
	return sizeof(*v6);
}

struct addr listen_addr_of(const struct sockaddr *sa)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)sa;

	if (sa && sa->sa_family == AF_INET)
		return addr_v4((const uint8_t *)&v4->sin_addr,
			       ntohs(v4->sin_port));
	if (sa && sa->sa_family == AF_INET6)
		return addr_v6((const uint8_t *)&v6->sin6_addr,
			       ntohs(v6->sin6_port));
	return (struct addr){0};
}
