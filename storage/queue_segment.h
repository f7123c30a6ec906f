/*
 * Files of a queue. DIR/SERIAL.seg, named by the 16 hexadecimal digits of its
 * first piece's serial number, all numbers little-endian:
 *
 *   "CSQUEUE1", u32 bytes of the head, u32 CRC-32 of them, the head
 *   then for each piece:
 *   u32 bytes, u32 CRC-32 of what follows, u64 serial, u64 ms (UNIX), bytes
 *
 * DIR/done: the serial number of the first piece that is not done, in turns at
 * 0 and 16: u64 serial, u32 CRC-32 of it, u32 0. The greater of the two that
 * is whole counts; without any all pieces are taken.
 */
#ifndef STORAGE_QUEUE_SEGMENT_H
#define STORAGE_QUEUE_SEGMENT_H

#include "storage/outbuf.h"

#define SEGMENT_NAME   (16 + 4) /* SERIAL.seg */
#define SEGMENT_HEADER 16	/* before the head */
#define FRAME_HEADER   24

struct frame_head {
	uint32_t len, crc;
	uint64_t serial, put_ms;
};

/* "0000000000000001.seg" */
void segment_name(uint64_t first, char name[SEGMENT_NAME + 1]);
/* The serial in a file's name; 0 when it is none. */
uint64_t segment_first(const char *name);

void segment_put_header(struct outbuf *b, struct slice head);
void segment_put_frame(struct outbuf *b, uint64_t serial, uint64_t put_ms,
		       struct slice piece);

/* 0; -EBADMSG when it is none; the head's slice points into bytes. */
int segment_header(struct slice bytes, struct slice *head, size_t *used);

enum frame_state {
	FRAME_OK,
	FRAME_MORE, /* a beginning */
	FRAME_BAD,
};
/* *used: bytes of the whole frame, also with FRAME_MORE when they are known,
 * else 0. */
enum frame_state segment_frame(struct slice bytes, struct frame_head *out,
			       struct slice *piece, size_t *used);

/* How many bytes from the start are whole frames that count up from first,
 * and the serial behind the last of them. */
size_t segment_whole(struct slice bytes, uint64_t first, uint64_t *next);

#define DONE_SLOT 16
void done_put(uint8_t slot[DONE_SLOT], uint64_t serial);
/* 0 when neither is whole. */
uint64_t done_get(struct slice file);

#endif
