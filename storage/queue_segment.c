#include "storage/queue_segment.h"

#include <errno.h>
#include <stdio.h>
#include <zlib.h>

#include "storage/queue.h"

static const char magic[] = "CSQUEUE1";
#define MAGIC 8

static uint32_t crc_of(const void *p, size_t n)
{
	return (uint32_t)crc32_z(0, p, n);
}

static void set_le(void *to, uint64_t v, size_t n)
{
	uint8_t *p = to;

	for (size_t i = 0; i < n; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

static uint64_t cursor_le64(struct cursor *c)
{
	uint64_t low = cursor_le32(c);

	return (uint64_t)cursor_le32(c) << 32 | low;
}

/* --- names ---------------------------------------------------------------- */

void segment_name(uint64_t first, char name[SEGMENT_NAME + 1])
{
	snprintf(name, SEGMENT_NAME + 1, "%016llx.seg",
		 (unsigned long long)first);
}

uint64_t segment_first(const char *name)
{
	uint64_t first = 0;

	if (strlen(name) != SEGMENT_NAME || strcmp(name + 16, ".seg") != 0)
		return 0;
	for (size_t i = 0; i < 16; i++) {
		static const char hex[] = "0123456789abcdef";
		const char *digit = strchr(hex, name[i]);

		if (!digit)
			return 0;
		first = first << 4 | (uint64_t)(digit - hex);
	}
	return first;
}

/* --- segments ------------------------------------------------------------- */

void segment_put_header(struct outbuf *b, struct slice head)
{
	char *p;

	outbuf_put(b, magic, MAGIC);
	p = outbuf_grow(b, 8);
	if (!p)
		return;
	set_le(p, head.len, 4);
	set_le(p + 4, crc_of(head.p, head.len), 4);
	outbuf_put(b, head.p, head.len);
}

int segment_header(struct slice bytes, struct slice *head, size_t *used)
{
	struct cursor c = cursor_of(bytes);
	struct slice mark = cursor_take(&c, MAGIC), text;
	uint32_t len = cursor_le32(&c);
	uint32_t crc = cursor_le32(&c);

	text = cursor_take(&c, len);
	if (c.bad || memcmp(mark.p, magic, MAGIC) != 0 ||
	    crc_of(text.p, text.len) != crc)
		return -EBADMSG;
	*head = text;
	*used = SEGMENT_HEADER + len;
	return 0;
}

void segment_put_frame(struct outbuf *b, uint64_t serial, uint64_t put_ms,
		       struct slice piece)
{
	char *p = outbuf_grow(b, FRAME_HEADER + piece.len);

	if (!p)
		return;
	set_le(p, piece.len, 4);
	set_le(p + 8, serial, 8);
	set_le(p + 16, put_ms, 8);
	if (piece.len)
		memcpy(p + FRAME_HEADER, piece.p, piece.len);
	set_le(p + 4, crc_of(p + 8, FRAME_HEADER - 8 + piece.len), 4);
}

enum frame_state segment_frame(struct slice bytes, struct frame_head *out,
			       struct slice *piece, size_t *used)
{
	struct cursor c = cursor_of(bytes);
	struct frame_head h = {.len = cursor_le32(&c), .crc = cursor_le32(&c)};
	const uint8_t *checked = c.p;

	h.serial = cursor_le64(&c);
	h.put_ms = cursor_le64(&c);
	*used = 0;
	if (c.bad)
		return FRAME_MORE;
	if (h.len > QUEUE_PIECE_MAX)
		return FRAME_BAD;
	*used = FRAME_HEADER + h.len;
	if (h.len > cursor_left(&c))
		return FRAME_MORE;
	if (crc_of(checked, FRAME_HEADER - 8 + h.len) != h.crc)
		return FRAME_BAD;
	*out = h;
	*piece = cursor_take(&c, h.len);
	return FRAME_OK;
}

size_t segment_whole(struct slice bytes, uint64_t first, uint64_t *next)
{
	struct frame_head h;
	struct slice piece, rest = bytes;
	size_t used;

	*next = first;
	while (segment_frame(rest, &h, &piece, &used) == FRAME_OK &&
	       h.serial == *next) {
		rest = slice_from(rest, used);
		++*next;
	}
	return bytes.len - rest.len;
}

/* --- what is done ----------------------------------------------------------- */

void done_put(uint8_t slot[DONE_SLOT], uint64_t serial)
{
	memset(slot, 0, DONE_SLOT);
	set_le(slot, serial, 8);
	set_le(slot + 8, crc_of(slot, 8), 4);
}

uint64_t done_get(struct slice file)
{
	struct cursor c = cursor_of(slice_head(file, (size_t)2 * DONE_SLOT));
	uint64_t most = 0;

	while (cursor_left(&c) >= DONE_SLOT) {
		const uint8_t *at = c.p;
		uint64_t serial = cursor_le64(&c);
		uint32_t crc = cursor_le32(&c);

		cursor_le32(&c);
		if (crc == crc_of(at, 8) && serial > most)
			most = serial;
	}
	return most;
}
