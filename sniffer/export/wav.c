#include "sniffer/export/wav.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/io.h"

#define WINDOW 65536 /* moments that are in memory */
#define HEADER 44

struct wav {
	int fd;
	uint32_t rate;
	uint64_t frames, left_out, frames_max;
	uint64_t from; /* where the window begins */
	bool dirty;
	int16_t v[2 * WINDOW]; /* left, right; little-endian */
};

int wav_open(struct wav **out, struct out *file, uint32_t rate)
{
	struct wav *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->fd = file->fd;
	w->rate = rate;
	w->frames_max = WAV_FRAMES_MAX;
	*out = w;
	return 0;
}

void wav_limit(struct wav *w, uint64_t frames)
{
	if (frames < w->frames_max)
		w->frames_max = frames;
}

void wav_close(struct wav *w)
{
	free(w);
}

uint64_t wav_frames(const struct wav *w)
{
	return w->frames;
}

uint64_t wav_left_out(const struct wav *w)
{
	return w->left_out;
}

/* --- the window ----------------------------------------------------------- */

static off_t place(uint64_t frame)
{
	return (off_t)(HEADER + frame * 4);
}

static int flush(struct wav *w)
{
	uint64_t end = w->frames - w->from;

	if (!w->dirty)
		return 0;
	w->dirty = false;
	if (end > WINDOW)
		end = WINDOW;
	return write_all_at(w->fd, slice_of(w->v, end * 4), place(w->from));
}

/* What is not in the file is silence. */
static int load(struct wav *w, uint64_t from)
{
	size_t have = 0;
	ssize_t n = 1;

	memset(w->v, 0, sizeof(w->v));
	w->from = from;
	while (n > 0 && have < sizeof(w->v)) {
		n = pread(w->fd, (char *)w->v + have, sizeof(w->v) - have,
			  place(from) + (off_t)have);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			have += (size_t)n;
	}
	return n < 0 ? -errno : 0;
}

static int move_to(struct wav *w, uint64_t at)
{
	int err;

	if (at >= w->from && at < w->from + WINDOW)
		return 0;
	err = flush(w);
	return err ? err : load(w, at - at % WINDOW);
}

static int16_t swap(int16_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return (int16_t)__builtin_bswap16((uint16_t)v);
#else
	return v;
#endif
}

static int16_t add(int16_t a, int16_t b)
{
	int sum = a + b;

	if (sum > INT16_MAX)
		return INT16_MAX;
	return sum < INT16_MIN ? INT16_MIN : (int16_t)sum;
}

static size_t room(const struct wav *w, uint64_t at, size_t n)
{
	if (at >= w->frames_max)
		return 0;
	return n < w->frames_max - at ? n : (size_t)(w->frames_max - at);
}

int wav_add(struct wav *w, uint64_t at, unsigned channel, const int16_t *v,
	    size_t n)
{
	size_t fits = room(w, at, n);
	int err = 0;

	w->left_out += n - fits;
	for (size_t i = 0; i < fits && !err; i++, at++) {
		int16_t *to;

		err = move_to(w, at);
		if (err)
			break;
		to = &w->v[2 * (at - w->from) + channel];
		*to = swap(add(swap(*to), v[i]));
		w->dirty = true;
		if (at >= w->frames)
			w->frames = at + 1;
	}
	return err;
}

/* --- the header ----------------------------------------------------------- */

static void put_le(uint8_t *p, uint32_t v, size_t n)
{
	while (n--) {
		*p++ = (uint8_t)v;
		v >>= 8;
	}
}

/* RIFF, fmt (PCM, two channels), data. */
static void make_header(const struct wav *w, uint8_t h[HEADER])
{
	uint32_t bytes = (uint32_t)(w->frames * 4);

	memcpy(h, "RIFF....WAVEfmt ", 16);
	put_le(h + 4, bytes + HEADER - 8, 4);
	put_le(h + 16, 16, 4);
	put_le(h + 20, 1, 2);
	put_le(h + 22, 2, 2);
	put_le(h + 24, w->rate, 4);
	put_le(h + 28, w->rate * 4, 4);
	put_le(h + 32, 4, 2);
	put_le(h + 34, 16, 2);
	memcpy(h + 36, "data", 4);
	put_le(h + 40, bytes, 4);
}

int wav_finish(struct wav *w)
{
	uint8_t header[HEADER];
	int err = flush(w);

	if (err)
		return err;
	make_header(w, header);
	return write_all_at(w->fd, slice_of(header, sizeof(header)), 0);
}
