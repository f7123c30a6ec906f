#include "storage/pcapfile.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#define MAGIC_US  0xa1b2c3d4u
#define MAGIC_NS  0xa1b23c4du
#define SNAPLEN	  262144
#define RECORD	  16
#define READ_SIZE 65536
#define BLOCK_MAX (SNAPLEN + 4096)

#define NG_SECTION 0x0a0d0d0au
#define NG_IFACE   1u
#define NG_PACKET  6u
#define NG_SECRETS 10u
#define NG_ORDER   0x1a2b3c4du
#define NG_KEYLOG  0x544c534bu
#define NG_TSRESOL 9
#define NG_COMMENT 1

/* --- writing -------------------------------------------------------------- */

static void put_u16(struct outbuf *b, uint16_t v)
{
	outbuf_put(b, &v, sizeof(v));
}

static void put_u32(struct outbuf *b, uint32_t v)
{
	outbuf_put(b, &v, sizeof(v));
}

/*
 * The classic file header:
 *
 *  magic (its order tells the byte order, its value the resolution)
 *  major = 2 | minor = 4
 *  reserved, reserved
 *  snap length
 *  link type
 */
void pcapfile_put_header(struct outbuf *b, struct pcapfile_kind kind)
{
	put_u32(b, kind.ts_digits == 9 ? MAGIC_NS : MAGIC_US);
	put_u16(b, 2);
	put_u16(b, 4);
	put_u32(b, 0);
	put_u32(b, 0);
	put_u32(b, SNAPLEN);
	put_u32(b, kind.linktype);
}

void pcapfile_put_packet(struct outbuf *b, const struct pcapfile_packet *p)
{
	put_u32(b, p->sec);
	put_u32(b, p->frac);
	put_u32(b, (uint32_t)p->data.len);
	put_u32(b, p->wire_len);
	outbuf_put(b, p->data.p, p->data.len);
}

static void put_section(struct outbuf *b, uint32_t len)
{
	put_u32(b, NG_SECTION);
	put_u32(b, len);
	put_u32(b, NG_ORDER);
	put_u16(b, 1);
	put_u16(b, 0);
	put_u32(b, UINT32_MAX); /* section length: not said */
	put_u32(b, UINT32_MAX);
}

void pcapfile_ng_put_section(struct outbuf *b)
{
	put_section(b, 28);
	put_u32(b, 28);
}

/* With one option, opt_comment, and the end of options. */
void pcapfile_ng_put_comment(struct outbuf *b, struct slice comment)
{
	static const uint8_t zero[4];
	size_t pad = -comment.len & 3;
	uint32_t len = (uint32_t)(28 + 4 + comment.len + pad + 4);

	put_section(b, len);
	put_u16(b, NG_COMMENT);
	put_u16(b, (uint16_t)comment.len);
	outbuf_put(b, comment.p, comment.len);
	outbuf_put(b, zero, pad);
	put_u32(b, 0);
	put_u32(b, len);
}

void pcapfile_ng_put_secrets(struct outbuf *b, struct slice keylog)
{
	static const uint8_t zero[4];
	size_t pad = -keylog.len & 3;
	uint32_t len = (uint32_t)(20 + keylog.len + pad);

	put_u32(b, NG_SECRETS);
	put_u32(b, len);
	put_u32(b, NG_KEYLOG);
	put_u32(b, (uint32_t)keylog.len);
	outbuf_put(b, keylog.p, keylog.len);
	outbuf_put(b, zero, pad);
	put_u32(b, len);
}

/* With one option, if_tsresol, and the end of options. */
void pcapfile_ng_put_iface(struct outbuf *b, struct pcapfile_kind kind)
{
	uint8_t resolution[4] = {kind.ts_digits};

	put_u32(b, NG_IFACE);
	put_u32(b, 32);
	put_u16(b, kind.linktype);
	put_u16(b, 0);
	put_u32(b, SNAPLEN);
	put_u16(b, NG_TSRESOL);
	put_u16(b, 1);
	outbuf_put(b, resolution, sizeof(resolution));
	put_u32(b, 0);
	put_u32(b, 32);
}

static uint64_t unit(uint8_t ts_digits)
{
	return ts_digits == 9 ? 1000000000 : 1000000;
}

void pcapfile_ng_put_packet(struct outbuf *b, uint32_t iface,
			    const struct pcapfile_packet *p)
{
	static const uint8_t zero[4];
	uint64_t ts = p->sec * unit(p->kind.ts_digits) + p->frac;
	size_t pad = -p->data.len & 3;
	uint32_t len = (uint32_t)(32 + p->data.len + pad);

	put_u32(b, NG_PACKET);
	put_u32(b, len);
	put_u32(b, iface);
	put_u32(b, (uint32_t)(ts >> 32));
	put_u32(b, (uint32_t)ts);
	put_u32(b, (uint32_t)p->data.len);
	put_u32(b, p->wire_len);
	outbuf_put(b, p->data.p, p->data.len);
	outbuf_put(b, zero, pad);
	put_u32(b, len);
}

/* --- reading -------------------------------------------------------------- */

struct pcapfile_reader {
	int fd;
	gzFile z; /* or NULL */
	uint8_t *buf;
	size_t at, have;
	off_t off;
	bool ng;
	struct pcapfile_kind kind[PCAPFILE_IFACES]; /* classic: the first */
	size_t kinds;
	struct slice secrets; /* malloc'ed */
};

/* Our files are in our byte order. */
static uint32_t get_u32(struct slice s, size_t off)
{
	uint32_t v;

	memcpy(&v, s.p + off, sizeof(v));
	return v;
}

static uint16_t get_u16(struct slice s, size_t off)
{
	uint16_t v;

	memcpy(&v, s.p + off, sizeof(v));
	return v;
}

bool pcapfile_take(struct slice *rest, struct pcapfile_kind kind,
		   struct pcapfile_packet *out)
{
	size_t caplen;

	if (rest->len < RECORD)
		return false;
	caplen = get_u32(*rest, 8);
	if (caplen > rest->len - RECORD)
		return false;
	*out = (struct pcapfile_packet){
		.kind = kind,
		.sec = get_u32(*rest, 0),
		.frac = get_u32(*rest, 4),
		.wire_len = get_u32(*rest, 12),
		.data = slice_of(rest->p + RECORD, caplen),
	};
	*rest = slice_from(*rest, RECORD + caplen);
	return true;
}

/* A gzip that ends too early gives what is whole. */
static ssize_t read_gzip(struct pcapfile_reader *r, void *to, size_t n)
{
	int got = gzread(r->z, to, n > INT_MAX ? INT_MAX : (unsigned)n);
	int err = Z_OK;

	if (got >= 0)
		return got;
	gzerror(r->z, &err);
	if (err == Z_BUF_ERROR)
		return 0;
	errno = err == Z_ERRNO && errno ? errno : EINVAL;
	return -1;
}

static ssize_t read_some(struct pcapfile_reader *r, void *to, size_t n)
{
	return r->z ? read_gzip(r, to, n) : pread(r->fd, to, n, r->off);
}

bool pcapfile_ng_block(struct slice s, uint32_t *len, struct slice *comment)
{
	*comment = (struct slice){0};
	if (s.len < 12)
		return false;
	*len = get_u32(s, 4);
	if (*len < 12 || *len % 4)
		return false;
	if (get_u32(s, 0) != NG_SECTION || *len < 36 || s.len < *len ||
	    get_u16(s, 24) != NG_COMMENT || get_u16(s, 26) > *len - 36u)
		return true;
	*comment = slice_of(s.p + 28, get_u16(s, 26));
	return true;
}

/* Sees to it that n bytes lie at buf + at: 1, 0 at the end, -errno. */
static int fill(struct pcapfile_reader *r, size_t n)
{
	if (r->have - r->at >= n)
		return 1;
	if (n > BLOCK_MAX)
		return -EINVAL;
	memmove(r->buf, r->buf + r->at, r->have - r->at);
	r->have -= r->at;
	r->at = 0;
	while (r->have < n) {
		ssize_t got = read_some(r, r->buf + r->have,
					BLOCK_MAX + READ_SIZE - r->have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return 0;
		r->have += (size_t)got;
		r->off += got;
	}
	return 1;
}

static struct slice here(const struct pcapfile_reader *r, size_t n)
{
	return slice_of(r->buf + r->at, n);
}

static int read_header(struct pcapfile_reader *r)
{
	int got = fill(r, PCAPFILE_HEADER);
	struct slice s = here(r, PCAPFILE_HEADER);
	uint32_t magic;

	if (got <= 0)
		return got ? got : -EINVAL;
	magic = get_u32(s, 0);
	r->ng = magic == NG_SECTION;
	if (r->ng)
		return 0;
	if (magic != MAGIC_US && magic != MAGIC_NS)
		return -EINVAL;
	r->kind[0].ts_digits = magic == MAGIC_NS ? 9 : 6;
	r->kind[0].linktype = (uint16_t)get_u32(s, 20);
	r->at += PCAPFILE_HEADER;
	return 0;
}

static void drop_secrets(struct pcapfile_reader *r)
{
	if (r->secrets.p)
		explicit_bzero((void *)r->secrets.p, r->secrets.len);
	free((void *)r->secrets.p);
	r->secrets = (struct slice){0};
}

/* The descriptor's place in the file is used then. */
static int open_gzip(struct pcapfile_reader *r)
{
	uint8_t magic[2];
	int fd;

	if (pread(r->fd, magic, 2, 0) != 2 || magic[0] != 0x1f ||
	    magic[1] != 0x8b)
		return 0;
	fd = dup(r->fd);
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    !(r->z = gzdopen(fd, "rbe"))) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	return 0;
}

int pcapfile_reader_open(struct pcapfile_reader **out, int fd)
{
	struct pcapfile_reader *r = calloc(1, sizeof(*r));
	int err = -ENOMEM;

	if (!r || !(r->buf = malloc(BLOCK_MAX + READ_SIZE)))
		goto fail;
	r->fd = fd;
	err = open_gzip(r);
	if (!err)
		err = read_header(r);
	if (err)
		goto fail;
	*out = r;
	return 0;
fail:
	pcapfile_reader_close(r);
	return err;
}

void pcapfile_reader_close(struct pcapfile_reader *r)
{
	if (!r)
		return;
	if (r->z)
		gzclose(r->z);
	drop_secrets(r);
	free(r->buf);
	free(r);
}

static int next_classic(struct pcapfile_reader *r, struct pcapfile_packet *out)
{
	struct slice rest;
	size_t len;
	int got = fill(r, RECORD);

	if (got <= 0)
		return got;
	len = RECORD + (size_t)get_u32(here(r, RECORD), 8);
	got = fill(r, len);
	if (got <= 0)
		return got;
	rest = here(r, len);
	pcapfile_take(&rest, r->kind[0], out);
	r->at += len;
	return 1;
}

static int ng_iface(struct pcapfile_reader *r, struct slice block)
{
	if (block.len < 32 || r->kinds == PCAPFILE_IFACES)
		return -EINVAL;
	r->kind[r->kinds++] = (struct pcapfile_kind){
		.linktype = get_u16(block, 8),
		.ts_digits = block.p[20],
	};
	return 0;
}

/* Without memory they are left out. */
static int ng_secrets(struct pcapfile_reader *r, struct slice block)
{
	uint8_t *copy;
	size_t len;

	if (block.len < 20)
		return -EINVAL;
	len = get_u32(block, 12);
	if (len > block.len - 20)
		return -EINVAL;
	copy = malloc(len + 1);
	drop_secrets(r);
	if (copy)
		memcpy(copy, block.p + 16, len);
	r->secrets = slice_of(copy, copy ? len : 0);
	return 0;
}

static int ng_packet(const struct pcapfile_reader *r, struct slice block,
		     struct pcapfile_packet *out)
{
	uint32_t iface, caplen;
	uint64_t ts;

	if (block.len < 32)
		return -EINVAL;
	iface = get_u32(block, 8);
	caplen = get_u32(block, 20);
	if (iface >= r->kinds || caplen > block.len - 32)
		return -EINVAL;
	ts = (uint64_t)get_u32(block, 12) << 32 | get_u32(block, 16);
	*out = (struct pcapfile_packet){
		.kind = r->kind[iface],
		.sec = (uint32_t)(ts / unit(r->kind[iface].ts_digits)),
		.frac = (uint32_t)(ts % unit(r->kind[iface].ts_digits)),
		.wire_len = get_u32(block, 24),
		.data = slice_of(block.p + 28, caplen),
	};
	return 1;
}

static int next_ng(struct pcapfile_reader *r, struct pcapfile_packet *out)
{
	for (int err = 0; !err;) {
		struct slice block;
		uint32_t len;
		int got = fill(r, 12);

		if (got <= 0)
			return got;
		len = get_u32(here(r, 12), 4);
		if (len < 12)
			return -EINVAL;
		got = fill(r, len);
		if (got <= 0)
			return got;
		block = here(r, len);
		r->at += len;
		if (get_u32(block, 0) == NG_PACKET)
			return ng_packet(r, block, out);
		if (get_u32(block, 0) == NG_IFACE)
			err = ng_iface(r, block);
		else if (get_u32(block, 0) == NG_SECRETS)
			err = ng_secrets(r, block);
		if (err)
			return err;
	}
	return 0;
}

int pcapfile_reader_next(struct pcapfile_reader *r, struct pcapfile_packet *out)
{
	return r->ng ? next_ng(r, out) : next_classic(r, out);
}

/* --- what was read -------------------------------------------------------- */

off_t pcapfile_reader_at(const struct pcapfile_reader *r)
{
	return r->off - (off_t)(r->have - r->at);
}

bool pcapfile_reader_ng(const struct pcapfile_reader *r)
{
	return r->ng;
}

size_t pcapfile_reader_kinds(const struct pcapfile_reader *r,
			     struct pcapfile_kind out[PCAPFILE_IFACES])
{
	size_t n = r->ng ? r->kinds : 1;

	memcpy(out, r->kind, n * sizeof(*out));
	return n;
}

struct slice pcapfile_reader_secrets(const struct pcapfile_reader *r)
{
	return r->secrets;
}

struct frame pcapfile_frame(const struct pcapfile_packet *p, uint64_t number)
{
	return (struct frame){
		.data = p->data,
		.ts_ns = p->sec * UINT64_C(1000000000) +
			 p->frac * (p->kind.ts_digits == 9 ? UINT64_C(1)
							   : UINT64_C(1000)),
		.number = number,
		.wire_len = p->wire_len,
		.linktype = p->kind.linktype,
		.ts_digits = p->kind.ts_digits,
	};
}
