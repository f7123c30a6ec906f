/* Calls as sound: which streams are the two sides, and the file. */
#include <errno.h>
#include <stdlib.h>

#include "sniffer/export/voice.h"

#define SIDE_STREAMS 64 /* of one side, one after the other */

/* One side of a call. */
struct side {
	const char *name;
	const struct cdr_stream *v[SIDE_STREAMS];
	size_t n, more;	   /* more: beyond the limit */
	const char *why;   /* it is silent; NULL: it is not */
	struct slice what; /* of why */
};

/* For "%.*s%s%s": what it is, and why it is not heard. */
#define WHY_ARG(s)                                                             \
	SLICE_ARG(slice_head((s).what, 60)), (s).what.len ? " " : "", (s).why

struct sound {
	struct listen l;
	struct side side[2]; /* left, right */
	uint32_t rate;
	uint64_t start_ns;
};

/* --- sides ---------------------------------------------------------------- */

static bool is_name(const char *a, const char *b)
{
	return a && !strcmp(a, b);
}

/* 0 left, 1 right. Where nobody knows who sends, the first one heard is
 * left. */
static unsigned side_of(const struct cdr_call *call, const struct cdr_stream *s)
{
	if (is_name(s->sender, "caller") || is_name(s->sender, "a"))
		return 0;
	if (is_name(s->sender, "callee") || is_name(s->sender, "b"))
		return 1;
	return !addr_ip_eq(&s->src, &call->streams[0].src) ||
	       s->src.port != call->streams[0].src.port;
}

static uint32_t rate_of(const struct sound *so, const struct cdr_stream *s)
{
	const struct heard *h = listen_stream(&so->l, s);

	return h ? voice_rate(s, h) : 0;
}

/* Why a stream of audio is not heard. */
static void note_silence(struct side *side, const struct listen *l,
			 const struct cdr_stream *s)
{
	if (s->srtp && !s->decrypted) {
		side->why = "is encrypted, and no key is known";
		side->what = slice_str(s->srtp);
	} else if (listen_stream(l, s)) {
		side->why = "is not decoded";
		side->what = s->codec;
	} else if (!side->why) {
		side->why = "was recorded without its payload";
		side->what = s->codec;
	}
}

static bool is_audio(const struct cdr_stream *s)
{
	return !s->is_repair && !is_name(s->media, "video") &&
	       !is_name(s->media, "application");
}

/* The hop nearest to the sender that can be heard. */
static uint32_t best_hop(const struct sound *so, unsigned side)
{
	const struct cdr_call *call = &so->l.walk.cdr->call;
	uint32_t best = 0;

	for (size_t i = 0; i < call->streams_n; i++) {
		const struct cdr_stream *s = &call->streams[i];

		if (is_audio(s) && side_of(call, s) == side && rate_of(so, s) &&
		    (!best || s->hop < best))
			best = s->hop;
	}
	return best;
}

static void take(struct sound *so, struct side *side,
		 const struct cdr_stream *s)
{
	const struct heard *h = listen_stream(&so->l, s);
	uint32_t rate = rate_of(so, s);

	if (side->n == SIDE_STREAMS) {
		side->more++;
		return;
	}
	side->v[side->n++] = s;
	if (rate > so->rate)
		so->rate = rate;
	for (const struct heard_payload *p = h->first; p; p = p->next)
		if (!so->start_ns || p->ts_ns < so->start_ns)
			so->start_ns = p->ts_ns;
}

static void find_side(struct sound *so, unsigned n)
{
	const struct cdr_call *call = &so->l.walk.cdr->call;
	struct side *side = &so->side[n];
	uint32_t hop = best_hop(so, n);

	for (size_t i = 0; i < call->streams_n; i++) {
		const struct cdr_stream *s = &call->streams[i];

		if (!is_audio(s) || side_of(call, s) != n)
			continue;
		if (rate_of(so, s) && s->hop == hop)
			take(so, side, s);
		else if (!hop)
			note_silence(side, &so->l, s);
	}
	if (side->n)
		side->why = NULL;
	else if (!side->why)
		side->why = "sent no audio";
}

static int find_sides(struct sound *so, const struct export_call *call,
		      char why[EXPORT_WHY])
{
	if (!so->l.walk.cdr) {
		snprintf(why, EXPORT_WHY, "%s: its recording has no such call",
			 call->uid);
		return -ENODATA;
	}
	so->side[0].name = so->l.walk.cdr->kind == CDR_CALL ? "caller" : "a";
	so->side[1].name = so->l.walk.cdr->kind == CDR_CALL ? "callee" : "b";
	find_side(so, 0);
	find_side(so, 1);
	if (so->rate)
		return 0;
	snprintf(why, EXPORT_WHY, "%s: no sound: %s: %.*s%s%s; %s: %.*s%s%s",
		 call->uid, so->side[0].name, WHY_ARG(so->side[0]),
		 so->side[1].name, WHY_ARG(so->side[1]));
	return -ENODATA;
}

/* --- the file ------------------------------------------------------------- */

static int put_side(struct sound *so, struct wav *w, unsigned n)
{
	const struct side *side = &so->side[n];
	struct voice v = {.wav = w,
			  .channel = n,
			  .rate = so->rate,
			  .start_ns = so->start_ns};
	int err = 0;

	for (size_t i = 0; i < side->n && !err; i++)
		err = voice_put(&v, side->v[i],
				listen_stream(&so->l, side->v[i]));
	return err;
}

static int fail(const char *path, int err, char why[EXPORT_WHY])
{
	if (err)
		snprintf(why, EXPORT_WHY, "cannot write %.300s: %s", path,
			 strerror(-err));
	return err;
}

/* Told: what each side is, or why it is not there. */
static void say_side(struct export_job *job, const char *path,
		     const struct side *side)
{
	if (side->why)
		export_say(job, "%s: %s: %.*s%s%s", path, side->name,
			   WHY_ARG(*side));
	if (side->more)
		export_say(job, "%s: %s: %zu streams beyond %d are left out",
			   path, side->name, side->more, SIDE_STREAMS);
}

static void say_file(struct export_job *job, const char *path,
		     const struct sound *so, const struct wav *w)
{
	struct outbuf b = {0};

	say_side(job, path, &so->side[0]);
	say_side(job, path, &so->side[1]);
	if (so->l.left_out)
		export_say(job,
			   "%s: %llu payloads are left out: too much for "
			   "memory",
			   path, (unsigned long long)so->l.left_out);
	if (wav_left_out(w))
		export_say(job,
			   "%s: the end is left out: the file has its "
			   "largest size",
			   path);
	outbuf_time(&b, so->start_ns);
	export_say(job, "%s: %.3f s from %.*s, %u Hz", path,
		   (double)wav_frames(w) / so->rate, (int)b.len, b.p ? b.p : "",
		   so->rate);
	outbuf_free(&b);
	job->files++;
}

static void note_sides(struct export_job *job, const struct sound *so)
{
	job->sound_ns = so->start_ns;
	for (size_t i = 0; i < 2; i++) {
		const struct side *side = &so->side[i];

		job->silent[i][0] = '\0';
		if (side->why)
			snprintf(job->silent[i], EXPORT_SILENT, "%.*s%s%s",
				 WHY_ARG(*side));
	}
}

static int write_file(struct export_job *job, struct sound *so,
		      const char *path, char why[EXPORT_WHY])
{
	struct wav *w = NULL;
	struct out file;
	int err = job->to_fd ? out_borrow(&file, job->fd, job->file_max, why)
			     : out_open(&file, path, job->force, true, why);

	if (err)
		return err;
	err = wav_open(&w, &file, so->rate);
	if (!err && job->file_max)
		wav_limit(w, job->file_max / 4);
	for (unsigned n = 0; n < 2 && !err; n++)
		err = put_side(so, w, n);
	if (!err)
		err = wav_finish(w);
	err = err ? fail(path, err, why) : out_close(&file, why);
	if (!err) {
		note_sides(job, so);
		say_file(job, path, so, w);
	}
	out_drop(&file);
	wav_close(w);
	return err;
}

int export_sound(struct export_job *job, const struct export_call *call,
		 const char *name, char why[EXPORT_WHY])
{
	struct sound so = {0};
	char *path = NULL;
	int err = listen_to(&so.l, job, call, why);

	if (!err)
		err = export_check_stop(job, why);
	if (!err)
		err = find_sides(&so, call, why);
	if (!err) {
		path = export_path(job, name, "wav");
		if (path)
			err = write_file(job, &so, path, why);
		else
			err = fail("the file", -ENOMEM, why);
	}
	free(path);
	listen_close(&so.l);
	return err;
}
