#include "sniffer/capture/tap.h"

#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sniffer/capture/reader.h"
#include "sniffer/capture/tap_pcap.h"

#define IDLE_MS 25  /* without packets, until the time is told */
#define LOOK_MS 500 /* how often the interface is looked at */

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

enum link_state {
	LINK_UP,
	LINK_NO_CARRIER, /* up, but nothing is plugged in */
	LINK_DOWN,
	LINK_GONE,
};

struct tap {
	struct source head;
	char *name, *filter;
	struct live_options opt;
	struct fanout *fanout;
	int ctl; /* a socket to ask of interfaces */

	pcap_t *pcap; /* NULL while there is none to read */
	int index;    /* of the interface that it reads */
	uint16_t linktype;
	uint32_t unit_ns;
	uint32_t dropped;  /* as last seen: the kernel's count wraps */
	uint64_t since_ns; /* older packets came before the share was taken */
	enum link_state link;
	bool quiet;
	bool complained;  /* that it cannot be opened again */
	bool broken;	  /* the last read failed */
	bool flowing;	  /* it brought packets */
	uint64_t look_ns; /* when it was looked at last, steady */
	uint64_t stop_ns; /* when it was to end, of the day; 0 = not yet */
	uint64_t now_ns;  /* all before it was handed out */
	uint64_t number;
	atomic_bool up;

	/* of the drain that runs */
	void (*take)(void *arg, const struct frame *f);
	void *arg;
};

static struct tap *self(struct source *s)
{
	return (struct tap *)s;
}

static uint64_t clock_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void say(struct tap *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct tap *t, const char *fmt, ...)
{
	char line[SOURCE_ERROR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (t->head.notice && !t->quiet)
		t->head.notice(t->head.notice_arg, line);
}

/* --- packets -------------------------------------------------------------- */

static void on_packet(u_char *user, const struct pcap_pkthdr *h,
		      const u_char *bytes)
{
	struct tap *t = (struct tap *)(void *)user;
	struct frame f = {
		.data = {bytes, h->caplen},
		.ts_ns = (uint64_t)h->ts.tv_sec * NS_PER_S +
			 (uint64_t)h->ts.tv_usec * t->unit_ns,
		.number = ++t->number,
		.wire_len = h->len > h->caplen ? h->len : h->caplen,
		.linktype = t->linktype,
		.ts_digits = t->unit_ns == 1 ? 9 : 6,
	};

	if (h->caplen > CAPLEN_LIMIT || f.ts_ns < t->since_ns)
		return;
	if (f.ts_ns > t->now_ns)
		t->now_ns = f.ts_ns;
	t->take(t->arg, &f);
}

/* How many there were; what went wrong shows with the next look. */
static int dispatch(struct tap *t, size_t max)
{
	int n;

	if (!t->pcap)
		return 0;
	n = pcap_dispatch(t->pcap, (int)max, on_packet, (u_char *)t);
	if (n < 0) {
		t->broken = true;
		t->look_ns = 0;
		return 0;
	}
	return n;
}

static void count_drops(struct tap *t)
{
	struct pcap_stat st;

	if (!t->pcap || pcap_stats(t->pcap, &st))
		return;
	t->head.stats.dropped_kernel += (uint32_t)(st.ps_drop - t->dropped);
	t->dropped = st.ps_drop;
}

/* --- the interface -------------------------------------------------------- */

static enum link_state look_at(const struct tap *t, int *index)
{
	struct ifreq r = {0};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", t->name);
	if (ioctl(t->ctl, SIOCGIFINDEX, &r))
		return errno == ENODEV ? LINK_GONE : t->link;
	*index = r.ifr_ifindex;
	if (ioctl(t->ctl, SIOCGIFFLAGS, &r))
		return errno == ENODEV ? LINK_GONE : t->link;
	if (!(r.ifr_flags & IFF_UP))
		return LINK_DOWN;
	return r.ifr_flags & IFF_RUNNING ? LINK_UP : LINK_NO_CARRIER;
}

static void let_go(struct tap *t)
{
	if (!t->pcap)
		return;
	count_drops(t);
	pcap_close(t->pcap);
	t->pcap = NULL;
	t->dropped = 0;
}

static void say_link(struct tap *t, enum link_state now)
{
	static const char *const texts[] = {
		[LINK_UP] = "is up again",
		[LINK_NO_CARRIER] = "has no link: is the mirror's port up?",
		[LINK_DOWN] = "is down; capture goes on when it is up again",
		[LINK_GONE] = "is gone; capture goes on when it is back",
	};

	if (now != t->link)
		say(t, "%s %s", t->name, texts[now]);
	t->link = now;
	atomic_store_explicit(&t->up, now == LINK_UP, memory_order_relaxed);
}

static int open_pcap(struct tap *t, char *err, size_t err_size)
{
	char note[SOURCE_ERROR_MAX] = "";
	int rc = tap_pcap_open(&t->pcap, t->name, &t->opt, note, err, err_size);
	int fd;

	if (rc)
		return rc;
	fd = pcap_get_selectable_fd(t->pcap);
	if (t->fanout)
		rc = fanout_join(t->fanout, fd);
	if (rc) {
		snprintf(err, err_size,
			 "the packets of %s cannot be shared out to several "
			 "threads: %s (leave capture-threads at 1)",
			 t->name, strerror(-rc));
		pcap_close(t->pcap);
		t->pcap = NULL;
		return rc;
	}
	/* What came before is another socket's as well. */
	if (t->fanout && t->opt.stamps == LIVE_STAMPS_HOST)
		t->since_ns = clock_of(CLOCK_REALTIME);
	t->linktype = linktype_of((uint32_t)pcap_datalink(t->pcap));
	t->unit_ns =
		pcap_get_tstamp_precision(t->pcap) == PCAP_TSTAMP_PRECISION_NANO
			? 1
			: 1000;
	t->broken = t->complained = false;
	if (*note)
		say(t, "%s", note);
	return 0;
}

/* It was gone, or its socket failed. */
static void open_again(struct tap *t, int index)
{
	char err[SOURCE_ERROR_MAX];
	int rc = open_pcap(t, err, sizeof(err));

	if (!rc) {
		t->index = index;
		say(t, "%s is captured again", t->name);
		return;
	}
	if (!t->complained && rc == -EPERM)
		say(t,
		    "%s cannot be captured again: this takes CAP_NET_RAW, "
		    "which was given up; restart callscope",
		    t->name);
	else if (!t->complained)
		say(t, "%s", err);
	t->complained = true;
}

static void look(struct tap *t)
{
	uint64_t now = clock_of(CLOCK_MONOTONIC);
	enum link_state link = LINK_UP;
	int index = t->index;

	if (t->look_ns && now - t->look_ns < LOOK_MS * NS_PER_MS)
		return;
	t->look_ns = now;
	count_drops(t);
	if (strcmp(t->name, "any"))
		link = look_at(t, &index);
	if (link == LINK_GONE || index != t->index || t->broken)
		let_go(t);
	say_link(t, link);
	if (!t->pcap && (link == LINK_UP || link == LINK_NO_CARRIER))
		open_again(t, index);
}

/* --- as a source ---------------------------------------------------------- */

/* After the end was asked for, what came before and lies in the kernel is
 * read: true while there may be some. */
static bool may_go_on(struct tap *t)
{
	uint64_t now, gone;

	if (!t->head.stop || !atomic_load(t->head.stop))
		return true;
	now = clock_of(CLOCK_REALTIME);
	if (!t->stop_ns)
		t->stop_ns = now;
	gone = now - t->stop_ns;
	return gone < 4 * TAP_KERNEL_MS * NS_PER_MS ||
	       (t->flowing && t->now_ns < t->stop_ns && gone < 2 * NS_PER_S);
}

static void wait_for_packets(struct tap *t)
{
	struct pollfd p = {
		.fd = t->pcap ? pcap_get_selectable_fd(t->pcap) : -1,
		.events = POLLIN,
	};

	/* An interface that is down says so at once, all the time. */
	if (poll(&p, 1, IDLE_MS) > 0 && p.revents & (POLLERR | POLLHUP) &&
	    !(p.revents & POLLIN))
		poll(NULL, 0, IDLE_MS);
}

static int tap_drain(struct source *s,
		     void (*take)(void *arg, const struct frame *f), void *arg,
		     size_t max)
{
	struct tap *t = self(s);
	uint64_t before = clock_of(CLOCK_REALTIME);
	int n;

	t->take = take;
	t->arg = arg;
	if (!may_go_on(t)) {
		count_drops(t);
		return 0;
	}
	look(t);
	n = dispatch(t, max);
	if (!n) {
		wait_for_packets(t);
		before = clock_of(CLOCK_REALTIME);
		n = dispatch(t, max);
	}
	t->flowing = n > 0;
	if (n)
		return n;
	before -= 2 * TAP_KERNEL_MS * NS_PER_MS;
	if (before > t->now_ns)
		t->now_ns = before;
	return -EAGAIN;
}

static uint64_t tap_now_ns(struct source *s)
{
	return self(s)->now_ns;
}

static bool tap_origin(const struct source *s, const struct frame *f,
		       struct source_origin *out)
{
	*out = (struct source_origin){((const struct tap *)s)->name, f->number};
	return true;
}

static void tap_figures(const struct source *s, struct source_tap *out)
{
	const struct tap *t = (const struct tap *)s;

	out->name = t->name;
	out->up = atomic_load_explicit(&t->up, memory_order_relaxed);
}

static void tap_close(struct source *s)
{
	struct tap *t = self(s);

	if (t->pcap)
		pcap_close(t->pcap);
	if (t->ctl >= 0)
		close(t->ctl);
	fanout_free(t->fanout);
	free(t->name);
	free(t->filter);
	free(t);
}

static const struct source_ops tap_ops = {
	.now_ns = tap_now_ns,
	.origin = tap_origin,
	.close = tap_close,
	.drain = tap_drain,
	.tap = tap_figures,
};

static struct tap *make(const struct tap_config *cfg)
{
	struct tap *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->head.ops = &tap_ops;
	t->opt = *cfg->opt;
	t->quiet = cfg->quiet;
	t->name = strdup(cfg->name);
	t->filter = cfg->opt->filter ? strdup(cfg->opt->filter) : NULL;
	t->opt.filter = t->filter;
	t->ctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (cfg->fanout)
		t->fanout = fanout_hold(cfg->fanout);
	if (t->name && t->ctl >= 0 && (t->filter || !cfg->opt->filter))
		return t;
	tap_close(&t->head);
	return NULL;
}

static void keep_note(void *arg, const char *line)
{
	struct tap *t = arg;

	faults_add(&t->head.notes, FAULT_IO, t->name, 0, "%s", line);
}

int tap_open(struct source **out, const struct tap_config *cfg, char *err,
	     size_t err_size)
{
	struct tap *t = make(cfg);
	int rc;

	if (!t) {
		snprintf(err, err_size, "not enough memory for a capture");
		return -ENOMEM;
	}
	t->head.notice = keep_note;
	t->head.notice_arg = t;
	rc = open_pcap(t, err, err_size);
	if (rc) {
		source_close(&t->head);
		return rc;
	}
	if (strcmp(t->name, "any"))
		t->link = look_at(t, &t->index);
	atomic_store(&t->up, t->link == LINK_UP);
	*out = &t->head;
	return 0;
}
