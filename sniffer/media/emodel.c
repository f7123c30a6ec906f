#include "sniffer/media/emodel.h"

#include <math.h>

#define NB_MODEL "G.107"
#define WB_MODEL "G.107.1"
#define FB_MODEL "G.107.2"

#define G113_1	   "G.113 App. I"
#define G113_BPL   "G.113 App. I, default Bpl"
#define G113_4	   "G.113 App. IV, default Bpl"
#define G113_5	   "G.113 App. V, mode unknown"
#define LITERATURE "literature"

#define BPL 10.0 /* where no table lists one */

#define NB(name, fmtp, ie, bpl, assumed, source)                               \
	{                                                                      \
		name, 8000, fmtp, EMODEL_NB, ie, bpl, assumed, source,         \
			NB_MODEL                                               \
	}
#define WB(name, fmtp, ie)                                                     \
	{                                                                      \
		name, 16000, fmtp, EMODEL_WB, ie, BPL, true, G113_4, WB_MODEL  \
	}
#define FB(name, clock, fmtp, ie, bpl, source)                                 \
	{                                                                      \
		name, clock, fmtp, EMODEL_FB, ie, bpl, true, source, FB_MODEL  \
	}

static const struct emodel_codec g711_plain = {
	"G711", 8000,  NULL,   EMODEL_NB,	   0,
	4.3,	false, G113_1, "G.107 without PLC"};

/* The first row that fits counts. */
static const struct emodel_codec codecs[] = {
	NB("PCMU", NULL, 0, 25.1, false, G113_1),
	NB("PCMA", NULL, 0, 25.1, false, G113_1),
	NB("G729", NULL, 11, 19.0, false, G113_1), /* Annex A with VAD */
	NB("G729E", NULL, 4, BPL, true, G113_BPL),
	NB("G723", "bitrate=5.3", 19, 16.1, false, G113_1),
	NB("G723", NULL, 15, 16.1, false, G113_1),
	NB("GSM", NULL, 20, BPL, true, G113_BPL),
	NB("GSM-EFR", NULL, 5, 10.0, false, G113_1),
	NB("GSM-HR-08", NULL, 23, BPL, true, G113_BPL),
	NB("G726-40", NULL, 2, BPL, true, G113_BPL),
	NB("G726-32", NULL, 7, BPL, true, G113_BPL),
	NB("G721", NULL, 7, BPL, true, G113_BPL),
	NB("G726-24", NULL, 25, BPL, true, G113_BPL),
	NB("G726-16", NULL, 50, BPL, true, G113_BPL),
	NB("AAL2-G726-40", NULL, 2, BPL, true, G113_BPL),
	NB("AAL2-G726-32", NULL, 7, BPL, true, G113_BPL),
	NB("AAL2-G726-24", NULL, 25, BPL, true, G113_BPL),
	NB("AAL2-G726-16", NULL, 50, BPL, true, G113_BPL),
	NB("G728", NULL, 7, BPL, true, G113_BPL),
	/* 12.2 kbit/s is GSM-EFR; the mode in use is not known here. */
	NB("AMR", NULL, 5, 10.0, true, G113_1),
	NB("iLBC", NULL, 11, 30.0, true, LITERATURE),
	/* 64 kbit/s; its RTP clock is 8000 (RFC 3551, 4.5.2). */
	{"G722", 8000, NULL, EMODEL_WB, 13, BPL, true, G113_4, WB_MODEL},
	WB("G7221", "bitrate=24000", 19),
	WB("G7221", "bitrate=32000", 13),
	WB("AMR-WB", NULL, 13), /* 12.65 kbit/s, the usual mode */
	FB("opus", 48000, "useinbandfec=1", 10.2, BPL, LITERATURE),
	FB("opus", 48000, NULL, 10.2, 4.3, G113_5),
	FB("EVS", 16000, NULL, 10.2, 4.3, G113_5),
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool fits(const struct emodel_codec *c, struct slice name,
		 uint32_t clock, struct slice fmtp)
{
	if (!slice_ieq(name, slice_str(c->name)) ||
	    (c->clock && clock != c->clock))
		return false;
	return !c->fmtp || slice_find_slice(fmtp, slice_str(c->fmtp)) >= 0;
}

const struct emodel_codec *emodel_codec(struct slice name, uint32_t clock,
					struct slice fmtp, bool plc)
{
	if (!plc && clock == 8000 &&
	    (slice_ieq(name, SLICE("PCMU")) || slice_ieq(name, SLICE("PCMA"))))
		return &g711_plain;
	for (size_t i = 0; i < COUNT(codecs); i++)
		if (fits(&codecs[i], name, clock, fmtp))
			return &codecs[i];
	return NULL;
}

/* G.107, 7.4: only the part for absolute delay; talker and listener echo
 * are left at perfect echo control. */
double emodel_idd(double delay_ms)
{
	double x;

	if (delay_ms <= 100)
		return 0;
	x = log2(delay_ms / 100);
	return 25 * (pow(1 + pow(x, 6), 1 / 6.0) -
		     3 * pow(1 + pow(x / 3, 6), 1 / 6.0) + 2);
}

/* G.107, 7.5; the wideband form has the same span, the fullband one its own
 * and no burst ratio (G.107.1 and G.107.2, 7.5). */
static double ie_eff(const struct emodel_codec *c, double ppl, double burst_r)
{
	if (ppl <= 0)
		return c->ie;
	if (c->scale == EMODEL_FB)
		return c->ie + (132 - c->ie) * ppl / (ppl + c->bpl);
	return c->ie + (95 - c->ie) * ppl / (ppl / burst_r + c->bpl);
}

double emodel_r(const struct emodel_codec *codec, double ppl, double burst_r,
		double delay_ms)
{
	/* Ro - Is with all defaults, and how Idd grows with the scale. */
	static const struct {
		double ro, id;
	} scale[] = {{93.2, 1}, {129, 1}, {148, 1.48}};
	double r = scale[codec->scale].ro -
		   scale[codec->scale].id * emodel_idd(delay_ms) -
		   ie_eff(codec, ppl, burst_r < 1 ? 1 : burst_r);

	return r < 0 ? 0 : r;
}

/* G.107, Annex B; the wider scales are brought down to 0 .. 100 first. The
 * cubic dips below 1 near R = 3. */
double emodel_mos(enum emodel_scale scale, double r)
{
	static const double span[] = {1, 1.29, 1.48};
	double x = r / span[scale], mos;

	if (x <= 0)
		return 1;
	if (x >= 100)
		return 4.5;
	mos = 1 + 0.035 * x + x * (x - 60) * (100 - x) * 7e-6;
	return mos < 1 ? 1 : mos;
}

const char *emodel_scale_name(enum emodel_scale scale)
{
	static const char *const name[] = {"NB", "WB", "FB"};

	return name[scale];
}
