#include "sniffer/capture/live_source.h"

#include <errno.h>
#include <stdio.h>

#include "sniffer/capture/tap.h"

/* Of one interface. */
static int open_taps(struct source **out, size_t *count, const char *name,
		     const struct live_options *opt, char *err, size_t err_size)
{
	unsigned threads = opt->threads ? opt->threads : 1;
	struct tap_config cfg = {.name = name, .opt = opt};
	int rc = 0;

	if (threads > 1) {
		cfg.fanout = fanout_new();
		if (!cfg.fanout)
			return -ENOMEM;
	}
	for (unsigned i = 0; !rc && i < threads; i++) {
		cfg.quiet = i > 0;
		rc = tap_open(&out[*count], &cfg, err, err_size);
		*count += !rc;
	}
	fanout_free(cfg.fanout);
	return rc;
}

int live_taps_open(struct source **out, size_t *count, const char *const *names,
		   size_t n, const struct live_options *opt, char *err,
		   size_t err_size)
{
	size_t made = 0;
	int rc = 0;

	snprintf(err, err_size, "out of memory");
	if (n > LIVE_INTERFACES_MAX) {
		snprintf(err, err_size, "more than %d interfaces",
			 LIVE_INTERFACES_MAX);
		return -E2BIG;
	}
	for (size_t i = 0; !rc && i < n; i++)
		rc = open_taps(out, &made, names[i], opt, err, err_size);
	if (rc) {
		while (made)
			source_close(out[--made]);
		return rc;
	}
	*count = made;
	return 0;
}
