/*
 * The main() of a fuzz target in a build without libFuzzer: feeds it the files
 * named and all files below the folders named, each whole and cut at many
 * lengths. Every input lies in a heap block of exactly its size, so that
 * AddressSanitizer sees a read past its end.
 */
#include <errno.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	FILE_MAX = 1 << 24, /* bytes of an input that are read */
	CUTS = 256,	    /* shorter lengths that are tried */
};

static int feed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size);

	if (!copy && size)
		return -ENOMEM;
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	return 0;
}

static int feed_cut(const uint8_t *data, size_t size)
{
	size_t step = size / CUTS + 1;
	int err = feed(data, size);

	for (size_t n = 0; n < size && !err; n += step)
		err = feed(data, n);
	return err;
}

static int feed_file(const char *path)
{
	uint8_t *data = malloc(FILE_MAX);
	FILE *f = fopen(path, "rb");
	int err = -EIO;

	/* When the target crashes, this is the last line of the log. */
	printf("input %s\n", path);
	if (f && data) {
		size_t n = fread(data, 1, FILE_MAX, f);

		if (!ferror(f))
			err = feed_cut(data, n);
	}
	printf(err ? "FAIL %s: cannot be read\n" : "PASS %s\n", path);
	if (f)
		fclose(f);
	free(data);
	return err;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int main(int argc, char **argv)
{
	FTS *fts;
	FTSENT *e;
	int err = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("input none\n");
	feed(NULL, 0);
	printf("PASS no bytes\n");
	if (argc < 2)
		return 0;

	fts = fts_open(argv + 1, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	if (!fts)
		return 1;
	while ((e = fts_read(fts)))
		if (e->fts_info == FTS_F && feed_file(e->fts_path))
			err = 1;
	fts_close(fts);
	return err;
}
