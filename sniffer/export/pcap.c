/* Calls as packets, in order of time. */
#include <errno.h>
#include <stdlib.h>

#include "sniffer/export/packets.h"
#include "storage/pcapfile.h"

#define BATCH 64

/* What the packets are, which decides how they can be written. */
struct look {
	struct pcapfile_kind kind[PCAPFILE_IFACES];
	size_t kinds;
	bool too_many; /* kinds */
	bool secrets;
	uint64_t packets;
};

struct writing {
	struct out out;
	struct look look;
	bool ng, no_secrets;
	uint64_t packets, left_out;
};

static struct pcapfile_kind kind_of(const struct frame *f)
{
	return (struct pcapfile_kind){f->linktype, f->ts_digits};
}

/* The number of a kind; look->kinds when there is no place. */
static size_t kind_index(struct look *l, struct pcapfile_kind kind)
{
	size_t i = 0;

	while (i < l->kinds && !pcapfile_same_kind(l->kind[i], kind))
		i++;
	if (i == l->kinds && i < PCAPFILE_IFACES)
		l->kind[l->kinds++] = kind;
	return i;
}

static void on_secrets(void *arg, struct slice keylog)
{
	struct look *l = arg;

	(void)keylog;
	l->secrets = true;
}

static int open_packets(struct packets *p, const struct export_job *job,
			const struct export_calls *calls,
			void (*secrets)(void *arg, struct slice keylog),
			void *arg, char why[EXPORT_WHY])
{
	int err = packets_open(p, job->dir, calls, why);

	if (err)
		return err;
	p->source->secrets = secrets;
	p->source->secrets_arg = arg;
	p->source->stop = job->stop;
	return 0;
}

static int look_at(struct export_job *job, const struct export_calls *calls,
		   struct look *l, char why[EXPORT_WHY])
{
	struct frame frames[BATCH];
	struct packets p;
	int n, err = open_packets(&p, job, calls, on_secrets, l, why);

	if (err)
		return err;
	while ((n = source_read(p.source, frames, BATCH)) > 0)
		for (int i = 0; i < n; i++) {
			if (kind_index(l, kind_of(&frames[i])) ==
			    PCAPFILE_IFACES)
				l->too_many = true;
			l->packets++;
		}
	if (packets_damage(&p, why))
		export_say(job, "%s", why);
	packets_close(&p);
	return 0;
}

/* A classic file has one link type, one resolution and no secrets. */
static bool fits_classic(struct look *l)
{
	for (size_t i = 1; i < l->kinds; i++)
		if (l->kind[i].linktype != l->kind[0].linktype)
			return false;
	return !l->secrets && !l->too_many;
}

/* The finest resolution holds all. */
static uint8_t finest(const struct look *l)
{
	uint8_t digits = 6;

	for (size_t i = 0; i < l->kinds; i++)
		if (l->kind[i].ts_digits > digits)
			digits = l->kind[i].ts_digits;
	return digits;
}

static void put_head(struct writing *w)
{
	if (w->ng) {
		pcapfile_ng_put_section(&w->out.buf);
		for (size_t i = 0; i < w->look.kinds; i++)
			pcapfile_ng_put_iface(&w->out.buf, w->look.kind[i]);
		return;
	}
	w->look.kind[0].ts_digits = finest(&w->look);
	pcapfile_put_header(&w->out.buf, w->look.kind[0]);
}

static void put_frame(struct writing *w, const struct frame *f)
{
	size_t iface = kind_index(&w->look, kind_of(f));
	struct pcapfile_packet p = {
		.kind = kind_of(f),
		.sec = (uint32_t)(f->ts_ns / 1000000000),
		.wire_len = f->wire_len,
		.data = f->data,
	};
	uint32_t ns = (uint32_t)(f->ts_ns % 1000000000);

	if (w->ng && iface == PCAPFILE_IFACES) {
		w->left_out++;
		return;
	}
	if (!w->ng)
		p.kind = w->look.kind[0];
	p.frac = p.kind.ts_digits == 9 ? ns : ns / 1000;
	if (w->ng)
		pcapfile_ng_put_packet(&w->out.buf, (uint32_t)iface, &p);
	else
		pcapfile_put_packet(&w->out.buf, &p);
	w->packets++;
}

static void put_secrets(void *arg, struct slice keylog)
{
	struct writing *w = arg;

	if (w->ng && !w->no_secrets)
		pcapfile_ng_put_secrets(&w->out.buf, keylog);
}

static int put_frames(struct export_job *job, const struct export_calls *calls,
		      struct writing *w, char why[EXPORT_WHY])
{
	struct frame frames[BATCH];
	struct packets p;
	int n, err = open_packets(&p, job, calls, put_secrets, w, why);

	if (err)
		return err;
	put_head(w);
	while (!err && (n = source_read(p.source, frames, BATCH)) > 0) {
		for (int i = 0; i < n; i++)
			put_frame(w, &frames[i]);
		err = out_put(&w->out, why);
	}
	packets_close(&p);
	return err;
}

static void tell(struct export_job *job, const char *path,
		 const struct writing *w, size_t calls)
{
	if (w->left_out)
		export_say(job,
			   "%s: %llu packets were left out: more than %d kinds "
			   "of link types and resolutions",
			   path, (unsigned long long)w->left_out,
			   PCAPFILE_IFACES);
	if (w->ng && job->format == EXPORT_PCAP)
		export_say(job, "%s is a pcapng: %s", path,
			   w->look.secrets ? "it carries secrets"
					   : "it has several link types");
	export_say(job, "%s: %llu packets of %zu call%s", path,
		   (unsigned long long)w->packets, calls,
		   calls == 1 ? "" : "s");
	job->files++;
}

static int write_file(struct export_job *job, const struct export_calls *calls,
		      const char *path, struct writing *w, char why[EXPORT_WHY])
{
	int err = job->to_fd ? out_borrow(&w->out, job->fd, job->file_max, why)
			     : out_open(&w->out, path, job->force, false, why);

	if (err)
		return err;
	err = put_frames(job, calls, w, why);
	if (!err)
		err = export_check_stop(job, why);
	if (!err)
		err = out_close(&w->out, why);
	out_drop(&w->out);
	return err;
}

int export_packets(struct export_job *job, const struct export_calls *calls,
		   const char *name, char why[EXPORT_WHY])
{
	struct writing w = {0};
	char *path;
	int err = look_at(job, calls, &w.look, why);

	if (err)
		return err;
	w.look.secrets &= !job->no_secrets;
	if (!w.look.packets) {
		snprintf(why, EXPORT_WHY, "%s: its recording has no packets",
			 calls->n ? calls->v[0].uid : "no call");
		return -ENODATA;
	}
	job->ng = w.ng = job->format == EXPORT_PCAPNG || !fits_classic(&w.look);
	w.no_secrets = job->no_secrets;
	path = export_path(job, name, w.ng ? "pcapng" : "pcap");
	if (!path) {
		snprintf(why, EXPORT_WHY, "out of memory");
		return -ENOMEM;
	}
	err = write_file(job, calls, path, &w, why);
	if (!err)
		tell(job, path, &w, calls->n);
	free(path);
	return err;
}
