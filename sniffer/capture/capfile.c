#include "sniffer/capture/capfile.h"

#include <errno.h>

/* Enough to tell what a file is and when its first packet was; the full
 * window comes with the first real read. */
#define FIRST_WINDOW (32u << 10)
#define WINDOW	     (256u << 10)

/* Shows the first bytes. A signal does not matter here. */
static int fill_head(struct window *w)
{
	int err;

	do
		err = window_fill(w, READER_HEAD_MAX);
	while (err == -EINTR);
	return err;
}

/* When the bytes are gzip data: puts the inflated ones into the window. */
static int unpack(struct window *w)
{
	struct slice head = window_bytes(w);
	struct input *gz;

	if (!slice_starts(head, SLICE("\x1f\x8b\x08")))
		return 0;
	gz = input_gzip(w->in, head);
	w->in = gz;
	if (!gz)
		return -ENOMEM;
	w->start = w->end = 0;
	w->offset = 0;
	w->eof = false;
	return fill_head(w);
}

int capfile_open(struct capfile *cf, const char *path, struct input *in,
		 struct faults *faults, uint16_t *iface, const char **why)
{
	size_t used;
	int err;

	*cf = (struct capfile){.path = path, .faults = faults};
	err = window_init(&cf->w, in, FIRST_WINDOW);
	if (err) {
		input_close(in);
		return err;
	}
	err = fill_head(&cf->w);
	if (!err)
		err = unpack(&cf->w);
	if (!err)
		err = reader_new(&cf->reader, window_bytes(&cf->w), iface,
				 &used, why);
	if (err) {
		if (cf->w.in && cf->w.in->error) {
			*why = cf->w.in->error;
			err = -EBADMSG;
		}
		capfile_close(cf);
		return err;
	}
	window_take(&cf->w, used);
	return 0;
}

void capfile_close(struct capfile *cf)
{
	reader_close(cf->reader);
	cf->reader = NULL;
	window_close(&cf->w);
	cf->ended = true;
}

static void on_damage(struct capfile *cf, const char *what)
{
	faults_add(cf->faults, FAULT_CORRUPT, cf->path, cf->packets + 1, "%s",
		   what);
}

/* The input is over, with part of a record (or of a skipped block) left. */
static void on_cut(struct capfile *cf)
{
	size_t have = window_bytes(&cf->w).len;

	if (cf->lost || (!have && !cf->w.skip))
		return;
	if (cf->w.skip || have < READER_HEAD_MAX)
		faults_add(cf->faults, FAULT_TRUNCATED, cf->path,
			   cf->packets + 1,
			   "the file ends inside a record; everything before "
			   "it was read");
	else
		faults_add(cf->faults, FAULT_TRUNCATED, cf->path,
			   cf->packets + 1,
			   "record takes %zu bytes but the file ends after "
			   "%zu; everything before it was read",
			   cf->need, have);
}

static int end(struct capfile *cf)
{
	if (cf->ended)
		return 0;
	cf->ended = true;
	if (cf->w.in->error)
		faults_add(cf->faults, FAULT_CORRUPT, cf->path, cf->packets + 1,
			   "%s; everything before it was read",
			   cf->w.in->error);
	else
		on_cut(cf);
	return 0;
}

/* -EAGAIN while there is more to read, else the end. */
static int want(struct capfile *cf, size_t need)
{
	cf->need = need;
	return cf->w.eof ? end(cf) : -EAGAIN;
}

/* Steps on byte by byte until a record could begin: 1, or as want(). */
static int resume(struct capfile *cf)
{
	for (;;) {
		struct slice in = window_bytes(&cf->w);
		size_t need = 0;
		enum record rc = cf->reader->ops->probe(cf->reader, in,
							cf->w.eof, &need);

		if (rc == RECORD_FRAME)
			break;
		if (rc == RECORD_MORE && !cf->w.eof)
			return want(cf, need);
		if (in.len == 0)
			return end(cf);
		window_take(&cf->w, 1);
	}
	cf->lost = false;
	return 1;
}

/* After a record that cannot be right: 1 when the next one is found. */
static int recover(struct capfile *cf, size_t used)
{
	on_damage(cf, cf->reader->why);
	cf->lost = used == 0;
	window_take(&cf->w, used ? used : 1);
	return 1;
}

/*
 * The last record is not all there: the file was cut, or a length is wrong
 * and more records lie in what it claims. 1 when there is one.
 */
static int look_inside(struct capfile *cf, size_t need)
{
	struct slice in = window_bytes(&cf->w);
	size_t used;

	cf->need = need;
	if (cf->w.in->error)
		return end(cf);
	for (size_t i = 1; i < in.len; i++) {
		if (cf->reader->ops->probe(cf->reader, slice_from(in, i), true,
					   &used) != RECORD_FRAME)
			continue;
		faults_add(cf->faults, FAULT_CORRUPT, cf->path, cf->packets + 1,
			   "record takes %zu bytes, more than follow", need);
		window_take(&cf->w, i);
		return 1;
	}
	return end(cf);
}

int capfile_next(struct capfile *cf, struct frame *out)
{
	int go = !cf->ended;

	while (go > 0) {
		size_t used = 0;

		if (cf->w.skip)
			return want(cf, 1);
		if (cf->lost) {
			go = resume(cf);
			continue;
		}
		switch (cf->reader->ops->next(cf->reader, window_bytes(&cf->w),
					      out, &used)) {
		case RECORD_FRAME:
			window_take(&cf->w, used);
			cf->packets++;
			return 1;
		case RECORD_SECRETS:
			if (cf->secrets)
				cf->secrets(cf->secrets_arg,
					    cf->reader->secrets);
			window_take(&cf->w, used);
			break;
		case RECORD_SKIP:
			window_take(&cf->w, used);
			break;
		case RECORD_MORE:
			if (!cf->w.eof)
				return want(cf, used);
			go = look_inside(cf, used);
			break;
		case RECORD_BAD:
			go = recover(cf, used);
		}
	}
	return go;
}

int capfile_fill(struct capfile *cf)
{
	/* Twice what is needed, so that a search for the next record does
	 * not move the bytes at each step. */
	size_t size = cf->need > WINDOW ? cf->need * 2 : WINDOW;
	int err = window_grow(&cf->w, size);

	if (!err)
		err = window_fill(&cf->w, cf->need);
	if (!err || err == -EINTR)
		return err;
	faults_add(cf->faults, FAULT_IO, cf->path, cf->packets + 1, "%s",
		   strerror(-err));
	cf->ended = true;
	return 0;
}
