#include "storage/quality.h"

#define VERSION	   2
#define SLICE_SIZE 66
#define SIZE_1	   50	       /* of version 1: without feedback and frames */
#define GRAIN	   10	       /* seconds */
#define NAN_BITS   0x7fc00000u /* one NaN, so that equal runs are equal */

size_t quality_hour(const struct cdr_slice10 *v, size_t n, uint64_t *hour)
{
	size_t same = 1;

	*hour = v[0].start_s - v[0].start_s % QUALITY_HOUR;
	while (same < n && v[same].start_s >= *hour &&
	       v[same].start_s - *hour < QUALITY_HOUR)
		same++;
	return same;
}

static void put_u16(struct outbuf *b, uint32_t v)
{
	uint8_t le[2] = {(uint8_t)v, (uint8_t)(v >> 8)};

	outbuf_put(b, le, sizeof(le));
}

static void put_u32(struct outbuf *b, uint32_t v)
{
	put_u16(b, v);
	put_u16(b, v >> 16);
}

/* More than fits is the most there is. */
static void put_least(struct outbuf *b, uint32_t v)
{
	put_u16(b, v < UINT16_MAX ? v : UINT16_MAX);
}

static void put_float(struct outbuf *b, float v)
{
	uint32_t bits = NAN_BITS;

	if (!isnan(v))
		memcpy(&bits, &v, sizeof(bits));
	put_u32(b, bits);
}

void quality_pack(struct outbuf *b, uint64_t hour, const struct cdr_slice10 *v,
		  size_t n)
{
	outbuf_char(b, VERSION);
	outbuf_char(b, SLICE_SIZE);
	for (const struct cdr_slice10 *s = v; s < v + n; s++) {
		put_u16(b, (uint32_t)((s->start_s - hour) / GRAIN));
		put_u32(b, s->packets);
		put_u32(b, s->lost);
		put_u32(b, s->duplicates);
		put_u32(b, s->late_f1);
		put_u32(b, s->late_f2);
		put_u32(b, s->late_adaptive);
		put_u32(b, s->bytes);
		put_float(b, s->jitter_ms_max);
		put_float(b, s->delta_ms_max);
		put_float(b, s->mos_f1);
		put_float(b, s->mos_f2);
		put_float(b, s->mos_adaptive);
		put_least(b, s->nack);
		put_u32(b, s->nack_numbers);
		put_least(b, s->pli);
		put_least(b, s->fir);
		put_u32(b, s->remb_kbps);
		put_least(b, s->frames);
	}
}

static float get_float(struct cursor *c)
{
	uint32_t bits = cursor_le32(c);
	float v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static void get_slice(struct cursor *c, uint64_t hour, uint8_t version,
		      struct cdr_slice10 *s)
{
	*s = (struct cdr_slice10){.start_s = hour + cursor_le16(c) * GRAIN};
	s->packets = cursor_le32(c);
	s->lost = cursor_le32(c);
	s->duplicates = cursor_le32(c);
	s->late_f1 = cursor_le32(c);
	s->late_f2 = cursor_le32(c);
	s->late_adaptive = cursor_le32(c);
	s->bytes = cursor_le32(c);
	s->jitter_ms_max = get_float(c);
	s->delta_ms_max = get_float(c);
	s->mos_f1 = get_float(c);
	s->mos_f2 = get_float(c);
	s->mos_adaptive = get_float(c);
	if (version < 2)
		return;
	s->nack = cursor_le16(c);
	s->nack_numbers = cursor_le32(c);
	s->pli = cursor_le16(c);
	s->fir = cursor_le16(c);
	s->remb_kbps = cursor_le32(c);
	s->frames = cursor_le16(c);
}

bool quality_unpack(struct slice blob, uint64_t hour, struct cdr_slice10 *v,
		    size_t max, size_t *n)
{
	struct cursor c = cursor_of(blob);
	uint8_t version = cursor_u8(&c);
	uint8_t size = cursor_u8(&c);
	size_t left = cursor_left(&c);

	if (c.bad || !version || version > VERSION ||
	    size != (version == 1 ? SIZE_1 : SLICE_SIZE) || left % size)
		return false;
	*n = left / size < max ? left / size : max;
	for (size_t i = 0; i < *n; i++)
		get_slice(&c, hour, version, &v[i]);
	return true;
}
