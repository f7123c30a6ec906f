#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "storage/report.h"
#include "storage/store_priv.h"
#include "storage/io.h"

static void put_hex(struct outbuf *b, struct slice bytes)
{
	static const char hex[] = "0123456789abcdef";

	outbuf_char(b, '"');
	for (size_t i = 0; i < bytes.len; i++) {
		outbuf_char(b, hex[bytes.p[i] >> 4]);
		outbuf_char(b, hex[bytes.p[i] & 15]);
	}
	outbuf_char(b, '"');
}

/* {"uid":,"time":,"reason":,"record":}; of what cannot be read bytes instead
 * of the record. */
void store_put_refused(struct outbuf *b, const struct cdr *cdr,
		       struct slice bytes, const char *reason)
{
	outbuf_str(b, "{\"uid\":");
	if (cdr)
		outbuf_json(b, slice_str(cdr->uid));
	else
		outbuf_str(b, "null");
	outbuf_str(b, ",\"time\":\"");
	outbuf_time(b, queue_now_ms() * 1000000);
	outbuf_str(b, "\",\"reason\":");
	outbuf_json(b, slice_str(reason));
	if (cdr) {
		outbuf_str(b, ",\"record\":");
		report_put_line(b, cdr);
		if (!b->failed)
			b->len--; /* its line's end */
	} else {
		outbuf_str(b, ",\"bytes\":");
		put_hex(b, bytes);
	}
	outbuf_str(b, "}\n");
}

int store_write_refused(const struct store *s, const struct outbuf *b)
{
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
	char path[PATH_MAX];
	int fd, err;

	if (b->failed)
		return -ENOMEM;
	if (snprintf(path, sizeof(path), "%s/refused", s->dir) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, flags, 0640);
	if (fd < 0)
		return -errno;
	err = write_all(fd, slice_of(b->p, b->len));
	if (!err && fdatasync(fd))
		err = -errno;
	close(fd);
	return err;
}
