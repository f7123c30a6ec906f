/*
 * A file of the spool of any content, plain or gzipped: reading it comes to an
 * end within its bytes; the sections of a file of a minute lie in it, one
 * behind the other.
 */
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "storage/spool_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(int fd)
{
	struct pcapfile_kind kind[PCAPFILE_IFACES];
	struct pcapfile_reader *r;
	struct pcapfile_packet p;
	uint64_t sum = 0;

	if (pcapfile_reader_open(&r, fd))
		return;
	while (pcapfile_reader_next(r, &p) > 0) {
		struct frame f = pcapfile_frame(&p, 1);

		for (size_t i = 0; i < f.data.len; i++)
			sum += f.data.p[i];
	}
	assert(pcapfile_reader_at(r) >= 0);
	assert(pcapfile_reader_kinds(r, kind) <= PCAPFILE_IFACES);
	assert(pcapfile_reader_secrets(r).p || sum + 1);
	pcapfile_reader_close(r);
}

static void scan(int fd, size_t size)
{
	struct outbuf lines = {0};
	struct slice text, line;
	struct spool_entry e;
	uint64_t end = 0;

	if (spool_minute_scan(fd, 3, &lines))
		abort();
	text = slice_of(lines.p, lines.len);
	while (slice_line(&text, &line)) {
		assert(spool_index_parse(line, &e));
		assert(e.kind == SPOOL_MINUTE && e.part == 3);
		assert(e.offset >= end && e.bytes <= size - e.offset);
		end = e.offset + e.bytes;
	}
	outbuf_free(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	read_all(fd);
	scan(fd, size);
	close(fd);
	return 0;
}
