/*
 * replay FILE IFACE [PAUSE_MS]: sends the packets of a capture onto an
 * interface, PAUSE_MS after each (default 0). Prints how many were sent.
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void rest(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	if (ms > 0)
		nanosleep(&ts, NULL);
}

int main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE];
	const u_char *bytes;
	struct pcap_pkthdr *h;
	pcap_t *in, *out;
	unsigned long sent = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: %s FILE IFACE [PAUSE_MS]\n", argv[0]);
		return 2;
	}
	in = pcap_open_offline(argv[1], why);
	if (!in) {
		fprintf(stderr, "%s: %s\n", argv[1], why);
		return 1;
	}
	out = pcap_open_live(argv[2], 65535, 0, 1000, why);
	if (!out) {
		fprintf(stderr, "%s: %s\n", argv[2], why);
		pcap_close(in);
		return 1;
	}
	while (pcap_next_ex(in, &h, &bytes) == 1) {
		if (pcap_inject(out, bytes, h->caplen) == (int)h->caplen)
			sent++;
		rest(argc > 3 ? strtol(argv[3], NULL, 10) : 0);
	}
	printf("%lu\n", sent);
	pcap_close(out);
	pcap_close(in);
	return 0;
}
