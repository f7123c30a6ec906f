#include "sniffer/media/desc.h"

#include <stdio.h>
#include <stdlib.h>

#include "sniffer/media/codec.h"

static size_t at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

/* Copies n rows to where *at points, and moves that behind them. */
static const void *rows(char **at, const void *from, size_t n, size_t size)
{
	const char *to = *at;

	memcpy(*at, from, n * size);
	*at += n * size;
	return to;
}

static bool any_ext(const struct rtp_hdrext_ids *ext)
{
	for (int k = 0; k < RTP_HDREXT_KINDS; k++)
		if (ext->id[k])
			return true;
	return false;
}

/* More than audio of one codec or another. */
static bool is_rich(const struct desc *d)
{
	if (d->exts || d->guess || d->lines_n > 1 || d->ssrcs_n || d->rids_n)
		return true;
	for (size_t i = 0; i < d->n; i++)
		if (codec_is_rich(slice_str(d->pt[i].codec), d->pt[i].clock_hz))
			return true;
	return false;
}

struct desc *desc_new(const struct media_desc *d)
{
	size_t lines = at_most(d->lines_n, MEDIA_DESC_LINES);
	size_t n = at_most(d->n, MEDIA_DESC_PTS);
	size_t ssrcs = at_most(d->ssrcs_n, MEDIA_DESC_SSRCS);
	size_t rids = at_most(d->rids_n, MEDIA_DESC_RIDS);
	struct desc *out =
		malloc(sizeof(*out) + lines * sizeof(d->line[0]) +
		       n * sizeof(d->pt[0]) + ssrcs * sizeof(d->ssrc[0]) +
		       rids * sizeof(d->rid[0]));
	char *at = (char *)(out + 1);

	if (!out)
		return NULL;
	*out = (struct desc){.sender = d->sender,
			     .keyless = d->keyless,
			     .guess = d->guess,
			     .ext = d->ext,
			     .lines_n = (uint16_t)lines,
			     .n = (uint16_t)n,
			     .ssrcs_n = (uint16_t)ssrcs,
			     .rids_n = (uint16_t)rids};
	snprintf(out->srtp, sizeof(out->srtp), "%s", d->srtp ? d->srtp : "");
	out->line = rows(&at, d->line, lines, sizeof(d->line[0]));
	out->pt = rows(&at, d->pt, n, sizeof(d->pt[0]));
	out->ssrc = rows(&at, d->ssrc, ssrcs, sizeof(d->ssrc[0]));
	out->rid = rows(&at, d->rid, rids, sizeof(d->rid[0]));
	out->exts = any_ext(&out->ext);
	out->rich = is_rich(out);
	return out;
}

void descs_free(struct descs *d)
{
	for (int i = 0; i < 2; i++) {
		free(d->dir[i]);
		free(d->wide[i]);
	}
	*d = (struct descs){0};
}

/* What is longer than the field was cut there. */
static bool is_text(const char *field, size_t size, struct slice s)
{
	return slice_eq(slice_of(field, strnlen(field, size)),
			slice_head(s, size - 1));
}

int desc_line_of_mid(const struct desc *d, struct slice mid)
{
	for (int i = 0; i < d->lines_n; i++)
		if (is_text(d->line[i].mid, MEDIA_MID, mid))
			return i;
	return -1;
}

int desc_line_of_rid(const struct desc *d, struct slice rid)
{
	int line = -1;

	for (int i = 0; i < d->rids_n; i++) {
		if (!is_text(d->rid[i].rid, MEDIA_RID, rid))
			continue;
		if (line >= 0 && line != d->rid[i].line)
			return -1;
		line = d->rid[i].line;
	}
	return line < d->lines_n ? line : -1;
}

int desc_line_of_pt(const struct desc *d, uint8_t pt)
{
	uint32_t lines = 0;

	for (size_t i = 0; i < d->n; i++)
		if (d->pt[i].pt == pt)
			lines |= d->pt[i].lines ? d->pt[i].lines : UINT32_MAX;
	lines &= (1u << d->lines_n) - 1;
	return lines && !(lines & (lines - 1)) ? __builtin_ctz(lines) : -1;
}

const struct media_ssrc *desc_ssrc(const struct desc *d, uint32_t ssrc)
{
	for (size_t i = 0; i < d->ssrcs_n; i++)
		if (d->ssrc[i].ssrc == ssrc)
			return &d->ssrc[i];
	return NULL;
}
