/*
 * The E-model: loss behind a jitter buffer -> R -> MOS, on the narrowband
 * (ITU-T G.107), wideband (G.107.1) and fullband scale (G.107.2). Listening
 * quality: delay is 0 unless given, echo is taken as perfectly cancelled.
 * Pure functions; a MOS means nothing without its scale.
 */
#ifndef MEDIA_EMODEL_H
#define MEDIA_EMODEL_H

#include "sniffer/base/slice.h"

enum emodel_scale {
	EMODEL_NB,
	EMODEL_WB,
	EMODEL_FB,
};

/* What a codec costs. */
struct emodel_codec {
	const char *name; /* as in rtpmap */
	uint32_t clock;	  /* 0 = any */
	const char *fmtp; /* must be part of the fmtp; NULL = any */
	enum emodel_scale scale;
	double ie;    /* impairment without loss */
	double bpl;   /* robustness against loss */
	bool assumed; /* not a listed value for just this codec */
	const char *source;
	const char *model;
};

/* NULL for codecs without a model. plc: does the receiver conceal G.711? */
const struct emodel_codec *emodel_codec(struct slice name, uint32_t clock,
					struct slice fmtp, bool plc);

/* ppl: packets lost or discarded, in percent. burst_r: mean run of losses
 * over the mean run of random loss at that rate, 1 = random. delay_ms: mouth
 * to ear, 0 = listening quality. */
double emodel_r(const struct emodel_codec *codec, double ppl, double burst_r,
		double delay_ms);
/* Absolute delay on the narrowband scale (G.107, 7.4). */
double emodel_idd(double delay_ms);
double emodel_mos(enum emodel_scale scale, double r);
const char *emodel_scale_name(enum emodel_scale scale); /* NB | WB | FB */

#endif
