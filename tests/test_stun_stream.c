/* TURN's channel data, RFC 4571 frames, and what a TCP stream begins with. */
#include <check.h>

#include "dissectors/rfc4571.h"
#include "dissectors/stun.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define COOKIE	"\x21\x12\xa4\x42"
#define TID	"abcdefghijkl"
#define BINDING "\0\1\0\x08" COOKIE TID "\0\x24\0\4\0\0\0\1"
#define FRAMED	"\0\x1c" BINDING

/* --- channel data ------------------------------------------------------ */

static const struct {
	const char *name;
	struct slice in;
	bool stream;
	enum parse want;
	uint16_t channel;
	struct slice data;
	size_t total_len;
	bool looks; /* as a datagram */
} channels[] = {
	{"datagram", SLICE_INIT("\x40\1\0\5hello"), false, PARSE_OK, 0x4001,
	 SLICE_INIT("hello"), 9, true},
	{"datagram, padded", SLICE_INIT("\x40\1\0\5hello\0\0\0"), false,
	 PARSE_OK, 0x4001, SLICE_INIT("hello"), 9, true},
	{"datagram, 4 more", SLICE_INIT("\x40\1\0\5hello\0\0\0\0"), false,
	 PARSE_OK, 0x4001, SLICE_INIT("hello"), 9, false},
	{"datagram, cut", SLICE_INIT("\x40\1\0\5hell"), false, PARSE_MORE, 0,
	 SLICE_INIT(""), 0, false},
	{"stream", SLICE_INIT("\x40\1\0\5hello\0\0\0"), true, PARSE_OK, 0x4001,
	 SLICE_INIT("hello"), 12, true},
	{"stream, one more behind", SLICE_INIT("\x7f\xff\0\5hello\0\0\0\x40"),
	 true, PARSE_OK, 0x7fff, SLICE_INIT("hello"), 12, false},
	{"stream, padding to come", SLICE_INIT("\x40\1\0\5hello\0\0"), true,
	 PARSE_MORE, 0, SLICE_INIT(""), 0, true},
	{"stream, whole words", SLICE_INIT("\x4f\xff\0\4data\x40"), true,
	 PARSE_OK, 0x4fff, SLICE_INIT("data"), 8, true},
	{"no data", SLICE_INIT("\x40\0\0\0"), true, PARSE_OK, 0x4000,
	 SLICE_INIT(""), 4, true},
	{"all of 0xffff", SLICE_INIT("\x40\0\xff\xff"), true, PARSE_MORE, 0,
	 SLICE_INIT(""), 0, false},
	{"half a head", SLICE_INIT("\x40\0\0"), true, PARSE_MORE, 0,
	 SLICE_INIT(""), 0, false},
	{"nothing", SLICE_INIT(""), true, PARSE_MORE, 0, SLICE_INIT(""), 0,
	 false},
	{"STUN", SLICE_INIT("\0\1\0\0"), true, PARSE_BAD, 0, SLICE_INIT(""), 0,
	 false},
	{"RTP", SLICE_INIT("\x80"), false, PARSE_BAD, 0, SLICE_INIT(""), 0,
	 false},
};

START_TEST(channel)
{
	struct slice in = channels[_i].in;
	struct turn_channel t = {.total_len = 99};
	enum parse got = turn_channel_parse(in, channels[_i].stream, &t);

	ck_assert_msg(got == channels[_i].want, "%s", channels[_i].name);
	ck_assert_int_eq(stun_channel_looks(in), channels[_i].looks);
	if (got != PARSE_OK) {
		ck_assert_uint_eq(t.total_len, 99);
		return;
	}
	ck_assert_uint_eq(t.channel, channels[_i].channel);
	ck_assert(slice_eq(t.data, channels[_i].data));
	ck_assert_uint_eq(t.total_len, channels[_i].total_len);
}
END_TEST

static void channel_prefix(struct slice in, void *arg)
{
	const size_t *whole = arg;
	enum parse want = in.len < *whole ? PARSE_MORE : PARSE_OK;
	struct turn_channel t;

	ck_assert_int_eq(turn_channel_parse(in, *whole % 4 == 0, &t), want);
	if (want == PARSE_OK)
		ck_assert(prefix_inside(t.data, in));
}

START_TEST(every_prefix)
{
	size_t datagram = 9, stream = 12;

	prefix_each(SLICE("\x40\1\0\5hello"), channel_prefix, &datagram);
	prefix_each(SLICE("\x40\1\0\5hello\0\0\0"), channel_prefix, &stream);
}
END_TEST

/* --- RFC 4571 ---------------------------------------------------------- */

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
	struct slice packet;
	size_t used;
} frames[] = {
	{"one", SLICE_INIT("\0\3abc"), PARSE_OK, SLICE_INIT("abc"), 5},
	{"more behind", SLICE_INIT("\0\3abc\0\1"), PARSE_OK, SLICE_INIT("abc"),
	 5},
	{"empty", SLICE_INIT("\0\0ab"), PARSE_OK, SLICE_INIT(""), 2},
	{"cut", SLICE_INIT("\0\3ab"), PARSE_MORE, SLICE_INIT(""), 0},
	{"half a length", SLICE_INIT("\0"), PARSE_MORE, SLICE_INIT(""), 0},
	{"nothing", SLICE_INIT(""), PARSE_MORE, SLICE_INIT(""), 0},
	{"all of 0xffff",
	 SLICE_INIT("\xff\xff"
		    "a"),
	 PARSE_MORE, SLICE_INIT(""), 0},
};

START_TEST(frame)
{
	struct slice packet = {0};
	size_t used = 0;

	ck_assert_msg(rfc4571_parse(frames[_i].in, &packet, &used) ==
			      frames[_i].want,
		      "%s", frames[_i].name);
	ck_assert(slice_eq(packet, frames[_i].packet));
	ck_assert_uint_eq(used, frames[_i].used);
}
END_TEST

/* --- what a stream is -------------------------------------------------- */

static const struct {
	const char *name;
	struct slice in;
	enum stun_stream want;
	size_t after; /* bytes that tell */
} streams[] = {
	{"STUN as it is", SLICE_INIT(BINDING), STUN_STREAM_TURN, 8},
	{"Allocate", SLICE_INIT("\0\3\1\x2c" COOKIE TID "\0\x19\0\4"),
	 STUN_STREAM_TURN, 8},
	{"framed", SLICE_INIT(FRAMED), STUN_STREAM_FRAMED, 10},
	{"framed without attributes", SLICE_INIT("\0\x14\0\1\0\0" COOKIE TID),
	 STUN_STREAM_FRAMED, 10},
	{"the frame is longer than the message", SLICE_INIT("\0\x20" BINDING),
	 STUN_STREAM_NO, 6},
	{"frame of 18 bytes", SLICE_INIT("\0\x12" BINDING), STUN_STREAM_NO, 4},
	{"frame of RTP", SLICE_INIT("\0\xac\x80\0\0\1\0\0\0\xa0"),
	 STUN_STREAM_NO, 8},
	{"classic",
	 SLICE_INIT("\0\1\0\x08"
		    "0123456789abcdef"
		    "\0\3\0\4"),
	 STUN_STREAM_NO, 8},
	{"odd length", SLICE_INIT("\0\1\0\x07" COOKIE TID), STUN_STREAM_NO, 4},
	{"type 0", SLICE_INIT("\0\0\0\0" COOKIE TID), STUN_STREAM_NO, 8},
	{"channel data", SLICE_INIT("\x40\0\0\4data"), STUN_STREAM_NO, 6},
	{"TLS", SLICE_INIT("\x16\3\1\2\0\1\0\1\xfc\3\3"), STUN_STREAM_NO, 4},
	{"HTTP", SLICE_INIT("GET / HTTP/1.1\r\n"), STUN_STREAM_NO, 2},
	{"SIP", SLICE_INIT("INVITE sip:a@b SIP/2.0\r\n"), STUN_STREAM_NO, 2},
};

START_TEST(probe)
{
	struct slice in = streams[_i].in;

	for (size_t n = 0; n <= in.len; n++) {
		enum stun_stream got = stun_stream_probe(slice_head(in, n));

		if (n < streams[_i].after)
			ck_assert_int_eq(got, STUN_STREAM_MORE);
		else
			ck_assert_msg(got == streams[_i].want, "%s at %zu: %d",
				      streams[_i].name, n, got);
	}
}
END_TEST

static void probe_prefix(struct slice in, void *arg)
{
	(void)arg;
	stun_stream_probe(in);
}

START_TEST(probe_reads_inside)
{
	prefix_each(streams[_i].in, probe_prefix, NULL);
}
END_TEST

/* --- streams, byte by byte --------------------------------------------- */

#define SENT	"\0\x16\0\x0c" COOKIE TID "\0\x13\0\5hello\0\0\0"
#define CHANNEL "\x40\1\0\5hello\0\0\0"

struct found {
	unsigned messages, channels, empty;
	size_t data; /* bytes */
};

/* Takes what is whole off the front; the bytes that it used. */
static size_t take_turn(struct slice in, struct found *f)
{
	struct turn_channel t;
	struct stun_msg m;

	if (in.len && in.p[0] & 0x40) {
		if (turn_channel_parse(in, true, &t) != PARSE_OK)
			return 0;
		f->channels++;
		f->data += t.data.len;
		return t.total_len;
	}
	if (stun_parse(in, &m) != PARSE_OK)
		return 0;
	f->messages++;
	f->data += m.data.len;
	return m.total_len;
}

static size_t take_framed(struct slice in, struct found *f)
{
	struct slice packet;
	struct stun_msg m;
	size_t used;

	if (rfc4571_parse(in, &packet, &used) != PARSE_OK)
		return 0;
	f->messages += stun_parse(packet, &m) == PARSE_OK;
	f->empty += !packet.len;
	return used;
}

/* in arrives in pieces of this size. */
static struct found feed(struct slice in, size_t piece,
			 size_t (*take)(struct slice in, struct found *f))
{
	struct found f = {0};
	size_t done = 0, used;

	for (size_t n = 0; n < in.len;) {
		n = n + piece < in.len ? n + piece : in.len;
		while ((used = take(slice_from(slice_head(in, n), done), &f)))
			done += used;
	}
	ck_assert_uint_eq(done, in.len);
	return f;
}

START_TEST(turn_stream)
{
	struct slice in = SLICE(BINDING CHANNEL SENT CHANNEL BINDING);

	for (size_t piece = 1; piece <= in.len; piece++) {
		struct found f = feed(in, piece, take_turn);

		ck_assert_uint_eq(f.messages, 3);
		ck_assert_uint_eq(f.channels, 2);
		ck_assert_uint_eq(f.data, 15);
	}
}
END_TEST

START_TEST(framed_stream)
{
	struct slice in = SLICE(FRAMED "\0\0" FRAMED "\0\4rtp!" FRAMED);

	for (size_t piece = 1; piece <= in.len; piece++) {
		struct found f = feed(in, piece, take_framed);

		ck_assert_uint_eq(f.messages, 3);
		ck_assert_uint_eq(f.empty, 1);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stun_stream");
	TCase *t = tcase_create("stun_stream");

	tcase_add_loop_test(t, channel, 0, ROWS(channels));
	tcase_add_test(t, every_prefix);
	tcase_add_loop_test(t, frame, 0, ROWS(frames));
	tcase_add_loop_test(t, probe, 0, ROWS(streams));
	tcase_add_loop_test(t, probe_reads_inside, 0, ROWS(streams));
	tcase_add_test(t, turn_stream);
	tcase_add_test(t, framed_stream);
	suite_add_tcase(s, t);
	return run_suite(s);
}
