#include "tests/fuzz/engine_outs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/cdr_mask.h"
#include "storage/cdr_code.h"

enum {
	HEADER = 16,	/* of a packet in a chunk */
	MESSAGES = 256, /* that the journal keeps */
	RECORDS = 256,
	TEXT = 1 << 16, /* of a message */
};

void outs_touch(struct slice s)
{
	volatile uint8_t all = 0;

	for (size_t i = 0; i < s.len; i++)
		all = (uint8_t)(all ^ s.p[i]);
}

/* --- recordings ----------------------------------------------------------- */

struct spool_file {
	uint64_t packets;
};

static void check_chunk(struct spool_file *f, const struct record_chunk *c)
{
	size_t at = 0;
	uint32_t head[4];

	assert(c->ts_digits == 6 || c->ts_digits == 9);
	assert(c->media_bytes <= c->bytes.len);
	outs_touch(c->bytes);
	while (at < c->bytes.len) {
		assert(c->bytes.len - at >= HEADER);
		memcpy(head, c->bytes.p + at, HEADER);
		assert(head[2] <= head[3]);
		assert(head[2] <= c->bytes.len - at - HEADER);
		at += HEADER + head[2];
		f->packets++;
	}
}

static int on_append(void *arg, struct spool_file **file, const char *uid,
		     const struct record_chunk *chunk)
{
	(void)arg;
	assert(strlen(uid) == CDR_UID - 1);
	if (!*file)
		*file = calloc(1, sizeof(**file));
	assert(*file);
	check_chunk(*file, chunk);
	return 0;
}

static int on_finish(void *arg, struct spool_file *file, const char *uid,
		     uint64_t last_ns, uint64_t packets, char *path,
		     size_t path_size)
{
	(void)arg;
	(void)last_ns;
	assert(strlen(uid) == CDR_UID - 1 && path_size >= 64);
	assert(!file || file->packets <= packets);
	strcpy(path, "spool/one.pcap");
	free(file);
	return 0;
}

static int on_secrets(void *arg, struct spool_file *file, struct slice keylog)
{
	(void)arg;
	(void)file;
	outs_touch(keylog);
	return 0;
}

static void on_discard(void *arg, struct spool_file *file)
{
	(void)arg;
	free(file);
}

static int on_concat(void *arg, struct spool_file *dst, struct spool_file *src)
{
	(void)arg;
	dst->packets += src->packets;
	free(src);
	return 0;
}

const struct spool_ops outs_spool = {
	.append = on_append,
	.finish = on_finish,
	.secrets = on_secrets,
	.discard = on_discard,
	.concat = on_concat,
};

/* --- those who watch ------------------------------------------------------ */

static void watch_message(void *arg, const struct call *c, struct slice text)
{
	(void)arg;
	assert(c);
	outs_touch(text);
}

static void watch_signalling(void *arg, const struct engine_signalling *s)
{
	(void)arg;
	assert(s->transport);
	outs_touch(s->text);
}

static void watch_check(void *arg, const struct engine_check *c)
{
	(void)arg;
	assert(c->kind && c->sender < 2);
	outs_touch(c->ufrag[0]);
	outs_touch(c->ufrag[1]);
}

static void watch_dtls(void *arg, const struct engine_dtls_seen *d)
{
	(void)arg;
	assert(d->what);
}

const struct engine_watch outs_watch = {
	.message = watch_message,
	.signalling = watch_signalling,
	.check = watch_check,
	.dtls = watch_dtls,
};

/* --- the journal ---------------------------------------------------------- */

struct told {
	uint64_t id;
	struct sip_seen seen;
	char transport[8];
	struct slice text; /* owned */
};

struct kept {
	uint64_t id;
	struct outbuf bytes; /* of its last record */
};

struct outs_journal {
	struct mask mask;
	struct cdr_code *code;
	struct told told[MESSAGES];
	struct kept kept[RECORDS];
	size_t told_n, kept_n;
	uint64_t last_id;
};

static void on_message(void *arg, uint64_t id, const struct sip_seen *seen,
		       struct slice text, bool urgent)
{
	struct outs_journal *j = arg;
	struct told *t = &j->told[j->told_n];
	uint8_t *copy;

	(void)urgent;
	outs_touch(text);
	j->last_id = id > j->last_id ? id : j->last_id;
	if (j->told_n == MESSAGES || text.len > TEXT)
		return;
	copy = malloc(text.len + 1);
	assert(copy);
	if (text.len)
		memcpy(copy, text.p, text.len);
	*t = (struct told){id, *seen, "", slice_of(copy, text.len)};
	strncpy(t->transport, seen->transport, sizeof(t->transport) - 1);
	j->told_n++;
}

static void on_told(void *arg, uint64_t id, struct cdr *cdr, uint64_t now_ns)
{
	struct outs_journal *j = arg;
	size_t i = 0;

	(void)now_ns;
	j->last_id = id > j->last_id ? id : j->last_id;
	while (i < j->kept_n && j->kept[i].id != id)
		i++;
	if (i == RECORDS)
		return;
	if (i == j->kept_n)
		j->kept[j->kept_n++] = (struct kept){.id = id};
	if (mask_is_on(&j->mask))
		cdr_mask(cdr, &j->mask);
	outbuf_reset(&j->kept[i].bytes);
	cdr_code_put(j->code, &j->kept[i].bytes, cdr);
	assert(!j->kept[i].bytes.failed);
}

static void on_over(void *arg, uint64_t id, const struct calls_buried *buried)
{
	struct outs_journal *j = arg;
	size_t n = 0;

	if (buried) {
		outs_touch(buried->call_id);
		outs_touch(buried->from_tag);
	}
	for (size_t i = 0; i < j->told_n; i++) {
		if (j->told[i].id == id)
			free((void *)j->told[i].text.p);
		else
			j->told[n++] = j->told[i];
	}
	j->told_n = n;
	for (size_t i = 0; i < j->kept_n; i++)
		if (j->kept[i].id == id)
			outbuf_reset(&j->kept[i].bytes);
}

static const struct journal_ops hooks = {
	.message = on_message,
	.record = on_told,
	.over = on_over,
};

struct outs_journal *outs_journal_new(const struct mask *m)
{
	struct outs_journal *j = calloc(1, sizeof(*j));

	assert(j);
	j->mask = *m;
	j->code = cdr_code_new();
	assert(j->code);
	return j;
}

void outs_journal_free(struct outs_journal *j)
{
	for (size_t i = 0; i < j->told_n; i++)
		free((void *)j->told[i].text.p);
	for (size_t i = 0; i < j->kept_n; i++)
		outbuf_free(&j->kept[i].bytes);
	cdr_code_free(j->code);
	free(j);
}

void outs_journal_hook(struct outs_journal *j, struct engine_out *out)
{
	out->journal = &hooks;
	out->journal_arg = j;
}

static void give_record(struct engine *e, const struct cdr_decoder *d,
			const struct kept *k)
{
	struct slice bytes = slice_of(k->bytes.p, k->bytes.len);
	struct cdr *cdr;
	int err;

	if (!bytes.len)
		return;
	err = cdr_decode(d, bytes, &cdr);
	assert(!err);
	engine_restore_record(e, k->id, cdr);
}

static void no_uid(void *arg, const char *uid)
{
	(void)arg;
	assert(strlen(uid) == CDR_UID - 1);
}

/* The lists are taken over: e may tell of them while it restores. */
void outs_journal_restore(struct outs_journal *j, struct engine *e,
			  uint64_t last_ns, bool gap)
{
	struct outs_journal *was = calloc(1, sizeof(*was));
	struct outbuf dictionary = {0};
	struct cdr_decoder *d = NULL;
	int err;

	assert(was);
	*was = *j;
	j->told_n = j->kept_n = 0;
	cdr_code_dictionary(j->code, &dictionary);
	err = cdr_decoder_new(&d, j->code,
			      slice_of(dictionary.p, dictionary.len));
	assert(!err);
	engine_restore_begin(e, was->last_id);
	for (size_t i = 0; i < was->told_n; i++) {
		struct told *t = &was->told[i];

		t->seen.transport = t->transport;
		engine_restore_message(e, t->id, &t->seen, t->text);
		free((void *)t->text.p);
	}
	for (size_t i = 0; i < was->kept_n; i++) {
		give_record(e, d, &was->kept[i]);
		outbuf_free(&was->kept[i].bytes);
	}
	engine_restore_unrecorded(e, no_uid, NULL);
	engine_restore_end(e, last_ns, gap);
	cdr_decoder_free(d);
	outbuf_free(&dictionary);
	free(was);
}
