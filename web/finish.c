#include "web/finish.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "web/conditions.h"

#define WORTH_GZIP 1024
#define GZIP_LEVEL 4

static bool is_memory(const struct web_answer *an)
{
	return an->fd < 0 && !an->stream.read;
}

static struct slice bytes_of(const struct web_answer *an)
{
	return an->fixed.p ? an->fixed : slice_of(an->body.p, an->body.len);
}

/* --- ETag --------------------------------------------------------------- */

/* Weak: the same text goes out compressed and not. */
static void make_etag(struct web_answer *an)
{
	struct slice bytes = bytes_of(an);
	unsigned char md[EVP_MAX_MD_SIZE];
	char *at = an->etag;

	if (an->etag[0] || an->status != 200 || !is_memory(an) || !bytes.len)
		return;
	if (!EVP_Digest(bytes.p, bytes.len, md, NULL, EVP_sha256(), NULL))
		return;
	at += sprintf(at, "W/\"");
	for (size_t i = 0; i < 16; i++)
		at += sprintf(at, "%02x", md[i]);
	sprintf(at, "\"");
}

static bool unchanged(const struct web_request *rq, const struct web_answer *an)
{
	const char *list = web_header(rq, "If-None-Match");

	return list && an->status == 200 && an->etag[0] &&
	       etag_matches(slice_str(list), an->etag);
}

/* --- ranges ------------------------------------------------------------- */

/* What changed meanwhile is sent whole. */
static bool range_holds(const struct web_request *rq,
			const struct web_answer *an)
{
	const char *tag = web_header(rq, "If-Range");

	return !tag || (an->etag[0] == '"' && !strcmp(tag, an->etag));
}

static void not_a_range(struct web_request *rq, struct web_answer *an,
			uint64_t size)
{
	char text[64];

	web_fail(an, 416, "bad_request",
		 "the file has %" PRIu64 " bytes: ask for a range within them",
		 size);
	snprintf(text, sizeof(text), "bytes */%" PRIu64, size);
	web_answer_header(rq, an, "Content-Range", text);
}

/* Of what lies in memory only that part is kept. */
static void keep_part(struct web_answer *an, uint64_t first, uint64_t len)
{
	if (an->fd >= 0)
		return;
	if (an->fixed.p) {
		an->fixed = slice_of(an->fixed.p + first, (size_t)len);
		return;
	}
	memmove(an->body.p, an->body.p + first, (size_t)len);
	an->body.len = (size_t)len;
}

static void take_range(struct web_request *rq, struct web_answer *an,
		       uint64_t *first, uint64_t *len)
{
	const char *asked = web_header(rq, "Range");
	uint64_t size = *len;
	char text[96];

	web_answer_header(rq, an, "Accept-Ranges", "bytes");
	if (!asked || !range_holds(rq, an))
		return;
	switch (range_parse(slice_str(asked), size, first, len)) {
	case RANGE_WHOLE:
		return;
	case RANGE_NOT:
		not_a_range(rq, an, size);
		return;
	case RANGE_PART:
		break;
	}
	an->status = 206;
	snprintf(text, sizeof(text), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
		 *first, *first + *len - 1, size);
	web_answer_header(rq, an, "Content-Range", text);
	keep_part(an, *first, *len);
}

/* --- gzip --------------------------------------------------------------- */

static bool compressible(const char *type)
{
	return !strncmp(type, "text/", 5) || strstr(type, "json") ||
	       strstr(type, "javascript") || strstr(type, "svg");
}

static int deflate_all(struct slice in, struct outbuf *out)
{
	z_stream z = {.next_in = (Bytef *)in.p, .avail_in = (uInt)in.len};
	int done = Z_MEM_ERROR;
	size_t room;

	if (in.len > UINT32_MAX / 2 ||
	    deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	room = deflateBound(&z, in.len);
	z.next_out = (Bytef *)outbuf_grow(out, room);
	z.avail_out = (uInt)room;
	if (z.next_out)
		done = deflate(&z, Z_FINISH);
	out->len = done == Z_STREAM_END ? (size_t)z.total_out : 0;
	deflateEnd(&z);
	return done == Z_STREAM_END ? 0 : -1;
}

/* Without memory it goes out as it is. */
static void pack(struct web_request *rq, struct web_answer *an)
{
	const char *asked = web_header(rq, "Accept-Encoding");
	struct slice bytes = bytes_of(an);
	struct outbuf out = {0};

	if (bytes.len < WORTH_GZIP || !compressible(an->type))
		return;
	web_answer_header(rq, an, "Vary", "Accept-Encoding");
	if (!asked || !accepts_gzip(slice_str(asked)))
		return;
	if (deflate_all(bytes, &out)) {
		outbuf_free(&out);
		return;
	}
	outbuf_free(&an->body);
	an->body = out;
	an->fixed = (struct slice){0};
	an->gzipped = true;
}

/* What only is there compressed, for one that cannot read it. */
static void inflate_all(struct web_answer *an)
{
	struct slice in = bytes_of(an);
	z_stream z = {.next_in = (Bytef *)in.p, .avail_in = (uInt)in.len};
	struct outbuf out = {0};
	int done = Z_OK;
	size_t before;

	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return;
	while (done == Z_OK) {
		before = out.len;
		z.next_out = (Bytef *)outbuf_grow(&out, 65536);
		if (!z.next_out)
			break;
		z.avail_out = 65536;
		done = inflate(&z, Z_NO_FLUSH);
		out.len = before + 65536 - z.avail_out;
	}
	inflateEnd(&z);
	outbuf_free(&an->body);
	an->fixed = (struct slice){0};
	an->body = out;
	an->gzipped = false;
	if (done != Z_STREAM_END)
		web_fail(an, 500, "internal", "not enough memory");
}

static void encode(struct web_request *rq, struct web_answer *an)
{
	const char *asked = web_header(rq, "Accept-Encoding");

	if (!an->gzipped) {
		pack(rq, an);
		return;
	}
	web_answer_header(rq, an, "Vary", "Accept-Encoding");
	if (!asked || !accepts_gzip(slice_str(asked)))
		inflate_all(an);
}

/* --- all of it ---------------------------------------------------------- */

void finish_answer(struct web_request *rq, struct web_answer *an,
		   uint64_t *first, uint64_t *len)
{
	*first = 0;
	*len = an->fd >= 0 ? an->fd_len : bytes_of(an).len;
	if (an->body.failed) {
		outbuf_free(&an->body);
		web_fail(an, 500, "internal", "not enough memory");
	}
	make_etag(an);
	if (unchanged(rq, an)) {
		an->status = 304;
		web_answer_drop_body(an);
		*len = 0;
		return;
	}
	if (an->stream.read)
		return;
	if (an->status == 200 && (an->fd >= 0 || an->filename[0]))
		take_range(rq, an, first, len);
	else
		encode(rq, an);
	if (an->fd < 0)
		*len = bytes_of(an).len;
}
