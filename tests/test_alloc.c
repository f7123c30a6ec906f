/* Memory runs out in calls. */
#include <check.h>

#include "tests/alloc_run.h"
#include "tests/run_suite.h"

static const char *const samples[] = {
	"auth-407.pcap",      "cancel.pcap",	     "dtmf-info.pcap",
	"fork.pcap",	      "ipv4-fragments.pcap", "nano.pcap.gz",
	"registrations.pcap", "rtp-only.pcap",	     "sip-tcp-burst.pcap",
	"still-up.pcap",      "transactions.pcap",   "two-legs.pcap",
	"two-links.pcapng",
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
	Suite *s = suite_create("alloc");
	TCase *tc = tcase_create("runs");
	int n = sizeof(samples) / sizeof(samples[0]);

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, heap_fails, 0, 2 * n);
	tcase_add_loop_test(tc, arena_fails, 0, n);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
