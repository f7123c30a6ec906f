/* Memory runs out in sessions: ICE, TURN, DTLS, SRTP, TLS and the web. */
#include <check.h>

#include "tests/alloc_run.h"
#include "tests/run_suite.h"

#define SEED "../tests/fuzz/corpus/engine/"

static const char *const samples[] = {
	"cc-mdns.pcap",	       "cc-whip.pcap",	  "dtls-forged.pcap",
	"dtls-to-sdes.pcap",   "sip-tls12.pcap",  "turn-channel.pcap",
	"turn-send.pcap",      "turn-srtp.pcap",  "turn-tcp-relay.pcap",
	"turn-tls.pcap",       "ws-deflate.pcap", "ws-srflx.pcap",
	"ws-trickle.pcap",     SEED "ice.pcap",	  SEED "ice-tcp.pcap",
	SEED "sip-ice.pcap",   SEED "turn.pcap",  SEED "turn-tcp.pcap",
	SEED "websocket.pcap", SEED "whip.pcap",
};

START_TEST(heap_fails)
{
	alloc_run_heap(samples[_i / 2], _i % 2);
}
END_TEST

START_TEST(arena_fails)
{
	alloc_run_arena(samples[_i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("alloc_rtc");
	TCase *tc = tcase_create("runs");
	int n = sizeof(samples) / sizeof(samples[0]);

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, heap_fails, 0, 2 * n);
	tcase_add_loop_test(tc, arena_fails, 0, n);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
