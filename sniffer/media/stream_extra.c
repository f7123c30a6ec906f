/* Lines, header extensions, and the parts in order. */
#include "sniffer/media/stream_extra.h"

#include <stdio.h>
#include <stdlib.h>

/* --- life ----------------------------------------------------------------- */

static const struct desc *desc_of(const struct stream *s)
{
	return s->descs->dir[s->dir];
}

/* RFC 9143, 9.2: a MID that nobody announced leaves it open; without one the
 * SSRC tells, then RID, then a payload type that no other line has. */
static void find_line(struct stream_extra *x, const struct stream *s)
{
	const struct desc *d = desc_of(s);
	const struct media_ssrc *ssrc = d ? desc_ssrc(d, s->ssrc) : NULL;

	x->line = -1;
	if (!d)
		return;
	if (x->mid[0]) {
		x->line = desc_line_of_mid(d, slice_str(x->mid));
		return;
	}
	if (ssrc && ssrc->line < d->lines_n)
		x->line = ssrc->line;
	if (x->line < 0 && x->rid[0])
		x->line = desc_line_of_rid(d, slice_str(x->rid));
	if (x->line < 0 && x->repaired_rid[0])
		x->line = desc_line_of_rid(d, slice_str(x->repaired_rid));
	for (uint8_t i = 0; x->line < 0 && i < s->pts_n; i++)
		x->line = desc_line_of_pt(d, s->pts[i].pt);
}

void stream_extra_make(struct stream *s, bool force)
{
	const struct desc *d = desc_of(s);

	if (!s->extra && (force || (d && d->rich))) {
		s->extra = calloc(1, sizeof(*s->extra));
		if (!s->extra) {
			counters_add(s->env->counters, "media.no_memory", 1);
			return;
		}
		s->rich = true;
		s->steady = false;
		stream_account(s);
	}
	if (s->extra)
		find_line(s->extra, s);
}

void stream_extra_free(struct stream *s)
{
	if (s->extra)
		stream_repair_free(s);
	free(s->extra);
}

size_t stream_extra_size(const struct stream *s)
{
	if (!s->extra)
		return 0;
	return sizeof(*s->extra) +
	       (s->extra->repair.parity ? sizeof(*s->extra->repair.parity) : 0);
}

/* --- lines ---------------------------------------------------------------- */

int stream_line_number(const struct stream *s)
{
	const struct desc *d = desc_of(s);

	if (!d || !d->lines_n)
		return -1;
	if (d->lines_n == 1)
		return 0;
	return s->extra && s->extra->line < d->lines_n ? s->extra->line : -1;
}

const struct media_line *stream_line(const struct stream *s)
{
	int line = stream_line_number(s);

	return line < 0 ? NULL : &desc_of(s)->line[line];
}

bool stream_is_video(const struct stream *s, const struct codec *c)
{
	const struct media_line *line = stream_line(s);

	if (c->kind == CODEC_VIDEO)
		return true;
	if (c->name[0] && c->kind < CODEC_RED)
		return false;
	if (line && line->media)
		return !strcmp(line->media, "video");
	return c->kind >= CODEC_RED && c->clock_hz == 90000;
}

/* --- headers -------------------------------------------------------------- */

static bool keep_text(char *to, size_t size, struct slice text)
{
	size_t len = strlen(to);

	if (len == text.len && !memcmp(to, text.p, len))
		return false;
	snprintf(to, size, "%.*s", SLICE_ARG(text));
	return true;
}

static void add_level(struct stream_level *l, const struct rtp_hdrext *x)
{
	if (!l->n || x->level < l->loudest)
		l->loudest = x->level;
	l->n++;
	l->sum += x->level;
	l->voice += x->voice;
}

/* Where it belongs may only be said with the first packets, and anew when it
 * moves to another m-line. */
static void names(struct stream *s, const struct rtp_hdrext *e)
{
	struct stream_extra *x = s->extra;
	bool news = false;

	if (rtp_hdrext_has(e, RTP_HDREXT_MID))
		news |= keep_text(x->mid, sizeof(x->mid), e->mid);
	if (rtp_hdrext_has(e, RTP_HDREXT_RID))
		news |= keep_text(x->rid, sizeof(x->rid), e->rid);
	if (rtp_hdrext_has(e, RTP_HDREXT_REPAIRED_RID))
		news |= keep_text(x->repaired_rid, sizeof(x->repaired_rid),
				  e->repaired_rid);
	if (news)
		find_line(x, s);
}

static void read_exts(struct stream *s, const struct desc *d,
		      const struct rtp *rtp, bool open)
{
	struct wide *wide = s->descs->wide[s->dir];
	struct rtp_hdrext e;

	rtp_hdrext_read(rtp, &d->ext, open, &e);
	if (!e.has)
		return;
	names(s, &e);
	if (rtp_hdrext_has(&e, RTP_HDREXT_AUDIO_LEVEL))
		add_level(&s->extra->level, &e);
	if (rtp_hdrext_has(&e, RTP_HDREXT_TWCC) && wide)
		wide_put(wide, e.twcc);
	stream_video_exts(&s->extra->video, rtp->ts, &e);
}

void stream_extra_header(struct stream *s, const struct rtp *rtp,
			 uint64_t now_ns, uint32_t bytes, bool open)
{
	const struct desc *d = desc_of(s);

	if (d && d->exts && rtp->ext.len)
		read_exts(s, d, rtp, open);
	if (d && s->extra->line < 0 && !s->extra->mid[0])
		s->extra->line = desc_line_of_pt(d, rtp->pt);
	stream_video_bytes(&s->extra->video, now_ns, bytes);
}

/* --- payloads ------------------------------------------------------------- */

void stream_extra_payload(struct stream *s, const struct stream_arrival *a,
			  const struct rtp *rtp, struct slice plain)
{
	const struct codec *c = &s->pts[a->pt].codec;

	if (c->kind == CODEC_VIDEO && plain.p)
		stream_video_payload(&s->extra->video, rtp->ts, c->video,
				     plain);
	stream_repair_packet(s, a, rtp, plain);
	if (a->ns >= s->last_ns)
		s->extra->last_ts = a->ts;
}

void stream_extra_timed(struct stream *s, const struct stream_arrival *a)
{
	struct slices_row *row;

	if (!stream_is_video(s, &s->pts[a->pt].codec) ||
	    !stream_video_frame(&s->extra->video, a->ns, a->ts))
		return;
	row = slices_find(&s->slices, a->ns);
	if (row && row->frames < UINT16_MAX)
		row->frames++;
}

/* --- the end -------------------------------------------------------------- */

const struct codec *stream_codec(const struct stream *s,
				 const struct stream_pt *pt, struct codec *room)
{
	if (!pt)
		return NULL;
	if (pt->codec.kind != CODEC_RED)
		return &pt->codec;
	if (s->extra && s->extra->inner.name[0])
		return &s->extra->inner;
	if (pt->codec.inner != CODEC_NO_PT &&
	    codec_find(s->descs, s->dir, stream_line_number(s), pt->codec.inner,
		       s->env->g711_plc, room) &&
	    room->kind != CODEC_RED)
		return room;
	return &pt->codec;
}

static struct slice text_or_null(struct arena *mem, const char *text)
{
	return text[0] ? arena_keep(mem, slice_str(text)) : (struct slice){0};
}

static void result_level(const struct stream_level *l,
			 struct cdr_audio_level *out)
{
	*out = (struct cdr_audio_level){
		.mean = -(double)l->sum / (double)l->n,
		.max = -(double)l->loudest,
		.voice_pct = 100.0 * (double)l->voice / (double)l->n,
	};
}

/* The name that the description gives counts, else what packets say. */
static void result_names(const struct stream *s, struct arena *mem,
			 struct cdr_stream *out)
{
	const struct media_line *line = stream_line(s);
	const struct stream_extra *x = s->extra;

	if (line && line->mid[0])
		out->mid = text_or_null(mem, line->mid);
	else if (x)
		out->mid = text_or_null(mem, x->mid);
	if (x)
		out->rid = text_or_null(mem, x->rid);
}

void stream_extra_result(const struct stream *s, const struct stream_pt *pt,
			 struct arena *mem, struct cdr_stream *out)
{
	const struct stream_extra *x = s->extra;

	result_names(s, mem, out);
	out->transport_expected = out->transport_lost = UINT64_MAX;
	out->repair.lost_after = out->lost;
	if (!x)
		return;
	out->codec_guessed = pt && pt->codec.guessed;
	out->has_audio_level = x->level.n;
	if (x->level.n)
		result_level(&x->level, &out->audio_level);
	stream_repair_result(s, out);
	out->has_video =
		pt && !out->is_repair && stream_is_video(s, &pt->codec);
	if (out->has_video)
		stream_video_result(&x->video, s->last_ns - s->first_ns,
				    s->bytes, &out->video);
}
