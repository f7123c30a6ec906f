/*
 * A WAV file of 16 bits and two channels. Samples may come in any order and
 * are added to what is there; what nobody wrote is silence. Owned by whoever
 * opened it, together with its struct out, which outlives it.
 */
#ifndef EXPORT_WAV_H
#define EXPORT_WAV_H

#include "sniffer/export/out.h"

/* Moments of a file: its header tells bytes in 32 bits. */
#define WAV_FRAMES_MAX ((UINT32_MAX - 44) / 4)

struct wav;

/* 0 or -ENOMEM. The file was opened to be written out of order. */
int wav_open(struct wav **out, struct out *file, uint32_t rate);
/* At most so many moments, fewer than WAV_FRAMES_MAX. */
void wav_limit(struct wav *w, uint64_t frames);
/* Samples of a channel (0 left, 1 right) from a moment on; what lies behind
 * the limit is left out and counted. 0 or -errno. */
int wav_add(struct wav *w, uint64_t at, unsigned channel, const int16_t *v,
	    size_t n);
/* Moments so far, and how many samples were left out. */
uint64_t wav_frames(const struct wav *w);
uint64_t wav_left_out(const struct wav *w);
/* Header and all. 0 or -errno. */
int wav_finish(struct wav *w);
void wav_close(struct wav *w); /* NULL is fine */

#endif
