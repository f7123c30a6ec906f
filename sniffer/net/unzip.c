#include "sniffer/net/unzip.h"

#include <errno.h>
#include <zlib.h>

enum {
	WINDOW = 32768,
	PIECE = 8192, /* bytes of output at a time */
	/* Text shrinks by 5 to 20, deflate can do 1032: so much more than
	 * what went in is no text, once there is a lot of it. */
	RATIO = 200,
	FREELY = 4 << 20,
};

struct unzip {
	struct web_mem *mem;
	z_stream z;
	enum unzip_kind kind;
	uint64_t in, out; /* bytes since it is new */
	uint8_t first[2]; /* that tell zlib from bare deflate */
	uint8_t first_len;
	bool begun; /* inflateInit2() was done */
	bool ended; /* behind the end of a stream */
	bool over;  /* what follows is no data of ours */
};

/* A block knows its size: zlib does not tell it again. */
union block {
	size_t size;
	max_align_t align;
};

static void *z_alloc(void *opaque, unsigned n, unsigned size)
{
	size_t all = (size_t)n * size + sizeof(union block);
	union block *b = web_alloc(opaque, all);

	if (!b)
		return NULL;
	b->size = all;
	return b + 1;
}

static void z_free(void *opaque, void *p)
{
	union block *b = p;

	if (b)
		web_free(opaque, b - 1, b[-1].size);
}

static int begin(struct unzip *u, int window_bits)
{
	u->z.zalloc = z_alloc;
	u->z.zfree = z_free;
	u->z.opaque = u->mem;
	if (inflateInit2(&u->z, window_bits) != Z_OK)
		return -ENOMEM;
	u->begun = true;
	return 0;
}

struct unzip *unzip_new(struct web_mem *m, enum unzip_kind kind)
{
	struct unzip *u = web_alloc(m, sizeof(*u));

	if (!u)
		return NULL;
	u->mem = m;
	u->kind = kind;
	/* The largest window reads what a smaller one wrote. */
	if (kind != UNZIP_DEFLATE &&
	    begin(u, kind == UNZIP_GZIP ? 15 + 16 : -15)) {
		unzip_free(u);
		return NULL;
	}
	return u;
}

void unzip_free(struct unzip *u)
{
	if (!u)
		return;
	if (u->begun)
		inflateEnd(&u->z);
	web_free(u->mem, u, sizeof(*u));
}

void unzip_reset(struct unzip *u)
{
	if (u->begun && u->kind == UNZIP_DEFLATE) {
		inflateEnd(&u->z);
		u->begun = false;
	} else if (u->begun) {
		inflateReset(&u->z);
	}
	u->in = u->out = 0;
	u->first_len = 0;
	u->ended = u->over = false;
}

/* The stream has ended and there is more: what is that? */
static void go_on(struct unzip *u)
{
	uint8_t window[WINDOW];
	unsigned len = 0;

	if (u->kind == UNZIP_DEFLATE ||
	    (u->kind == UNZIP_GZIP && u->z.next_in[0] != 0x1f)) {
		u->over = true;
		return;
	}
	if (u->kind == UNZIP_RAW)
		inflateGetDictionary(&u->z, window, &len);
	inflateReset(&u->z);
	if (len)
		inflateSetDictionary(&u->z, window, len);
	u->ended = false;
}

/* One call of inflate(): 1 when there may be more to do, 0 when it wants
 * more input, else -errno. */
static int inflate_some(struct unzip *u, unzip_fn *out, void *arg)
{
	uint8_t piece[PIECE];
	size_t n;
	int rc;

	u->z.next_out = piece;
	u->z.avail_out = sizeof(piece);
	rc = inflate(&u->z, Z_SYNC_FLUSH);
	n = sizeof(piece) - u->z.avail_out;
	u->out += n;
	if (n)
		out(arg, slice_of(piece, n));
	if (rc == Z_BUF_ERROR)
		return 0;
	if (rc == Z_MEM_ERROR)
		return -ENOMEM;
	if (rc != Z_OK && rc != Z_STREAM_END)
		return -EBADMSG;
	u->ended = rc == Z_STREAM_END;
	if (u->out > FREELY && u->out / RATIO > u->in)
		return -E2BIG;
	return u->z.avail_in || (!u->ended && !u->z.avail_out);
}

static int inflate_all(struct unzip *u, struct slice in, unzip_fn *out,
		       void *arg)
{
	int more = 1;

	u->z.next_in = (uint8_t *)(uintptr_t)in.p;
	u->z.avail_in = (unsigned)in.len;
	while (more > 0) {
		if (u->ended)
			go_on(u);
		if (u->over)
			break;
		more = inflate_some(u, out, arg);
	}
	return more < 0 ? more : 0;
}

/* RFC 1950, 2.2 */
static bool zlib_header(const uint8_t b[2])
{
	return (b[0] & 0x0f) == 8 && (b[0] << 8 | b[1]) % 31 == 0;
}

int unzip_feed(struct unzip *u, struct slice in, unzip_fn *out, void *arg)
{
	int err;

	if (in.len > UINT32_MAX)
		return -E2BIG;
	u->in += in.len;
	if (!u->begun) {
		while (in.len && u->first_len < 2) {
			u->first[u->first_len++] = in.p[0];
			in = slice_from(in, 1);
		}
		if (u->first_len < 2)
			return 0;
		err = begin(u, zlib_header(u->first) ? 15 : -15);
		if (!err)
			err = inflate_all(u, slice_of(u->first, 2), out, arg);
		if (err)
			return err;
	}
	return in.len ? inflate_all(u, in, out, arg) : 0;
}
