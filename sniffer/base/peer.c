#include "sniffer/base/peer.h"

#include <netinet/in.h>

static const char *const names[] = {
	[PEER_UDP] = "udp",
	[PEER_TCP] = "tcp",
	[PEER_TLS] = "tls",
};

const char *peer_by_text(enum peer_by by)
{
	return names[by];
}

static bool read_by(struct slice text, enum peer_by *out)
{
	for (int i = PEER_UDP; i <= PEER_TLS; i++)
		if (slice_eq(text, slice_str(names[i]))) {
			*out = (enum peer_by)i;
			return true;
		}
	return false;
}

/* "HOST:PORT", "[ADDR]:PORT". */
static bool read_place(struct slice text, struct slice *host, uint32_t *port)
{
	size_t at = text.len;

	while (at && text.p[at - 1] != ':')
		at--;
	if (at < 2 || !slice_u32(slice_from(text, at), port) || *port > 65535)
		return false;
	*host = slice_head(text, at - 1);
	if (host->p[0] == '[')
		return host->len > 2 && host->p[host->len - 1] == ']';
	/* ::1:9060 would be an address of its own */
	return slice_find(*host, ':') < 0;
}

const char *peer_parse(struct slice text, struct peer *out)
{
	struct peer p = {.port = 0};
	struct slice by, place, host;
	uint32_t port;

	if (!slice_cut(text, ':', &by, &place) || !read_by(by, &p.by) ||
	    !read_place(place, &host, &port) || !port)
		return "give udp:, tcp: or tls: and a host and port, as in "
		       "udp:192.0.2.1:9060 or tls:[2001:db8::1]:9061";
	if (host.p[0] == '[')
		host = slice_of(host.p + 1, host.len - 2);
	if (host.len >= sizeof(p.host))
		return "the host's name is too long";
	memcpy(p.host, host.p, host.len);
	p.port = (uint16_t)port;
	*out = p;
	return NULL;
}

const char *peer_parse_local(struct slice text, enum peer_by *by,
			     struct addr *out)
{
	struct slice word, place, host;
	enum peer_by how;
	struct addr a;
	uint32_t port;

	if (!slice_cut(text, ':', &word, &place) || !read_by(word, &how) ||
	    !read_place(place, &host, &port) || !addr_parse_ip(host, &a))
		return "give udp:, tcp: or tls: and an address of this machine "
		       "and a port, as in udp:0.0.0.0:9060 or tls:[::]:9061";
	a.port = (uint16_t)port;
	*by = how;
	*out = a;
	return NULL;
}

/* --- subnets ---------------------------------------------------------------
 */

/* bits: of all 16 bytes. */
static bool read_subnet(struct slice word, struct addr *net, uint32_t *bits)
{
	struct slice ip, digits;
	struct addr a;
	uint32_t n, max;

	if (!slice_cut(word, '/', &ip, &digits))
		ip = word;
	if (!addr_parse_ip(ip, &a))
		return false;
	max = addr_is_v4(&a) ? 32 : 128;
	n = max;
	if (ip.len < word.len && (!slice_u32(digits, &n) || n > max))
		return false;
	*net = a;
	*bits = 128 - max + n;
	return true;
}

static bool inside(const struct addr *net, uint32_t bits, const struct addr *a)
{
	size_t whole = bits / 8;
	uint8_t mask = (uint8_t)(0xff00 >> bits % 8);

	return !memcmp(net->ip, a->ip, whole) &&
	       (!(bits % 8) || !((net->ip[whole] ^ a->ip[whole]) & mask));
}

bool peer_subnets_ok(struct slice list)
{
	struct slice word;
	struct addr net;
	uint32_t bits;

	do {
		slice_cut(list, ',', &word, &list);
		if (!read_subnet(slice_trim(word), &net, &bits))
			return false;
	} while (list.len);
	return true;
}

bool peer_in_subnets(struct slice list, const struct addr *a)
{
	struct slice word;
	struct addr net;
	uint32_t bits;

	do {
		slice_cut(list, ',', &word, &list);
		if (read_subnet(slice_trim(word), &net, &bits) &&
		    inside(&net, bits, a))
			return true;
	} while (list.len);
	return false;
}

/* --- the system's form -----------------------------------------------------
 */

socklen_t peer_sockaddr(const struct addr *a, struct sockaddr_storage *out)
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

struct addr peer_addr_of(const struct sockaddr *sa)
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
