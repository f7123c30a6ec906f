/* Every attribute of STUN, ICE and TURN that is read. */
#include <check.h>

#include "dissectors/stun.h"
#include "tests/run_suite.h"
#include "tests/stun_inside.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define COOKIE	"\x21\x12\xa4\x42"
#define TID	"abcdefghijkl"

/* An Allocate error with these attributes: all types may come in any. */
static struct stun_msg with(struct slice attrs)
{
	static uint8_t buf[1024];
	struct slice in = slice_of(buf, STUN_HEAD + attrs.len);
	struct stun_msg m;

	ck_assert_uint_le(in.len, sizeof(buf));
	memcpy(buf, "\1\x13\0\0" COOKIE TID, STUN_HEAD);
	buf[2] = (uint8_t)(attrs.len >> 8);
	buf[3] = (uint8_t)attrs.len;
	memcpy(buf + STUN_HEAD, attrs.p, attrs.len);
	ck_assert_int_eq(stun_parse(in, &m), PARSE_OK);
	ck_assert(stun_inside(&m, in));
	return m;
}

/* --- texts ------------------------------------------------------------- */

#define AT(name) offsetof(struct stun_msg, name)

static const struct {
	const char *name;
	struct slice attrs;
	size_t field;
	struct slice want;
} texts[] = {
	{"username", SLICE_INIT("\0\6\0\3a:b "), AT(username),
	 SLICE_INIT("a:b")},
	{"password", SLICE_INIT("\0\7\0\4pass"), AT(password),
	 SLICE_INIT("pass")},
	{"realm", SLICE_INIT("\0\x14\0\5realm\0\0\0"), AT(realm),
	 SLICE_INIT("realm")},
	{"nonce", SLICE_INIT("\0\x15\0\6nonce1\0\0"), AT(nonce),
	 SLICE_INIT("nonce1")},
	{"userhash", SLICE_INIT("\0\x1e\0\4hash"), AT(userhash),
	 SLICE_INIT("hash")},
	{"algorithms", SLICE_INIT("\x80\2\0\x08\0\1\0\0\0\2\0\0"),
	 AT(password_algorithms), SLICE_INIT("\0\1\0\0\0\2\0\0")},
	{"alternate domain", SLICE_INIT("\x80\3\0\4host"), AT(alternate_domain),
	 SLICE_INIT("host")},
	{"software", SLICE_INIT("\x80\x22\0\2me\0\0"), AT(software),
	 SLICE_INIT("me")},
	{"software, empty", SLICE_INIT("\x80\x22\0\0"), AT(software),
	 SLICE_INIT("")},
	{"data", SLICE_INIT("\0\x13\0\5\x80\1\2\3\4\0\0\0"), AT(data),
	 SLICE_INIT("\x80\1\2\3\4")},
	{"token", SLICE_INIT("\0\x22\0\x08tokentok"), AT(reservation_token),
	 SLICE_INIT("tokentok")},
	{"unknown", SLICE_INIT("\0\x0a\0\2\0\x2f\0\0"), AT(unknown),
	 SLICE_INIT("\0\x2f")},
	{"DTLS", SLICE_INIT("\xc0\x70\0\3\x16\xfe\xfd\0"), AT(dtls),
	 SLICE_INIT("\x16\xfe\xfd")},
	{"DTLS ack", SLICE_INIT("\xc0\x71\0\4\1\2\3\4"), AT(dtls_ack),
	 SLICE_INIT("\1\2\3\4")},
	{"the first counts", SLICE_INIT("\0\6\0\4user\0\6\0\4more"),
	 AT(username), SLICE_INIT("user")},
	{"behind what nobody knows", SLICE_INIT("\x40\0\0\1x\0\0\0\0\6\0\1a"),
	 AT(username), SLICE_INIT("a")},
};

START_TEST(strings)
{
	struct stun_msg m = with(texts[_i].attrs);
	struct slice got;

	memcpy(&got, (const uint8_t *)&m + texts[_i].field, sizeof(got));
	ck_assert_ptr_nonnull(got.p);
	ck_assert_msg(slice_eq(got, texts[_i].want), "%s", texts[_i].name);
	ck_assert(!m.bad_attr);
}
END_TEST

/* WhatsApp's use of the type is no token, and no damage. */
START_TEST(token_of_others)
{
	struct stun_msg m = with(SLICE("\0\x22\0\4list"));

	ck_assert(!m.reservation_token.p && !m.bad_attr);
}
END_TEST

/* --- addresses --------------------------------------------------------- */

/* 192.0.2.1:32853 and [2001:db8::2]:32853, plain and covered. */
#define PLAIN4 "\0\x08\0\1\x80\x55\xc0\0\2\1"
#define XOR4   "\0\x08\0\1\xa1\x47\xe1\x12\xa6\x43"
#define PLAIN6 "\0\x14\0\2\x80\x55\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2"
#define XOR6                                                                   \
	"\0\x14\0\2\xa1\x47\1\x13\xa9\xfa"                                     \
	"abcdefghijkn"
#define TEXT4 "192.0.2.1:32853"
#define TEXT6 "[2001:db8::2]:32853"

static const struct {
	const char *name;
	struct slice attrs;
	size_t has, field;
	const char *want;
} addrs[] = {
	{"mapped", SLICE_INIT("\0\1" PLAIN4), AT(has_mapped), AT(mapped),
	 TEXT4},
	{"mapped, IPv6", SLICE_INIT("\0\1" PLAIN6), AT(has_mapped), AT(mapped),
	 TEXT6},
	{"mapped is plain", SLICE_INIT("\0\1" PLAIN4), AT(has_plain_mapped),
	 AT(plain_mapped), TEXT4},
	{"XOR mapped", SLICE_INIT("\0\x20" XOR4), AT(has_mapped), AT(mapped),
	 TEXT4},
	{"XOR mapped, IPv6", SLICE_INIT("\0\x20" XOR6), AT(has_mapped),
	 AT(mapped), TEXT6},
	{"old XOR mapped", SLICE_INIT("\x80\x20" XOR4), AT(has_mapped),
	 AT(mapped), TEXT4},
	{"response address", SLICE_INIT("\0\2" PLAIN4),
	 AT(has_response_address), AT(response_address), TEXT4},
	{"source", SLICE_INIT("\0\4" PLAIN4), AT(has_response_origin),
	 AT(response_origin), TEXT4},
	{"origin", SLICE_INIT("\x80\x2b" PLAIN6), AT(has_response_origin),
	 AT(response_origin), TEXT6},
	{"changed", SLICE_INIT("\0\5" PLAIN4), AT(has_other_address),
	 AT(other_address), TEXT4},
	{"other", SLICE_INIT("\x80\x2c" PLAIN6), AT(has_other_address),
	 AT(other_address), TEXT6},
	{"reflected", SLICE_INIT("\0\x0b" PLAIN4), AT(has_reflected_from),
	 AT(reflected_from), TEXT4},
	{"alternate", SLICE_INIT("\x80\x23" PLAIN4), AT(has_alternate_server),
	 AT(alternate_server), TEXT4},
	{"longer than it must",
	 SLICE_INIT("\x80\x23\0\x0c\0\1\x80\x55\xc0\0"
		    "\2\1xxxx"),
	 AT(has_alternate_server), AT(alternate_server), TEXT4},
};

START_TEST(address)
{
	struct stun_msg m = with(addrs[_i].attrs);
	const uint8_t *bytes = (const uint8_t *)&m;
	char text[ADDR_TEXT];
	struct addr got;

	ck_assert(!m.bad_attr);
	ck_assert_uint_eq(bytes[addrs[_i].has], 1);
	memcpy(&got, bytes + addrs[_i].field, sizeof(got));
	ck_assert_msg(!strcmp(addr_text(&got, text), addrs[_i].want), "%s: %s",
		      addrs[_i].name, text);
}
END_TEST

#define REWRITTEN "\0\1\0\x08\0\1\0\x09\x0a\0\0\1"
#define OLD_XOR	  "\x80\x20\0\x08\0\1\x21\x1b\x2b\x12\xa4\x40"

/* The best form counts wherever it stands. */
static const struct {
	struct slice attrs;
	uint16_t by;
	const char *mapped, *plain;
} forms[] = {
	{SLICE_INIT(REWRITTEN OLD_XOR "\0\x20" XOR4),
	 STUN_ATTR_XOR_MAPPED_ADDRESS, TEXT4, "10.0.0.1:9"},
	{SLICE_INIT("\0\x20" XOR4 OLD_XOR REWRITTEN),
	 STUN_ATTR_XOR_MAPPED_ADDRESS, TEXT4, "10.0.0.1:9"},
	{SLICE_INIT(REWRITTEN OLD_XOR "\0\1" PLAIN4),
	 STUN_ATTR_OLD_XOR_MAPPED_ADDRESS, "10.0.0.2:9", "10.0.0.1:9"},
};

START_TEST(mapped_forms)
{
	struct stun_msg m = with(forms[_i].attrs);
	char text[ADDR_TEXT];

	ck_assert_uint_eq(m.mapped_by, forms[_i].by);
	ck_assert_str_eq(addr_text(&m.mapped, text), forms[_i].mapped);
	ck_assert_str_eq(addr_text(&m.plain_mapped, text), forms[_i].plain);
}
END_TEST

START_TEST(relayed)
{
	struct stun_msg m = with(SLICE("\0\x16" XOR4 "\0\x16" XOR6));
	char text[ADDR_TEXT];

	ck_assert_uint_eq(m.relayed_count, 2);
	ck_assert_str_eq(addr_text(&m.relayed[0], text), TEXT4);
	ck_assert_str_eq(addr_text(&m.relayed[1], text), TEXT6);
	ck_assert(!m.addrs_truncated);
	m = with(SLICE("\0\x16" XOR4 "\0\x16" XOR6 "\0\x16" XOR4));
	ck_assert_uint_eq(m.relayed_count, 2);
	ck_assert(m.addrs_truncated && !m.bad_attr);
}
END_TEST

START_TEST(peers)
{
	uint8_t buf[12 * (STUN_PEERS_MAX + 1)];
	char text[ADDR_TEXT];
	struct stun_msg m;

	for (int i = 0; i <= STUN_PEERS_MAX; i++) {
		memcpy(buf + 12 * i, "\0\x12" XOR4, 12);
		buf[12 * i + 7] ^= (uint8_t)i; /* of the port */
	}
	m = with(slice_of(buf, sizeof(buf) - 12));
	ck_assert_uint_eq(m.peer_count, STUN_PEERS_MAX);
	ck_assert(!m.addrs_truncated);
	ck_assert_str_eq(addr_text(&m.peers[0], text), TEXT4);
	ck_assert_str_eq(addr_text(&m.peers[15], text), "192.0.2.1:32858");
	m = with(slice_of(buf, sizeof(buf)));
	ck_assert_uint_eq(m.peer_count, STUN_PEERS_MAX);
	ck_assert(m.addrs_truncated);
}
END_TEST

/* --- numbers ----------------------------------------------------------- */

static const struct {
	const char *name;
	struct slice attrs;
	size_t has, field, size;
	uint32_t want;
} numbers[] = {
	{"priority", SLICE_INIT("\0\x24\0\4\x6e\0\1\xff"), AT(has_priority),
	 AT(priority), 4, 1845494271},
	{"nomination", SLICE_INIT("\xc0\1\0\4\0\0\0\2"), AT(has_nomination),
	 AT(nomination), 4, 2},
	{"network id", SLICE_INIT("\xc0\x57\0\4\0\3\0\x0a"), AT(has_network),
	 AT(network_id), 2, 3},
	{"network cost", SLICE_INIT("\xc0\x57\0\4\0\3\0\x0a"), AT(has_network),
	 AT(network_cost), 2, 10},
	{"lifetime", SLICE_INIT("\0\x0d\0\4\0\0\2\x58"), AT(has_lifetime),
	 AT(lifetime_s), 4, 600},
	{"lifetime 0", SLICE_INIT("\0\x0d\0\4\0\0\0\0"), AT(has_lifetime),
	 AT(lifetime_s), 4, 0},
	{"channel", SLICE_INIT("\0\x0c\0\4\x40\1\0\0"), AT(has_channel),
	 AT(channel), 2, 0x4001},
	{"transport", SLICE_INIT("\0\x19\0\4\x11\0\0\0"), AT(has_transport),
	 AT(transport), 1, 17},
	{"family", SLICE_INIT("\0\x17\0\4\2\0\0\0"), AT(has_requested_family),
	 AT(requested_family), 1, 2},
	{"more families", SLICE_INIT("\x80\0\0\4\2\0\0\0"),
	 AT(has_additional_family), AT(additional_family), 1, 2},
	{"connection", SLICE_INIT("\0\x2a\0\4\1\2\3\4"), AT(has_connection_id),
	 AT(connection_id), 4, 0x01020304},
	{"algorithm", SLICE_INIT("\0\x1d\0\4\0\2\0\0"),
	 AT(has_password_algorithm), AT(password_algorithm), 2, 2},
	{"response port", SLICE_INIT("\0\x27\0\2\x12\x34\0\0"),
	 AT(has_response_port), AT(response_port), 2, 0x1234},
	{"error", SLICE_INIT("\0\x09\0\4\0\0\4\1"), AT(has_error),
	 AT(error_code), 2, 401},
	{"error 300", SLICE_INIT("\0\x09\0\4\0\0\3\0"), AT(has_error),
	 AT(error_code), 2, 300},
	{"error, reserved bits", SLICE_INIT("\0\x09\0\4\xff\xff\xfc\x57"),
	 AT(has_error), AT(error_code), 2, 487},
	{"address error", SLICE_INIT("\x80\1\0\4\2\0\4\x28"),
	 AT(has_address_error), AT(address_error_code), 2, 440},
	{"family of the error", SLICE_INIT("\x80\1\0\4\2\0\4\x28"),
	 AT(has_address_error), AT(address_error_family), 1, 2},
	{"ICMP type", SLICE_INIT("\x80\4\0\x08\0\0\x06\x04\0\0\5\xdc"),
	 AT(has_icmp), AT(icmp_type), 1, 3},
	{"ICMP code", SLICE_INIT("\x80\4\0\x08\0\0\x06\x04\0\0\5\xdc"),
	 AT(has_icmp), AT(icmp_code), 2, 4},
	{"ICMP data", SLICE_INIT("\x80\4\0\x08\0\0\x06\x04\0\0\5\xdc"),
	 AT(has_icmp), AT(icmp_data), 4, 1500},
	{"fingerprint", SLICE_INIT("\x80\x28\0\4\1\2\3\4"), AT(has_fingerprint),
	 AT(fingerprint), 4, 0x01020304},
	{"the first counts", SLICE_INIT("\0\x0d\0\4\0\0\0\1\0\x0d\0\4\0\0\0\2"),
	 AT(has_lifetime), AT(lifetime_s), 4, 1},
};

START_TEST(number)
{
	struct stun_msg m = with(numbers[_i].attrs);
	const uint8_t *bytes = (const uint8_t *)&m;
	uint32_t got = 0;
	uint16_t v16;

	if (numbers[_i].size == 2) {
		memcpy(&v16, bytes + numbers[_i].field, 2);
		got = v16;
	} else if (numbers[_i].size == 4) {
		memcpy(&got, bytes + numbers[_i].field, 4);
	} else {
		got = bytes[numbers[_i].field];
	}
	ck_assert_uint_eq(bytes[numbers[_i].has], 1);
	ck_assert_msg(got == numbers[_i].want, "%s: %u", numbers[_i].name, got);
	ck_assert(!m.bad_attr);
}
END_TEST

/* The value of each is cut to nothing. */
START_TEST(number_cut)
{
	struct slice a = numbers[_i].attrs;
	uint8_t cut[] = {a.p[0], a.p[1], 0, 0};
	struct stun_msg m = with(slice_of(cut, sizeof(cut)));
	const uint8_t *bytes = (const uint8_t *)&m;

	ck_assert_msg(m.bad_attr, "%s", numbers[_i].name);
	ck_assert_uint_eq(bytes[numbers[_i].has], 0);
}
END_TEST

/* --- what is neither --------------------------------------------------- */

START_TEST(roles)
{
	struct stun_msg m = with(SLICE("\x80\x2a\0\x08\1\2\3\4\5\6\7\x08"
				       "\x80\x29\0\x08zzzzzzzz"));

	ck_assert_int_eq(m.role, STUN_CONTROLLING);
	ck_assert_uint_eq(m.tie_breaker, 0x0102030405060708);
	m = with(SLICE("\x80\x29\0\x08\1\2\3\4\5\6\7\x09"));
	ck_assert_int_eq(m.role, STUN_CONTROLLED);
	ck_assert_uint_eq(m.tie_breaker, 0x0102030405060709);
	m = with(SLICE("\x80\x29\0\4\1\2\3\4"));
	ck_assert_int_eq(m.role, STUN_NO_ROLE);
	ck_assert(m.bad_attr);
}
END_TEST

START_TEST(flags)
{
	struct stun_msg m = with(SLICE("\0\x25\0\0\0\x1a\0\0"));

	ck_assert(m.use_candidate && m.dont_fragment && !m.bad_attr);
	m = with(SLICE("\0\x18\0\1\x80\0\0\0"));
	ck_assert(m.has_even_port && m.reserve_next_port && !m.bad_attr);
	m = with(SLICE("\0\x18\0\1\x7f\0\0\0"));
	ck_assert(m.has_even_port && !m.reserve_next_port);
	m = with(SLICE("\0\x18\0\0"));
	ck_assert(!m.has_even_port && m.bad_attr);
	m = with(SLICE("\0\3\0\4\0\0\0\6"));
	ck_assert(m.has_change && m.change_ip && m.change_port);
	m = with(SLICE("\0\3\0\4\0\0\0\2"));
	ck_assert(m.has_change && !m.change_ip && m.change_port);
	m = with(SLICE("\0\3\0\4\0\0\0\0"));
	ck_assert(m.has_change && !m.change_ip && !m.change_port);
}
END_TEST

START_TEST(reason)
{
	struct stun_msg m = with(SLICE("\0\x09\0\x0f\0\0\4\x26Stale Nonce\0"));

	ck_assert_uint_eq(m.error_code, 438);
	ck_assert(slice_eq(m.reason, SLICE("Stale Nonce")));
}
END_TEST

START_TEST(unknown_types)
{
	struct stun_msg m = with(SLICE("\0\x0a\0\5\0\x2f\x40\0x\0\0\0"));
	struct slice left = m.unknown;
	uint16_t type = 0;

	ck_assert(stun_unknown_next(&left, &type) && type == 0x002f);
	ck_assert(stun_unknown_next(&left, &type) && type == 0x4000);
	ck_assert(!stun_unknown_next(&left, &type) && type == 0x4000);
	ck_assert_uint_eq(left.len, 1);
}
END_TEST

START_TEST(integrities)
{
	struct stun_msg m = with(SLICE("\xc0\x60\0\4\1\2\3\4"));

	ck_assert(slice_eq(m.integrity_32.value, SLICE("\1\2\3\4")));
	ck_assert_uint_eq(m.integrity_32.offset, 20);
	m = with(SLICE("\0\x24\0\4\0\0\0\1\0\x1c\0\x14"
		       "aaaaaaaaaaaaaaaaaaaa"));
	ck_assert_uint_eq(m.integrity_sha256.value.len, 20);
	ck_assert_uint_eq(m.integrity_sha256.offset, 28);
	m = with(SLICE("\0\x1c\0\x24"
		       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	ck_assert(!m.integrity_sha256.value.p && m.bad_attr);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stun_attr");
	TCase *t = tcase_create("stun_attr");

	tcase_add_loop_test(t, strings, 0, ROWS(texts));
	tcase_add_test(t, token_of_others);
	tcase_add_loop_test(t, address, 0, ROWS(addrs));
	tcase_add_loop_test(t, mapped_forms, 0, ROWS(forms));
	tcase_add_test(t, relayed);
	tcase_add_test(t, peers);
	tcase_add_loop_test(t, number, 0, ROWS(numbers));
	tcase_add_loop_test(t, number_cut, 0, ROWS(numbers));
	tcase_add_test(t, roles);
	tcase_add_test(t, flags);
	tcase_add_test(t, reason);
	tcase_add_test(t, unknown_types);
	tcase_add_test(t, integrities);
	suite_add_tcase(s, t);
	return run_suite(s);
}
