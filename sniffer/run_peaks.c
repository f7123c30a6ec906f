#include "sniffer/run_peaks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sniffer/base/slice.h"

#define HEADER 44
#define FRAME  4 /* bytes: two channels of 16 bits */
#define BATCH  16384

struct peaks {
	size_t points;
	uint32_t rate;
	uint64_t frames;
	uint16_t *side[2];
};

static uint32_t get_le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static uint16_t loudness(const uint8_t *p)
{
	int v = (int16_t)(p[0] | p[1] << 8);

	return (uint16_t)(v < 0 ? -v : v);
}

static void take(struct peaks *k, const uint8_t *p, uint64_t frame)
{
	size_t at = (size_t)(frame * k->points / k->frames);

	for (size_t side = 0; side < 2; side++) {
		uint16_t v = loudness(p + 2 * side);

		if (v > k->side[side][at])
			k->side[side][at] = v;
	}
}

static int read_sound(struct peaks *k, int fd)
{
	uint8_t buf[BATCH * FRAME];
	uint64_t frame = 0;
	ssize_t n;

	while (frame < k->frames &&
	       (n = pread(fd, buf, sizeof(buf),
			  (off_t)(HEADER + frame * FRAME))) >= FRAME)
		for (ssize_t i = 0; i + FRAME <= n && frame < k->frames;
		     i += FRAME)
			take(k, buf + i, frame++);
	return frame < k->frames ? -EIO : 0;
}

static void put_text(struct outbuf *b, const char *key, const char *text)
{
	outbuf_str(b, key);
	if (*text)
		outbuf_json(b, slice_str(text));
	else
		outbuf_str(b, "null");
}

/* Shares of the loudest that there can be. */
static void put_side(struct outbuf *b, const char *key, const uint16_t *v,
		     size_t n)
{
	outbuf_str(b, key);
	for (size_t i = 0; i < n; i++) {
		if (i)
			outbuf_char(b, ',');
		outbuf_double(b, v[i] / 32768.0);
	}
	outbuf_char(b, ']');
}

static void put(struct outbuf *b, const struct peaks *k,
		const struct run_file *f)
{
	outbuf_str(b, "{\"available\":true,\"why\":null,\"start\":\"");
	outbuf_time(b, f->sound_ns);
	outbuf_str(b, "\",\"duration_ms\":");
	outbuf_double(b, (double)k->frames * 1000 / k->rate);
	outbuf_str(b, ",\"rate\":");
	outbuf_u64(b, k->rate);
	put_text(b, ",\"left_why\":", f->silent[0]);
	put_text(b, ",\"right_why\":", f->silent[1]);
	put_side(b, ",\"left\":[", k->side[0], k->points);
	put_side(b, ",\"right\":[", k->side[1], k->points);
	outbuf_str(b, "}\n");
}

void run_peaks_none(struct outbuf *b, const char *why)
{
	put_text(b, "{\"available\":false,\"why\":", why);
	outbuf_str(b, ",\"start\":null,\"duration_ms\":0,\"rate\":0,"
		      "\"left_why\":null,\"right_why\":null,\"left\":[],"
		      "\"right\":[]}\n");
}

int run_peaks_put(struct outbuf *b, const struct run_file *f, size_t points,
		  char why[DB_WHY])
{
	uint8_t head[HEADER];
	struct peaks k = {0};
	int err = -EIO;

	if (pread(f->fd, head, HEADER, 0) != HEADER || !get_le32(head + 24))
		goto out;
	k.rate = get_le32(head + 24);
	k.frames = get_le32(head + 40) / FRAME;
	k.points = k.frames < points ? (size_t)k.frames : points;
	k.side[0] = calloc(2 * (k.points + 1), sizeof(*k.side[0]));
	err = -ENOMEM;
	if (!k.side[0])
		goto out;
	k.side[1] = k.side[0] + k.points;
	err = read_sound(&k, f->fd);
	if (!err)
		put(b, &k, f);
	free(k.side[0]);
out:
	if (err)
		snprintf(why, DB_WHY, "the sound cannot be read: %s",
			 strerror(-err));
	return err;
}
