#include "sniffer/table.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sniffer/cell.h"

#define WORDS_MAX 32

enum column {
	TIME,
	CALLER,
	CALLEE,
	DURATION,
	STATUS,
	CODEC,
	MOS,
	LOSS,
	FLAGS,
	COLUMNS,
};

/* The widths and a blank between them make TABLE_WIDTH. */
static const struct {
	const char *title;
	unsigned width;
	bool right;
} columns[COLUMNS] = {
	[TIME] = {"time", 14, false},	  [CALLER] = {"caller", 15, false},
	[CALLEE] = {"callee", 15, false}, [DURATION] = {"dur", 7, true},
	[STATUS] = {"status", 6, true},	  [CODEC] = {"codec", 7, false},
	[MOS] = {"MOS a|b", 7, false},	  [LOSS] = {"loss %", 7, false},
	[FLAGS] = {"flags", 14, false},
};

struct table {
	FILE *to;
	bool utc, tty, colours, begun;
	locale_t chars;
	struct cell cell[COLUMNS];
};

struct table *table_new(FILE *to, bool utc)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->to = to;
	t->utc = utc;
	t->tty = isatty(fileno(to));
	t->colours = t->tty && !getenv("NO_COLOR");
	t->chars = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	if (t->chars)
		freelocale(t->chars);
	free(t);
}

/* --- lines ---------------------------------------------------------------- */

static void begin_line(struct table *t)
{
	for (size_t i = 0; i < COLUMNS; i++)
		cell_begin(&t->cell[i], columns[i].width, t->chars);
}

/* last: no blanks at the end of the line. */
static void print_cell(const struct table *t, size_t i, const char *colour,
		       bool last)
{
	const struct cell *c = &t->cell[i];
	int pad = (int)(columns[i].width - c->width);

	if (columns[i].right)
		fprintf(t->to, "%*s", pad, "");
	if (*colour && t->colours)
		fprintf(t->to, "%s%s\033[0m", colour, c->text);
	else
		fputs(c->text, t->to);
	if (!columns[i].right && !last)
		fprintf(t->to, "%*s", pad, "");
	fputc(last ? '\n' : ' ', t->to);
}

static void end_line(struct table *t, const char *colour, const char *flags)
{
	size_t last = COLUMNS - 1;

	while (last && !t->cell[last].len)
		last--;
	for (size_t i = 0; i <= last; i++)
		print_cell(t, i, i == FLAGS ? flags : colour, i == last);
	if (t->tty)
		fflush(t->to);
}

static void split_time(const struct table *t, uint64_t ns, struct tm *tm)
{
	time_t s = (time_t)(ns / 1000000000);

	if (t->utc)
		gmtime_r(&s, tm);
	else
		localtime_r(&s, tm);
}

/* The zone is that of the first call. */
static void header(struct table *t, uint64_t ns)
{
	struct tm tm;
	char zone[16];

	split_time(t, ns, &tm);
	if (t->utc || !strftime(zone, sizeof(zone), "%Z", &tm))
		snprintf(zone, sizeof(zone), "UTC");
	begin_line(t);
	for (size_t i = 0; i < COLUMNS; i++)
		cell_str(&t->cell[i], columns[i].title);
	cell_str(&t->cell[TIME], " ");
	cell_str(&t->cell[TIME], zone);
	end_line(t, "\033[1m", "\033[1m");
	t->begun = true;
}

/* --- cells ---------------------------------------------------------------- */

static void put_time(struct table *t, uint64_t ns)
{
	struct tm tm;
	char text[32];

	if (!ns)
		return;
	split_time(t, ns, &tm);
	if (strftime(text, sizeof(text), "%m-%d %H:%M:%S", &tm))
		cell_str(&t->cell[TIME], text);
}

/* Half a port would mislead: it goes when there is no room for all. */
static void put_addr(struct cell *c, const struct addr *a)
{
	char text[ADDR_TEXT];

	if (strlen(addr_text(a, text)) > c->max)
		addr_ip_text(a, text);
	cell_str(c, text);
}

/* The user, else what else names the party. */
static void put_party(struct cell *c, const struct cdr_party *p)
{
	if (p->user.len)
		cell_put(c, p->user);
	else if (p->host.len)
		cell_put(c, p->host);
	else if (p->uri.len)
		cell_put(c, p->uri);
	else
		cell_str(c, "-");
}

static void put_addrs(struct table *t, const struct addr *a,
		      const struct addr *b)
{
	put_addr(&t->cell[CALLER], a);
	put_addr(&t->cell[CALLEE], b);
}

/* Where each side sends from; of a side that sends nothing, where the other
 * one sends to. */
static void put_senders(struct table *t, const struct cdr_call *c)
{
	const struct addr *from[2] = {NULL, NULL}, *to[2] = {NULL, NULL};

	for (size_t i = 0; i < c->streams_n; i++) {
		const struct cdr_stream *s = &c->streams[i];
		unsigned party = s->sender && !strcmp(s->sender, "b");

		if (s->hop != 1 || from[party])
			continue;
		from[party] = &s->src;
		to[!party] = &s->dst;
	}
	for (unsigned p = 0; p < 2; p++)
		if (from[p] || to[p])
			put_addr(&t->cell[p ? CALLEE : CALLER],
				 from[p] ? from[p] : to[p]);
}

/* Of a session: where media went, or was tried to go. */
static void put_parties(struct table *t, const struct cdr *cdr)
{
	const struct cdr_call *c = &cdr->call;

	if (cdr->kind == CDR_CALL) {
		put_party(&t->cell[CALLER], &c->caller);
		put_party(&t->cell[CALLEE], &c->callee);
	} else if (c->streams_n) {
		put_senders(t, c);
	} else if (c->dtls_n) {
		put_addrs(t, &c->dtls[0].client, &c->dtls[0].server);
	} else if (c->ice_n && c->ice[0].pairs_n) {
		put_addrs(t, &c->ice[0].pairs[0].local,
			  &c->ice[0].pairs[0].remote);
	} else if (c->turn_n) {
		put_addrs(t, &c->turn[0].client, &c->turn[0].server);
	}
}

static void put_duration(struct cell *c, int64_t us)
{
	unsigned long s = (unsigned long)(us / 1000000);
	char text[32];

	if (us == CDR_NO_US || us < 0)
		snprintf(text, sizeof(text), "-");
	else if (s < 3600)
		snprintf(text, sizeof(text), "%lu:%02lu", s / 60, s % 60);
	else if (s < 36000)
		snprintf(text, sizeof(text), "%lu:%02lu:%02lu", s / 3600,
			 s / 60 % 60, s % 60);
	else
		snprintf(text, sizeof(text), "%luh%02lum", s / 3600,
			 s / 60 % 60);
	cell_str(c, text);
}

static void put_status(struct cell *c, const struct cdr *cdr)
{
	char text[16] = "-";

	if (cdr->kind == CDR_SESSION)
		cell_str(c, cdr->call.kind ? cdr->call.kind : "-");
	else if (cdr->call.status == CDR_NO_U32)
		cell_str(c, "-");
	else {
		snprintf(text, sizeof(text), "%u", cdr->call.status);
		cell_str(c, text);
	}
}

/* What both sides send, or each when they differ. */
static void put_codec(struct cell *c, const struct cdr_call *call)
{
	struct slice a = call->a.codec, b = call->b.codec;

	if (!a.len && !b.len && call->streams_n)
		a = call->streams[0].codec;
	cell_put(c, a.len ? a : b);
	if (a.len && b.len && !slice_ieq(a, b)) {
		cell_str(c, "|");
		cell_put(c, b);
	}
}

/* At most three columns: one digit behind the point below ten. */
static void number(char text[16], double v)
{
	unsigned tenths = v > 0 && v < 9.95 ? (unsigned)lround(v * 10) : 0;

	if (!isfinite(v) || v < 0)
		snprintf(text, 16, "-");
	else if (v == 0)
		snprintf(text, 16, "0");
	else if (v >= 9.95)
		snprintf(text, 16, "%u", v < 999 ? (unsigned)lround(v) : 999);
	else
		snprintf(text, 16, "%u.%u", tenths / 10, tenths % 10);
}

static void put_pair(struct cell *c, double a, double b)
{
	char left[16], right[16], text[40];

	number(left, a);
	number(right, b);
	snprintf(text, sizeof(text), "%3s|%s", left, right);
	cell_str(c, text);
}

static void put_quality(struct table *t, const struct cdr_call *call)
{
	bool a = call->a.stream_uid[0], b = call->b.stream_uid[0];

	if (!a && !b)
		return;
	put_pair(&t->cell[MOS], a ? call->a.mos.adaptive : NAN,
		 b ? call->b.mos.adaptive : NAN);
	put_pair(&t->cell[LOSS], a ? call->a.loss_pct : NAN,
		 b ? call->b.loss_pct : NAN);
}

/* --- flags ---------------------------------------------------------------- */

struct words {
	const char *v[WORDS_MAX];
	size_t n;
	bool error;
};

static void add_word(struct words *w, const char *word)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->v[i], word))
			return;
	if (w->n < WORDS_MAX)
		w->v[w->n++] = word;
}

static void add_diagnoses(struct words *w, const struct cdr_call *call,
			  const char *severity)
{
	for (size_t i = 0; i < call->diagnoses_n; i++) {
		const struct cdr_diagnosis *d = &call->diagnoses[i];

		if (d->code && d->severity && !strcmp(d->severity, severity))
			add_word(w, d->code);
	}
}

/* The states that the status does not tell. */
static bool is_telling(const char *state)
{
	return state &&
	       (!strcmp(state, "active") || !strcmp(state, "unanswered") ||
		!strcmp(state, "interrupted"));
}

static void collect(struct words *w, const struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;

	add_diagnoses(w, call, "error");
	w->error = w->n > 0;
	if (is_telling(call->state))
		add_word(w, call->state);
	add_diagnoses(w, call, "warning");
	if (cdr->partial)
		add_word(w, "partial");
	add_diagnoses(w, call, "notice");
}

/* Whole words as far as they fit, then how many more there are. */
static void put_words(struct cell *c, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		size_t left = w->n - i - 1;
		size_t need = strlen(w->v[i]) + (i > 0) + (left ? 3 : 0);
		char more[24];

		if (i && c->width + need > c->max) {
			snprintf(more, sizeof(more), " +%zu", left + 1);
			cell_str(c, more);
			return;
		}
		if (i)
			cell_str(c, " ");
		cell_str(c, w->v[i]);
	}
}

/* Of a call that was up before, the first that was seen of it. */
static uint64_t time_of(const struct cdr_call *call)
{
	uint64_t first = call->messages_n ? call->messages[0].time : 0;

	return call->start ? call->start : first;
}

void table_row(struct table *t, const struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;
	struct words w = {0};

	if (cdr->kind != CDR_CALL && cdr->kind != CDR_SESSION)
		return;
	if (!t->begun)
		header(t, time_of(call));
	collect(&w, cdr);
	begin_line(t);
	put_time(t, time_of(call));
	put_parties(t, cdr);
	put_duration(&t->cell[DURATION], call->duration_us);
	put_status(&t->cell[STATUS], cdr);
	put_codec(&t->cell[CODEC], call);
	put_quality(t, call);
	put_words(&t->cell[FLAGS], &w);
	end_line(t, "", w.error ? "\033[31m" : "");
}
