/*
 * How loud a call is over time, for a waveform that is drawn before the sound
 * is loaded.
 */
#ifndef SNIFFER_RUN_PEAKS_H
#define SNIFFER_RUN_PEAKS_H

#include "sniffer/run_files.h"
#include "storage/outbuf.h"

#define RUN_PEAKS_MAX 8192

/* Of a WAV file of ours. 0 or -errno with why. */
int run_peaks_put(struct outbuf *b, const struct run_file *f, size_t points,
		  char why[DB_WHY]);
/* The same object when there is no sound. */
void run_peaks_none(struct outbuf *b, const char *why);

#endif
