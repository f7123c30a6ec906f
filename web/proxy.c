#include "web/proxy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/query_text.h"

struct proxy {
	const char *header;
	enum web_role role;
	size_t n;
	struct subnet from[];
};

static int refuse(char why[PROXY_WHY], const char *what, const char *text)
{
	snprintf(why, PROXY_WHY, "%s%.120s%s", what, text,
		 *text ? ": give addresses or subnets, as 127.0.0.1 or "
			 "10.0.0.0/8"
		       : "");
	return -EINVAL;
}

static bool is_header(const char *name)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789!#$%&'*+-.^_`|~";

	return *name && strspn(name, token) == strlen(name);
}

static int check(const struct proxy_config *cfg, char why[PROXY_WHY])
{
	if (!cfg->header)
		return 0;
	if (!is_header(cfg->header))
		return refuse(why,
			      "http-proxy-user: give the name of a header,"
			      " as X-Remote-User",
			      "");
	if (!cfg->from_n)
		return refuse(why,
			      "http-proxy-user needs http-proxy-from: "
			      "the addresses of the proxies that may say "
			      "who somebody is",
			      "");
	return 0;
}

/* Addresses and subnets in one text, with commas between them. */
static size_t count(const char *list)
{
	size_t n = 1;

	for (; *list; list++)
		n += *list == ',';
	return n;
}

static int add(struct proxy *p, const char *list, char why[PROXY_WHY])
{
	struct slice rest = slice_str(list), word;

	do {
		slice_cut(rest, ',', &word, &rest);
		if (!query_subnet(slice_trim(word), &p->from[p->n]))
			return refuse(why, "http-proxy-from: ", list);
		p->n++;
	} while (rest.len);
	return 0;
}

int proxy_open(struct proxy **out, const struct proxy_config *cfg,
	       char why[PROXY_WHY])
{
	int err = check(cfg, why);
	struct proxy *p;
	size_t n = 0;

	if (err)
		return err;
	for (size_t i = 0; i < cfg->from_n; i++)
		n += count(cfg->from[i]);
	p = calloc(1, sizeof(*p) + n * sizeof(p->from[0]));
	if (!p)
		return -ENOMEM;
	p->header = cfg->header;
	p->role = cfg->role;
	for (size_t i = 0; i < cfg->from_n && !err; i++)
		err = add(p, cfg->from[i], why);
	if (err)
		proxy_close(p);
	else
		*out = p;
	return err;
}

void proxy_close(struct proxy *p)
{
	free(p);
}

static bool is_inside(const struct subnet *net, const struct addr *a)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	uint8_t mask = (uint8_t)(0xff00u >> rest);

	if (memcmp(net->addr.ip, a->ip, whole))
		return false;
	return !rest || !((net->addr.ip[whole] ^ a->ip[whole]) & mask);
}

bool proxy_trusts(const struct proxy *p, const struct addr *peer)
{
	for (size_t i = 0; i < p->n; i++)
		if (is_inside(&p->from[i], peer))
			return true;
	return false;
}

const char *proxy_header(const struct proxy *p)
{
	return p->header;
}

enum web_role proxy_role(const struct proxy *p)
{
	return p->role;
}

/* --- X-Forwarded-For ------------------------------------------------------ */

static struct slice last_of(struct slice list)
{
	struct slice head;

	while (slice_cut(list, ',', &head, &list))
		;
	return slice_trim(head);
}

/* Without the port: "[v6]:1" and "1.2.3.4:1". */
static struct slice without_port(struct slice text)
{
	ptrdiff_t end = slice_find(text, ']'), colon = slice_find(text, ':');

	if (text.len && text.p[0] == '[' && end > 0)
		return slice_head(text, (size_t)end + 1);
	if (colon >= 0 &&
	    slice_find(slice_from(text, (size_t)colon + 1), ':') < 0)
		return slice_head(text, (size_t)colon);
	return text;
}

bool proxy_forwarded(struct slice header, struct addr *out)
{
	struct addr a;

	if (!addr_parse_ip(without_port(last_of(header)), &a))
		return false;
	*out = a;
	return true;
}
