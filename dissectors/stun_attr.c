#include "dissectors/stun_attr.h"

/* How an attribute is read, and the offsets of the field that it goes to and
 * of its has_ bit, for those readers that use them. */
struct row {
	uint16_t type;
	bool (*read)(const struct stun_attr *a, const struct row *r,
		     struct stun_msg *m);
	size_t field, has;
};

static void *at(struct stun_msg *m, size_t offset)
{
	return (uint8_t *)m + offset;
}

/* True the first time. */
static bool first(const struct row *r, struct stun_msg *m)
{
	bool *has = at(m, r->has);
	bool was = *has;

	*has = true;
	return !was;
}

/* --- plain values ------------------------------------------------------ */

static bool flag(const struct stun_attr *a, const struct row *r,
		 struct stun_msg *m)
{
	(void)a;
	first(r, m);
	return true;
}

static bool text(const struct stun_attr *a, const struct row *r,
		 struct stun_msg *m)
{
	struct slice *out = at(m, r->field);

	if (!out->p && !a->cut)
		*out = a->value;
	return true;
}

static bool u8(const struct stun_attr *a, const struct row *r,
	       struct stun_msg *m)
{
	if (a->value.len < 1)
		return false;
	if (first(r, m))
		*(uint8_t *)at(m, r->field) = a->value.p[0];
	return true;
}

static bool u16(const struct stun_attr *a, const struct row *r,
		struct stun_msg *m)
{
	struct cursor c = cursor_of(a->value);
	uint16_t v = cursor_u16(&c);

	if (!c.bad && first(r, m))
		*(uint16_t *)at(m, r->field) = v;
	return !c.bad;
}

static bool u32(const struct stun_attr *a, const struct row *r,
		struct stun_msg *m)
{
	struct cursor c = cursor_of(a->value);
	uint32_t v = cursor_u32(&c);

	if (!c.bad && first(r, m))
		*(uint32_t *)at(m, r->field) = v;
	return !c.bad;
}

/* Other lengths are no damage: WhatsApp uses the type for lists of its own. */
static bool token(const struct stun_attr *a, const struct row *r,
		  struct stun_msg *m)
{
	return a->value.len != 8 || text(a, r, m);
}

/* --- addresses --------------------------------------------------------- */

/*
 * RFC 8489, 14.1 and 14.2
 *
 *  0 | family | port | address, 4 or 16 bytes
 *
 * The XOR form covers port and address with cookie and transaction id.
 */
static bool read_addr(const struct stun_attr *a, bool xored, struct addr *out)
{
	struct cursor c = cursor_of(a->value);
	uint8_t family = (uint8_t)cursor_u16(&c);
	uint16_t port = cursor_u16(&c);
	size_t len = family == 1 ? 4 : 16;
	struct slice ip = cursor_take(&c, len);
	uint8_t plain[16];

	if (c.bad || family < 1 || family > 2)
		return false;
	for (size_t i = 0; i < len; i++)
		plain[i] = ip.p[i] ^ (xored ? a->key[i] : 0);
	if (xored)
		port ^= (uint16_t)(a->key[0] << 8 | a->key[1]);
	*out = len == 4 ? addr_v4(plain, port) : addr_v6(plain, port);
	return true;
}

static bool plain_addr(const struct stun_attr *a, const struct row *r,
		       struct stun_msg *m)
{
	struct addr v;

	if (!read_addr(a, false, &v))
		return false;
	if (first(r, m))
		*(struct addr *)at(m, r->field) = v;
	return true;
}

static unsigned rank(uint16_t type)
{
	switch (type) {
	case STUN_ATTR_XOR_MAPPED_ADDRESS:
		return 3;
	case STUN_ATTR_OLD_XOR_MAPPED_ADDRESS:
		return 2;
	case STUN_ATTR_MAPPED_ADDRESS:
		return 1;
	default:
		return 0;
	}
}

static bool mapped(const struct stun_attr *a, const struct row *r,
		   struct stun_msg *m)
{
	bool plain = a->type == STUN_ATTR_MAPPED_ADDRESS;
	struct addr v;

	(void)r;
	if (!read_addr(a, !plain, &v))
		return false;
	if (plain && !m->has_plain_mapped) {
		m->plain_mapped = v;
		m->has_plain_mapped = true;
	}
	if (rank(a->type) > rank(m->mapped_by)) {
		m->mapped = v;
		m->mapped_by = a->type;
		m->has_mapped = true;
	}
	return true;
}

static bool add(const struct stun_attr *a, struct addr *list, unsigned max,
		unsigned *count, bool *truncated)
{
	struct addr v;

	if (!read_addr(a, true, &v))
		return false;
	if (*count < max)
		list[(*count)++] = v;
	else
		*truncated = true;
	return true;
}

static bool peer(const struct stun_attr *a, const struct row *r,
		 struct stun_msg *m)
{
	(void)r;
	return add(a, m->peers, STUN_PEERS_MAX, &m->peer_count,
		   &m->addrs_truncated);
}

static bool relayed(const struct stun_attr *a, const struct row *r,
		    struct stun_msg *m)
{
	(void)r;
	return add(a, m->relayed, STUN_RELAYED_MAX, &m->relayed_count,
		   &m->addrs_truncated);
}

/* --- what has a form of its own ---------------------------------------- */

/* RFC 8489, 14.8: 21 zero bits, hundreds 3 bits, rest 8 bits | reason. */
static bool error(const struct stun_attr *a, const struct row *r,
		  struct stun_msg *m)
{
	struct cursor c = cursor_of(a->value);
	uint32_t v = cursor_u32(&c);

	if (c.bad)
		return false;
	if (!first(r, m))
		return true;
	m->error_code = (uint16_t)((v >> 8 & 7) * 100 + (v & 0xff));
	m->reason = cursor_rest(&c);
	return true;
}

/* RFC 8656, 18.12: the same with the family in the first byte. */
static bool address_error(const struct stun_attr *a, const struct row *r,
			  struct stun_msg *m)
{
	struct cursor c = cursor_of(a->value);
	uint32_t v = cursor_u32(&c);

	if (c.bad)
		return false;
	if (!first(r, m))
		return true;
	m->address_error_family = (uint8_t)(v >> 24);
	m->address_error_code = (uint16_t)((v >> 8 & 7) * 100 + (v & 0xff));
	return true;
}

/* RFC 8656, 18.13: 16 zero bits, type 7 bits, code 9 bits | data. */
static bool icmp(const struct stun_attr *a, const struct row *r,
		 struct stun_msg *m)
{
	struct cursor c = cursor_of(a->value);
	uint32_t v = cursor_u32(&c);
	uint32_t data = cursor_u32(&c);

	if (c.bad)
		return false;
	if (!first(r, m))
		return true;
	m->icmp_type = v >> 9 & 0x7f;
	m->icmp_code = v & 0x1ff;
	m->icmp_data = data;
	return true;
}

static bool role(const struct stun_attr *a, const struct row *r,
		 struct stun_msg *m)
{
	struct cursor c = cursor_of(a->value);
	uint64_t v = cursor_u64(&c);

	(void)r;
	if (c.bad)
		return false;
	if (m->role != STUN_NO_ROLE)
		return true;
	m->role = a->type == STUN_ATTR_ICE_CONTROLLING ? STUN_CONTROLLING
						       : STUN_CONTROLLED;
	m->tie_breaker = v;
	return true;
}

/* RFC 8489, 14.5 and 14.6; the short one of libwebrtc has four bytes. */
static bool integrity(const struct stun_attr *a, const struct row *r,
		      struct stun_msg *m)
{
	struct stun_integrity *out = at(m, r->field);
	size_t len = a->value.len;
	bool fits;

	if (a->type == STUN_ATTR_MESSAGE_INTEGRITY)
		fits = len == 20;
	else if (a->type == STUN_ATTR_MESSAGE_INTEGRITY_SHA256)
		fits = len >= 16 && len <= 32 && len % 4 == 0;
	else
		fits = len == 4;
	if (!fits || a->cut)
		return false;
	if (!out->value.p)
		*out = (struct stun_integrity){a->value, a->offset};
	return true;
}

static bool fingerprint(const struct stun_attr *a, const struct row *r,
			struct stun_msg *m)
{
	if (a->cut || a->value.len != 4)
		return false;
	m->fingerprint_offset = a->offset;
	return u32(a, r, m);
}

/* RFC 5780, 7.2 */
static bool change(const struct stun_attr *a, const struct row *r,
		   struct stun_msg *m)
{
	struct cursor c = cursor_of(a->value);
	uint32_t v = cursor_u32(&c);

	if (c.bad)
		return false;
	if (!first(r, m))
		return true;
	m->change_ip = v & 4;
	m->change_port = v & 2;
	return true;
}

/* RFC 8656, 18.7: the first bit asks for the next port too. */
static bool even_port(const struct stun_attr *a, const struct row *r,
		      struct stun_msg *m)
{
	if (a->value.len < 1)
		return false;
	if (first(r, m))
		m->reserve_next_port = a->value.p[0] & 0x80;
	return true;
}

/* libwebrtc: id 2 | cost 2, 999 the dearest. */
static bool network(const struct stun_attr *a, const struct row *r,
		    struct stun_msg *m)
{
	struct cursor c = cursor_of(a->value);
	uint16_t id = cursor_u16(&c);
	uint16_t cost = cursor_u16(&c);

	if (c.bad)
		return false;
	if (!first(r, m))
		return true;
	m->network_id = id;
	m->network_cost = cost;
	return true;
}

/* --- the table --------------------------------------------------------- */

#define F(name) offsetof(struct stun_msg, name)

static const struct row rows[] = {
	/* Those of ICE's checks and of media through a relay come first. */
	{STUN_ATTR_USERNAME, text, F(username)},
	{STUN_ATTR_PRIORITY, u32, F(priority), F(has_priority)},
	{STUN_ATTR_ICE_CONTROLLING, role},
	{STUN_ATTR_ICE_CONTROLLED, role},
	{STUN_ATTR_USE_CANDIDATE, flag, 0, F(use_candidate)},
	{STUN_ATTR_XOR_MAPPED_ADDRESS, mapped},
	{STUN_ATTR_MESSAGE_INTEGRITY, integrity, F(integrity)},
	{STUN_ATTR_FINGERPRINT, fingerprint, F(fingerprint),
	 F(has_fingerprint)},
	{STUN_ATTR_XOR_PEER_ADDRESS, peer},
	{STUN_ATTR_DATA, text, F(data)},
	{STUN_ATTR_NOMINATION, u32, F(nomination), F(has_nomination)},
	{STUN_ATTR_GOOG_NETWORK_INFO, network, 0, F(has_network)},
	{STUN_ATTR_DTLS_IN_STUN, text, F(dtls)},
	{STUN_ATTR_DTLS_IN_STUN_ACK, text, F(dtls_ack)},
	{STUN_ATTR_SOFTWARE, text, F(software)},
	{STUN_ATTR_MESSAGE_INTEGRITY_SHA256, integrity, F(integrity_sha256)},
	{STUN_ATTR_GOOG_MESSAGE_INTEGRITY_32, integrity, F(integrity_32)},

	{STUN_ATTR_REALM, text, F(realm)},
	{STUN_ATTR_NONCE, text, F(nonce)},
	{STUN_ATTR_ERROR_CODE, error, 0, F(has_error)},
	{STUN_ATTR_UNKNOWN_ATTRIBUTES, text, F(unknown)},
	{STUN_ATTR_USERHASH, text, F(userhash)},
	{STUN_ATTR_PASSWORD, text, F(password)},
	{STUN_ATTR_PASSWORD_ALGORITHM, u16, F(password_algorithm),
	 F(has_password_algorithm)},
	{STUN_ATTR_PASSWORD_ALGORITHMS, text, F(password_algorithms)},
	{STUN_ATTR_ALTERNATE_DOMAIN, text, F(alternate_domain)},
	{STUN_ATTR_ALTERNATE_SERVER, plain_addr, F(alternate_server),
	 F(has_alternate_server)},

	{STUN_ATTR_LIFETIME, u32, F(lifetime_s), F(has_lifetime)},
	{STUN_ATTR_CHANNEL_NUMBER, u16, F(channel), F(has_channel)},
	{STUN_ATTR_XOR_RELAYED_ADDRESS, relayed},
	{STUN_ATTR_REQUESTED_TRANSPORT, u8, F(transport), F(has_transport)},
	{STUN_ATTR_REQUESTED_FAMILY, u8, F(requested_family),
	 F(has_requested_family)},
	{STUN_ATTR_ADDITIONAL_FAMILY, u8, F(additional_family),
	 F(has_additional_family)},
	{STUN_ATTR_EVEN_PORT, even_port, 0, F(has_even_port)},
	{STUN_ATTR_DONT_FRAGMENT, flag, 0, F(dont_fragment)},
	{STUN_ATTR_RESERVATION_TOKEN, token, F(reservation_token)},
	{STUN_ATTR_CONNECTION_ID, u32, F(connection_id), F(has_connection_id)},
	{STUN_ATTR_ADDRESS_ERROR_CODE, address_error, 0, F(has_address_error)},
	{STUN_ATTR_ICMP, icmp, 0, F(has_icmp)},

	{STUN_ATTR_MAPPED_ADDRESS, mapped},
	{STUN_ATTR_OLD_XOR_MAPPED_ADDRESS, mapped},
	{STUN_ATTR_RESPONSE_ORIGIN, plain_addr, F(response_origin),
	 F(has_response_origin)},
	{STUN_ATTR_SOURCE_ADDRESS, plain_addr, F(response_origin),
	 F(has_response_origin)},
	{STUN_ATTR_OTHER_ADDRESS, plain_addr, F(other_address),
	 F(has_other_address)},
	{STUN_ATTR_CHANGED_ADDRESS, plain_addr, F(other_address),
	 F(has_other_address)},
	{STUN_ATTR_RESPONSE_ADDRESS, plain_addr, F(response_address),
	 F(has_response_address)},
	{STUN_ATTR_REFLECTED_FROM, plain_addr, F(reflected_from),
	 F(has_reflected_from)},
	{STUN_ATTR_CHANGE_REQUEST, change, 0, F(has_change)},
	{STUN_ATTR_RESPONSE_PORT, u16, F(response_port), F(has_response_port)},
};

bool stun_attr_read(const struct stun_attr *a, struct stun_msg *m)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].type == a->type)
			return rows[i].read(a, &rows[i], m);
	return true;
}
