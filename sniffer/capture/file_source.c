#include "sniffer/capture/file_source.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/capture/capfile.h"
#include "sniffer/capture/file_list.h"
#include "sniffer/capture/secrets.h"

struct file {
	struct capfile cf;
	struct frame head; /* the next frame, while in the heap */
	struct file *next; /* of those to be closed */
	const char *path;
	size_t order; /* of naming */
	uint64_t first_ns;
	uint64_t taken; /* bytes counted into the progress */
	bool open;
	bool regular; /* can be closed and opened again */
};

/* Where frames came from: n in a row of one file. */
struct origin {
	uint64_t number, packet; /* of the first */
	uint64_t n;
	const char *path;
};

struct file_source {
	struct source head;
	struct file_list names;
	struct file *files; /* one a name, those in use first in time order */
	size_t file_count;  /* in use */
	size_t due;	    /* files[due ..] wait for their time */
	struct file *heap[FILE_SOURCE_OPEN_MAX]; /* by next frame */
	size_t heap_len;
	struct file *dry;    /* gave frames out, must read on */
	struct file *closed; /* ended, frames may still be in use */
	uint64_t number;
	struct secrets secrets; /* met before the first read */
	const char *opening;	/* the file that is looked at */
	uint16_t iface;
	bool reading;
	bool overlap_noted;
	struct origin origin[SOURCE_BATCH_MAX]; /* of the latest batch */
	size_t origin_len;
};

static struct file_source *self(struct source *s)
{
	return (struct file_source *)s;
}

static bool before(const struct file *a, const struct file *b)
{
	if (a->head.ts_ns != b->head.ts_ns)
		return a->head.ts_ns < b->head.ts_ns;
	return a->order < b->order;
}

static void sift_down(struct file_source *fs)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < fs->heap_len) {
		struct file *f = fs->heap[i];

		if (child + 1 < fs->heap_len &&
		    before(fs->heap[child + 1], fs->heap[child]))
			child++;
		if (!before(fs->heap[child], f))
			return;
		fs->heap[i] = fs->heap[child];
		fs->heap[child] = f;
		i = child;
	}
}

static void push(struct file_source *fs, struct file *f)
{
	size_t i = fs->heap_len++;

	assert(fs->heap_len <= FILE_SOURCE_OPEN_MAX);
	while (i > 0 && before(f, fs->heap[(i - 1) / 2])) {
		fs->heap[i] = fs->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	fs->heap[i] = f;
}

static void pop(struct file_source *fs)
{
	fs->heap[0] = fs->heap[--fs->heap_len];
	sift_down(fs);
}

static void count_progress(struct file_source *fs, struct file *f)
{
	uint64_t taken = f->cf.w.in->taken;

	fs->head.progress.bytes_read += taken - f->taken;
	f->taken = taken;
}

static void close_file(struct file *f)
{
	capfile_close(&f->cf);
	f->open = false;
}

static bool stopped(const struct source *s)
{
	return s->stop && atomic_load(s->stop);
}

/* The next frame into f->head, reading as needed: 1, 0 at the end, -EINTR
 * when the run is to stop. */
static int advance(struct file_source *fs, struct file *f)
{
	int rc;

	while ((rc = capfile_next(&f->cf, &f->head)) == -EAGAIN) {
		rc = capfile_fill(&f->cf);
		if (rc && stopped(&fs->head))
			return rc;
		count_progress(fs, f);
	}
	return rc;
}

/* Says why a file gives no packets at all. */
static void refuse(struct faults *list, const char *path, int err,
		   const char *why)
{
	if (err == -EPROTONOSUPPORT)
		faults_add(list, FAULT_REFUSED, path, 0,
			   "not read: this is %s, not pcap or pcapng", why);
	else if (err == -EBADMSG)
		faults_add(list, FAULT_CORRUPT, path, 0, "not read: %s", why);
	else
		faults_add(list, FAULT_IO, path, 0, "not read: %s",
			   strerror(-err));
}

static const char *shown(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

/* Before the first read nobody has said who takes them. */
static void on_secrets(void *arg, struct slice text)
{
	struct file_source *fs = arg;
	int err = 0;

	if (!fs->reading)
		err = secrets_keep(&fs->secrets, text);
	else if (fs->head.secrets)
		fs->head.secrets(fs->head.secrets_arg, text);
	if (err)
		faults_add(&fs->head.faults, FAULT_IO, shown(fs->opening), 0,
			   "its secrets are left out: %s", strerror(-err));
}

/* Those of the files that were looked at, in order of naming. */
static void begin_reading(struct file_source *fs)
{
	if (fs->reading)
		return;
	fs->reading = true;
	if (fs->secrets.len && fs->head.secrets)
		fs->head.secrets(fs->head.secrets_arg,
				 secrets_text(&fs->secrets));
	secrets_close(&fs->secrets);
}

static int open_with(struct file_source *fs, struct file *f, struct input *in,
		     const char **why)
{
	int err;

	f->regular = in->size > 0;
	err = capfile_open(&f->cf, shown(f->path), in, &fs->head.faults,
			   &fs->iface, why);
	f->open = !err;
	f->cf.secrets = on_secrets;
	f->cf.secrets_arg = fs;
	fs->opening = f->path;
	return err;
}

/* Opens a file again whose time has come, and shows its next frame: 1, 0
 * when there is none, -EINTR as advance(). */
static int reopen(struct file_source *fs, struct file *f)
{
	const char *why = NULL;
	struct input *in;
	int err;

	if (f->open)
		return 1;
	err = input_open(&in, f->path);
	if (!err)
		err = open_with(fs, f, in, &why);
	if (err) {
		refuse(&fs->head.faults, f->path, err, why);
		return 0;
	}
	return advance(fs, f);
}

/* The first frame's time is known: puts the file away until it is due. */
static void put_away(struct file_source *fs, struct file *f, uint16_t iface)
{
	close_file(f);
	fs->head.progress.bytes_read -= f->taken;
	f->taken = 0;
	fs->iface = iface;
}

/* Looks at one file's beginning; it is in use from then on if it has
 * packets. 0 or as capfile_open(). */
static int look_at(struct file_source *fs, const struct file_name *name,
		   struct input *in, const char **why)
{
	struct file *f = &fs->files[fs->file_count];
	struct source_progress *progress = &fs->head.progress;
	size_t secrets = fs->secrets.len;
	uint16_t iface = fs->iface;
	uint64_t size = in->size;
	int err;

	*f = (struct file){.path = name->path,
			   .order = (size_t)(name - fs->names.v)};
	err = open_with(fs, f, in, why);
	if (err)
		return err;
	progress->bytes_total += size;
	if (advance(fs, f) <= 0) {
		close_file(f);
		return 0;
	}
	f->first_ns = f->head.ts_ns;
	fs->file_count++;
	if (fs->names.len > FILE_SOURCE_OPEN_MAX && f->regular) {
		put_away(fs, f, iface);
		/* It will be read from its beginning again. */
		secrets_cut(&fs->secrets, secrets);
	}
	return 0;
}

static int by_first_time(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void note_overlap(struct file_source *fs, const struct file *f)
{
	if (fs->overlap_noted)
		return;
	fs->overlap_noted = true;
	faults_add(&fs->head.notes, FAULT_IO, f->path, 0,
		   "more than %d captures overlap in time: packets of this one "
		   "come late",
		   FILE_SOURCE_OPEN_MAX);
}

/* Takes the files into the heap whose time has come. False when the run is
 * to stop. */
static bool wake_due(struct file_source *fs)
{
	while (fs->due < fs->file_count) {
		struct file *f = &fs->files[fs->due];
		int rc;

		if (fs->heap_len && f->first_ns > fs->heap[0]->head.ts_ns)
			break;
		if (fs->heap_len == FILE_SOURCE_OPEN_MAX) {
			note_overlap(fs, f);
			break;
		}
		rc = reopen(fs, f);
		if (rc < 0)
			return false;
		if (rc > 0)
			push(fs, f);
		fs->due++;
	}
	return true;
}

static void close_ended(struct file_source *fs)
{
	while (fs->closed) {
		struct file *f = fs->closed;

		fs->closed = f->next;
		close_file(f);
	}
}

/* The file that gave its last buffered frame reads on. False when the run is
 * to stop. */
static bool refill(struct file_source *fs)
{
	struct file *f = fs->dry;
	int rc;

	if (!f)
		return true;
	rc = advance(fs, f);
	if (rc < 0)
		return false;
	fs->dry = NULL;
	if (rc > 0)
		push(fs, f);
	else
		close_file(f);
	return true;
}

static void add_origin(struct file_source *fs, const struct file *f)
{
	struct origin *o = fs->origin + fs->origin_len;

	if (fs->origin_len && o[-1].path == f->path &&
	    o[-1].packet + o[-1].n == f->cf.packets) {
		o[-1].n++;
		return;
	}
	*o = (struct origin){fs->number, f->cf.packets, 1, f->path};
	fs->origin_len++;
}

/* The file has nothing more at hand, or is over. */
static void leave(struct file_source *fs, struct file *f, int rc)
{
	pop(fs);
	if (rc == 0) {
		f->next = fs->closed;
		fs->closed = f;
	} else {
		fs->dry = f;
	}
}

/* Hands out the earliest frame. False when its file must read on before
 * anything else may follow. */
static bool take_first(struct file_source *fs, struct frame *out)
{
	struct file *f = fs->heap[0];
	int rc;

	*out = f->head;
	out->number = ++fs->number;
	add_origin(fs, f);
	rc = capfile_next(&f->cf, &f->head);
	if (rc > 0)
		sift_down(fs);
	else
		leave(fs, f, rc);
	return rc >= 0;
}

/* Up to max frames of the only file that is left: no order to be kept, each
 * is read right into its place. */
static size_t take_all(struct file_source *fs, struct frame *out, size_t max)
{
	struct file *f = fs->heap[0];
	size_t n = 0;
	int rc = 1;

	out[0] = f->head;
	while (n < max && rc > 0) {
		out[n++].number = ++fs->number;
		add_origin(fs, f);
		rc = capfile_next(&f->cf, n < max ? &out[n] : &f->head);
	}
	if (rc <= 0)
		leave(fs, f, rc);
	return n;
}

static int file_read(struct source *s, struct frame *out, size_t max)
{
	struct file_source *fs = self(s);
	size_t n = 0;

	begin_reading(fs);
	close_ended(fs);
	fs->origin_len = 0;
	if (stopped(s) || !refill(fs))
		return 0;
	if (max && fs->heap_len == 1 && fs->due == fs->file_count)
		return (int)take_all(fs, out, max);
	while (n < max && wake_due(fs) && fs->heap_len)
		if (!take_first(fs, &out[n++]))
			break;
	return (int)n;
}

static bool file_origin(const struct source *s, const struct frame *f,
			struct source_origin *out)
{
	const struct file_source *fs = (const struct file_source *)s;

	for (size_t i = 0; i < fs->origin_len; i++) {
		const struct origin *o = &fs->origin[i];

		if (f->number - o->number < o->n) {
			*out = (struct source_origin){
				o->path, o->packet + (f->number - o->number)};
			return true;
		}
	}
	return false;
}

static void file_close(struct source *s)
{
	struct file_source *fs = self(s);

	for (size_t i = 0; i < fs->file_count; i++)
		if (fs->files[i].open)
			close_file(&fs->files[i]);
	free(fs->files);
	secrets_close(&fs->secrets);
	file_list_close(&fs->names);
	free(fs);
}

static const struct source_ops file_ops = {
	.read = file_read,
	.origin = file_origin,
	.close = file_close,
};

static struct file_source *make(void)
{
	struct file_source *fs = calloc(1, sizeof(*fs));

	if (fs)
		fs->head.ops = &file_ops;
	return fs;
}

/* Once the names are known. */
static int make_files(struct file_source *fs)
{
	fs->files = calloc(fs->names.len + 1, sizeof(*fs->files));
	return fs->files ? 0 : -ENOMEM;
}

/* One name: used, left out with a note, or a fault. Only a named file that
 * cannot be opened is an error. *is_capture tells about the content. */
static int take_name(struct file_source *fs, const struct file_name *name,
		     bool *is_capture)
{
	const char *why = NULL;
	struct faults *list = &fs->head.faults;
	struct input *in;
	int err;

	*is_capture = false;
	err = input_open(&in, name->path);
	if (err && !name->in_folder)
		return err;
	if (!err)
		err = look_at(fs, name, in, &why);
	if (err == -EPROTONOSUPPORT && name->in_folder)
		list = &fs->head.notes;
	if (err)
		refuse(list, shown(name->path), err, why);
	*is_capture = err != -EPROTONOSUPPORT;
	return 0;
}

/* A pipe among the inputs: nobody knows how much there is to read. */
static bool endless(const struct file_source *fs)
{
	for (size_t i = 0; i < fs->file_count; i++)
		if (!fs->files[i].regular)
			return true;
	return false;
}

/* Looks at all names; a folder among the arguments must have brought one
 * capture at least. */
static int take_names(struct file_source *fs, const char *const *paths,
		      size_t count, char *err, size_t err_size)
{
	bool *found = calloc(count + 1, sizeof(*found));
	int rc = found ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < fs->names.len; i++) {
		const struct file_name *name = &fs->names.v[i];
		bool is_capture;

		rc = take_name(fs, name, &is_capture);
		if (rc)
			snprintf(err, err_size, "cannot read %s: %s",
				 name->path, strerror(-rc));
		found[name->argument] |= is_capture || !name->in_folder;
	}
	for (size_t i = 0; !rc && i < count; i++) {
		if (found[i])
			continue;
		snprintf(err, err_size, "no capture files in %s", paths[i]);
		rc = -ENOENT;
	}
	free(found);
	return rc;
}

int file_source_open(struct source **out, const char *const *paths,
		     size_t count, char *err, size_t err_size)
{
	struct file_source *fs = make();
	int rc = -ENOMEM;

	snprintf(err, err_size, "out of memory");
	if (!fs)
		return rc;
	rc = file_list_expand(&fs->names, paths, count, &fs->head.notes, err,
			      err_size);
	if (!rc)
		rc = make_files(fs);
	if (!rc)
		rc = take_names(fs, paths, count, err, err_size);
	if (rc) {
		source_close(&fs->head);
		return rc;
	}
	if (endless(fs))
		fs->head.progress.bytes_total = 0;
	qsort(fs->files, fs->file_count, sizeof(*fs->files), by_first_time);
	*out = &fs->head;
	return 0;
}

int file_source_open_memory(struct source **out, const char *name,
			    struct slice bytes)
{
	struct file_source *fs = make();
	struct input *in = fs ? input_memory(bytes) : NULL;
	const char *why = NULL;
	int rc = in ? file_list_add(&fs->names, name, 0, false) : -ENOMEM;

	if (!rc)
		rc = make_files(fs);
	if (rc) {
		input_close(in);
		source_close(fs ? &fs->head : NULL);
		return rc;
	}
	rc = look_at(fs, fs->names.v, in, &why);
	if (rc)
		refuse(&fs->head.faults, name, rc, why);
	*out = &fs->head;
	return 0;
}
