/*
 * part FILE FIRST COUNT OUT: copies COUNT packets of a capture (0: all that
 * are left), from the FIRST one on (counted from 1), to a new one. Times keep
 * their nanoseconds.
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE];
	const u_char *bytes;
	struct pcap_pkthdr *h;
	unsigned long first, count, n = 0, put = 0;
	pcap_dumper_t *out;
	pcap_t *in;

	if (argc != 5) {
		fprintf(stderr, "usage: %s FILE FIRST COUNT OUT\n", argv[0]);
		return 2;
	}
	first = strtoul(argv[2], NULL, 10);
	count = strtoul(argv[3], NULL, 10);
	in = pcap_open_offline_with_tstamp_precision(
		argv[1], PCAP_TSTAMP_PRECISION_NANO, why);
	if (!in) {
		fprintf(stderr, "%s: %s\n", argv[1], why);
		return 1;
	}
	out = pcap_dump_open(in, argv[4]);
	if (!out) {
		fprintf(stderr, "%s\n", pcap_geterr(in));
		pcap_close(in);
		return 1;
	}
	while ((!count || put < count) && pcap_next_ex(in, &h, &bytes) == 1) {
		if (++n < first)
			continue;
		pcap_dump((u_char *)out, h, bytes);
		put++;
	}
	pcap_dump_close(out);
	pcap_close(in);
	return 0;
}
