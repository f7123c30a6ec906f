/*
 * SIP URIs, addresses (name-addr), and the ";name=value" parameters that
 * follow values in most headers: RFC 3261 section 19.1, 20.10 and 25.1,
 * tel: of RFC 3966. Everything is borrowed from the input; nothing
 * allocates; any thread may use it.
 */
#ifndef DISSECTORS_SIP_URI_H
#define DISSECTORS_SIP_URI_H

#include "sniffer/base/slice.h"

/* Escapes (%40) are left as they are: see sip_unescape(). */
struct sip_uri {
	struct slice whole;
	struct slice scheme;  /* without ':'; case as on the wire */
	struct slice user;    /* tel: the number; without password */
	struct slice host;    /* IPv6 without brackets; empty for tel: */
	struct slice params;  /* after the first ';' past the host */
	struct slice headers; /* after '?' */
	uint16_t port;	      /* 0: none given */
};

/* False, with *out cleared except whole, when there is no scheme or no host
 * where one is due. Unknown schemes are accepted: all after ':' is host. */
bool sip_uri_parse(struct slice text, struct sip_uri *out);

/* Case-insensitive look-up in ";a=b;c"-like text (first ';' optional), which
 * respects quoted strings. *value is trimmed, quotes kept; empty for a bare
 * name. value may be NULL. */
bool sip_param(struct slice params, const char *name, struct slice *value);
bool sip_uri_param(const struct sip_uri *uri, const char *name,
		   struct slice *value);

/* Next ";name=value" of *params; false at the end. Both are trimmed. */
bool sip_param_next(struct slice *params, struct slice *name,
		    struct slice *value);

/* %XX resolved into buf, at most size bytes, no terminator; "%" without two
 * hex digits stays. Returns the bytes written. */
size_t sip_unescape(struct slice in, char *buf, size_t size);

/* From, To, Contact, P-Asserted-Identity, Refer-To, Route ... */
struct sip_addr {
	struct slice text;     /* this one value with its parameters, trimmed */
	struct slice display;  /* without its quotes; backslashes stay */
	struct slice uri_text; /* between < and >, or the bare addr-spec */
	struct sip_uri uri;    /* cleared when uri_text is no URI */
	struct slice params;   /* header parameters, after the first ';' */
	struct slice tag;
	bool star; /* "Contact: *" */
};

/* One value. Fills in what is readable and answers false when the value
 * breaks the grammar (open quote, open '<', no URI). */
bool sip_addr_parse(struct slice value, struct sip_addr *out);

/* Takes the next element off a comma-separated list; commas inside quotes
 * and <> do not count. Empty elements are skipped. False at the end. */
bool sip_list_next(struct slice *list, struct slice *item);

/* Without surrounding quotes, if both are there. */
struct slice sip_unquote(struct slice s);

#endif
