#include "sniffer/base/addr.h"

#include <arpa/inet.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

struct addr addr_v4(const uint8_t ip[4], uint16_t port)
{
	struct addr a = {.port = port};

	memcpy(a.ip, mapped, sizeof(mapped));
	memcpy(a.ip + 12, ip, 4);
	return a;
}

struct addr addr_v6(const uint8_t ip[16], uint16_t port)
{
	struct addr a = {.port = port};

	memcpy(a.ip, ip, 16);
	return a;
}

bool addr_is_v4(const struct addr *a)
{
	return !memcmp(a->ip, mapped, sizeof(mapped));
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t any[16];

	return addr_is_v4(a) ? !memcmp(a->ip + 12, any, 4)
			     : !memcmp(a->ip, any, 16);
}

bool addr_is_multicast(const struct addr *a)
{
	return addr_is_v4(a) ? (a->ip[12] & 0xf0) == 0xe0 : a->ip[0] == 0xff;
}

bool addr_is_private(const struct addr *a)
{
	static const uint8_t loopback[16] = {[15] = 1};
	const uint8_t *v4 = a->ip + 12;

	if (!addr_is_v4(a))
		return (a->ip[0] & 0xfe) == 0xfc ||
		       (a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80) ||
		       !memcmp(a->ip, loopback, 16);
	return v4[0] == 10 || v4[0] == 127 ||
	       (v4[0] == 172 && (v4[1] & 0xf0) == 16) ||
	       (v4[0] == 192 && v4[1] == 168) ||
	       (v4[0] == 169 && v4[1] == 254) ||
	       (v4[0] == 100 && (v4[1] & 0xc0) == 64);
}

bool addr_parse_ip(struct slice text, struct addr *out)
{
	char buf[48];
	uint8_t ip[16];

	if (text.len >= 2 && text.p[0] == '[' && text.p[text.len - 1] == ']')
		text = slice_of(text.p + 1, text.len - 2);
	if (text.len == 0 || text.len >= sizeof(buf))
		return false;
	memcpy(buf, text.p, text.len);
	buf[text.len] = '\0';
	if (inet_pton(AF_INET, buf, ip) == 1) {
		*out = addr_v4(ip, 0);
		return true;
	}
	if (inet_pton(AF_INET6, buf, ip) == 1) {
		*out = addr_v6(ip, 0);
		return true;
	}
	return false;
}

/* Decimal digits of v at out; answers where they end. */
static char *put_number(char *out, unsigned v)
{
	char digits[10];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + v % 10);
	while (v /= 10);
	while (n)
		*out++ = digits[--n];
	return out;
}

/* inet_ntop() would be a sprintf(): records have many of these. */
static char *put_v4(char *out, const uint8_t ip[4])
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*out++ = '.';
		out = put_number(out, ip[i]);
	}
	return out;
}

const char *addr_ip_text(const struct addr *a, char buf[ADDR_TEXT])
{
	if (addr_is_v4(a))
		*put_v4(buf, a->ip + 12) = '\0';
	else
		inet_ntop(AF_INET6, a->ip, buf, ADDR_TEXT);
	return buf;
}

const char *addr_text(const struct addr *a, char buf[ADDR_TEXT])
{
	char *end = buf;

	if (addr_is_v4(a)) {
		end = put_v4(buf, a->ip + 12);
	} else {
		*end++ = '[';
		inet_ntop(AF_INET6, a->ip, end, INET6_ADDRSTRLEN);
		end += strlen(end);
		*end++ = ']';
	}
	*end++ = ':';
	*put_number(end, a->port) = '\0';
	return buf;
}
