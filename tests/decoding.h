/*
 * The decoder under test. A fixture: one for each test.
 */
#ifndef TESTS_DECODING_H
#define TESTS_DECODING_H

#include "sniffer/net/decode.h"

extern struct decoder *decoder;
extern struct counters *faults;

void decoding_setup(void);
void decoding_teardown(void);

/* One whole frame at 1000 ns. out->frames is good until the next. */
enum decode_result decoding(struct slice bytes, uint16_t linktype,
			    struct pkt *out);

#endif
