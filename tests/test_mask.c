/* Numbers and keys made unreadable, in place. */
#include <stdlib.h>
#include <string.h>

#include "dissectors/sip_mask.h"
#include "tests/run_suite.h"

static const struct {
	const char *text, *want;
	uint64_t keep;
} uris[] = {
	{"sip:4917123456789@x", "sip:49171xxxxxxxx@x", 5},
	{"<sips:+4917123456789@1.2.3.4:5061>",
	 "<sips:+491xxxxxxxxxx@1.2.3.4:5061>", 3},
	{"<tel:+49-171-23;phone-context=+49>",
	 "<tel:+4x-xxx-xx;phone-context=+49>", 1},
	{"TEL:123 9", "TEL:xxx 9", 0},
	/* no user: a host */
	{"sip:10.0.0.1:5060", "sip:10.0.0.1:5060", 0},
	{"<sip:1@h>,<sip:22@h>", "<sip:x@h>,<sip:xx@h>", 0},
	{"\"Tel 12, 34\" <sip:a@h>", "\"Tel xx, xx\" <sip:a@h>", 0},
	{"From: 12 <sip:a@h>;tag=5", "From: xx <sip:a@h>;tag=5", 0},
	/* the name of the second only up to the first */
	{"<sip:1@h>;q=0.5, 7 <sip:2@h>", "<sip:x@h>;q=0.5, x <sip:x@h>", 0},
	{"sip:1:2@h", "sip:x:x@h", 0},
	{"sip:", "sip:", 0},
	{"tel:", "tel:", 0},
	{"sip:12", "sip:12", 0},
	{"", "", 0},
};

START_TEST(in_uris)
{
	uint8_t buf[128];
	size_t len = strlen(uris[_i].text);

	memcpy(buf, uris[_i].text, len + 1);
	mask_uris(buf, len, uris[_i].keep);
	ck_assert_str_eq((char *)buf, uris[_i].want);
}
END_TEST

START_TEST(digits_and_keys)
{
	uint8_t number[] = "+49 (171) 23", keys[] = "Signal 5*#Dd9z";

	mask_digits(number, sizeof(number) - 1, 4);
	ck_assert_str_eq((char *)number, "+49 (17x) xx");
	mask_digits(number, sizeof(number) - 1, MASK_OFF);
	ck_assert_str_eq((char *)number, "+49 (17x) xx");
	mask_keys(keys, sizeof(keys) - 1, 0);
	ck_assert_str_eq((char *)keys, "Signxl xxxxxxz");
}
END_TEST

#define HEAD "INFO sip:b@x SIP/2.0\r\nContent-Type: "

static const struct {
	const char *text, *want;
	struct mask mask;
} messages[] = {
	{HEAD "application/dtmf-relay\r\n\r\nSignal=5\r\nDuration=160\r\n",
	 HEAD "application/dtmf-relay\r\n\r\nSignal=x\r\nDuration=160\r\n",
	 {MASK_OFF, true}},
	{HEAD "application/dtmf-relay\r\n\r\nSignal= *\r\nDuration= 160",
	 HEAD "application/dtmf-relay\r\n\r\nSignal= x\r\nDuration= 160",
	 {MASK_OFF, true}},
	{HEAD "application/dtmf\r\n\r\n7",
	 HEAD "application/dtmf\r\n\r\nx",
	 {MASK_OFF, true}},
	{HEAD "application/dtmf\r\n\r\n7",
	 HEAD "application/dtmf\r\n\r\n7",
	 {0, false}},
	{HEAD "application/vnd.nortelnetworks.digits\r\n\r\nd=Digits=42\r\nx=1",
	 HEAD "application/vnd.nortelnetworks.digits\r\n\r\nd=Digits=xx\r\nx=1",
	 {MASK_OFF, true}},
	{HEAD
	 "application/kpml-response+xml\r\n\r\n<r code=\"200\" digits=\"12\"/>",
	 HEAD
	 "application/kpml-response+xml\r\n\r\n<r code=\"200\" digits=\"xx\"/>",
	 {MASK_OFF, true}},
	/* RFC 7616, 3.4 */
	{"A\r\nAuthorization: Digest username=\"12\", nc=00000001\r\n\r\n",
	 "A\r\nAuthorization: Digest username=\"xx\", nc=00000001\r\n\r\n",
	 {0, false}},
	{HEAD "application/sdp\r\n\r\nv=0\r\no=12 3 4 IN IP4 h\r\ns=5\r\n",
	 HEAD "application/sdp\r\n\r\nv=0\r\no=xx 3 4 IN IP4 h\r\ns=5\r\n",
	 {0, false}},
	{HEAD "multipart/mixed;boundary=b\r\n\r\n--b\r\nContent-Type: "
	      "application/sdp\r\n\r\no=1 2 IN\r\n--b\r\nContent-Type: "
	      "application/ISUP;version=x\r\n\r\n\x01\x02\xff\r\n--b--\r\n",
	 HEAD "multipart/mixed;boundary=b\r\n\r\n--b\r\nContent-Type: "
	      "application/sdp\r\n\r\no=x 2 IN\r\n--b\r\nContent-Type: "
	      "application/ISUP;version=x\r\n\r\nxxx\r\n--b--\r\n",
	 {0, false}},
	{"no message 12 sip:3@h", "no message 12 sip:x@h", {0, true}},
};

START_TEST(in_messages)
{
	uint8_t buf[512];
	size_t len = strlen(messages[_i].text);

	memcpy(buf, messages[_i].text, len + 1);
	sip_mask(buf, len, &messages[_i].mask);
	ck_assert_str_eq((char *)buf, messages[_i].want);
}
END_TEST

/* Whatever its length: what the sanitizers would see. */
START_TEST(every_prefix)
{
	const struct mask m = {0, true};
	size_t len = strlen(messages[_i].text);

	for (size_t n = 0; n <= len; n++) {
		uint8_t *p = malloc(n ? n : 1);

		ck_assert_ptr_nonnull(p);
		memcpy(p, messages[_i].text, n);
		sip_mask(p, n, &m);
		free(p);
	}
}
END_TEST

#define ROWS(t) ((int)(sizeof(t) / sizeof((t)[0])))

int main(void)
{
	Suite *s = suite_create("mask");
	TCase *tc = tcase_create("mask");

	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, in_uris, 0, ROWS(uris));
	tcase_add_test(tc, digits_and_keys);
	tcase_add_loop_test(tc, in_messages, 0, ROWS(messages));
	tcase_add_loop_test(tc, every_prefix, 0, ROWS(messages));
	return run_suite(s);
}
