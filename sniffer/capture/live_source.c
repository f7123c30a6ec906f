#include "sniffer/capture/live_source.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sniffer/capture/reader.h"

#define IDLE_MS	    100 /* without packets, until the caller gets the time */
#define KERNEL_MS   50	/* a packet waits so long in the kernel at most */
#define BATCH_BYTES (4u << 20)

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

struct tap {
	char *name;
	pcap_t *pcap;
	uint32_t dropped; /* as last seen: the kernel's count wraps */
	uint16_t linktype;
	bool nano;
	bool dead; /* the interface went away */
};

struct live_source {
	struct source head;
	struct tap tap[LIVE_INTERFACES_MAX];
	size_t count;
	size_t turn; /* the tap that is read first */
	uint8_t *buf;
	size_t buf_used;
	uint32_t snaplen;
	uint64_t number;
	uint64_t now_ns;  /* all before it was handed out */
	uint64_t stop_ns; /* when the end was asked for; 0 = not yet */
	uint64_t drops_ns; /* when drops were counted last */
};

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Everything that libpcap gives is good only until its next packet. */
static void take(struct live_source *ls, size_t i, const struct pcap_pkthdr *h,
		 const u_char *bytes, struct frame *out)
{
	struct tap *t = &ls->tap[i];
	uint8_t *copy = ls->buf + ls->buf_used;
	uint32_t unit_ns = t->nano ? 1 : 1000;

	memcpy(copy, bytes, h->caplen);
	ls->buf_used += h->caplen;
	*out = (struct frame){
		.data = {copy, h->caplen},
		.ts_ns = (uint64_t)h->ts.tv_sec * NS_PER_S +
			 (uint64_t)h->ts.tv_usec * unit_ns,
		.number = ++ls->number,
		.wire_len = h->len > h->caplen ? h->len : h->caplen,
		.linktype = t->linktype,
		.iface = (uint16_t)i,
		.ts_digits = t->nano ? 9 : 6,
	};
}

static void on_read_error(struct live_source *ls, struct tap *t)
{
	t->dead = true;
	faults_add(&ls->head.faults, FAULT_IO, t->name, 0,
		   "the capture ended: %s", pcap_geterr(t->pcap));
}

/* What one tap has, up to max frames. */
static size_t drain(struct live_source *ls, size_t i, struct frame *out,
		    size_t max)
{
	struct tap *t = &ls->tap[i];
	size_t n = 0;

	while (n < max && !t->dead &&
	       ls->buf_used + ls->snaplen <= BATCH_BYTES) {
		struct pcap_pkthdr *h;
		const u_char *bytes;
		int rc = pcap_next_ex(t->pcap, &h, &bytes);

		if (rc == 0)
			break;
		if (rc < 0)
			on_read_error(ls, t);
		else if (h->caplen <= ls->snaplen)
			take(ls, i, h, bytes, &out[n++]);
	}
	return n;
}

/* Insertion: each tap's frames are sorted already, or nearly so. */
static void sort_by_time(struct frame *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct frame f = v[i];
		size_t at = i;

		for (; at > 0 && v[at - 1].ts_ns > f.ts_ns; at--)
			v[at] = v[at - 1];
		v[at] = f;
	}
}

/* Each tap in turn, another one first each time; an equal share each. */
static size_t drain_all(struct live_source *ls, struct frame *out, size_t max)
{
	size_t share = max / ls->count ? max / ls->count : 1;
	size_t n = 0;

	ls->buf_used = 0;
	for (size_t k = 0; k < ls->count && n < max; k++) {
		size_t i = (ls->turn + k) % ls->count;
		size_t left = max - n;

		n += drain(ls, i, out + n, share < left ? share : left);
	}
	ls->turn = (ls->turn + 1) % ls->count;
	if (ls->count > 1)
		sort_by_time(out, n);
	return n;
}

static void wait_for_packets(struct live_source *ls)
{
	struct pollfd fds[LIVE_INTERFACES_MAX];

	for (size_t i = 0; i < ls->count; i++) {
		struct tap *t = &ls->tap[i];

		fds[i] = (struct pollfd){
			.fd = t->dead ? -1 : pcap_get_selectable_fd(t->pcap),
			.events = POLLIN,
		};
	}
	poll(fds, ls->count, IDLE_MS);
}

static bool all_dead(const struct live_source *ls)
{
	for (size_t i = 0; i < ls->count; i++)
		if (!ls->tap[i].dead)
			return false;
	return true;
}

static void count_drops(struct live_source *ls, uint64_t now)
{
	for (size_t i = 0; i < ls->count; i++) {
		struct tap *t = &ls->tap[i];
		struct pcap_stat st;

		if (t->dead || pcap_stats(t->pcap, &st))
			continue;
		ls->head.stats.dropped_kernel +=
			(uint32_t)(st.ps_drop - t->dropped);
		t->dropped = st.ps_drop;
	}
	ls->drops_ns = now;
}

/* After the end was asked for, what the kernel still holds is read: true
 * while there may be some. */
static bool may_go_on(struct live_source *ls, uint64_t now)
{
	if (!ls->head.stop || !atomic_load(ls->head.stop))
		return true;
	if (!ls->stop_ns)
		ls->stop_ns = now;
	return now - ls->stop_ns < 2 * KERNEL_MS * NS_PER_MS;
}

static void set_now(struct live_source *ls, uint64_t ns)
{
	if (ns > ls->now_ns)
		ls->now_ns = ns;
}

static int live_read(struct source *s, struct frame *out, size_t max)
{
	struct live_source *ls = (struct live_source *)s;
	uint64_t before = clock_ns();
	size_t n = 0;

	if (may_go_on(ls, before))
		n = drain_all(ls, out, max);
	/* Under load there is no idle moment, and that is when they happen. */
	if (!n || before - ls->drops_ns > NS_PER_S)
		count_drops(ls, before);
	if (!n) {
		if (all_dead(ls) || !may_go_on(ls, before))
			return 0;
		wait_for_packets(ls);
		before = clock_ns();
		n = drain_all(ls, out, max);
	}
	if (n) {
		set_now(ls, out[n - 1].ts_ns);
		return (int)n;
	}
	set_now(ls, before - 2 * KERNEL_MS * NS_PER_MS);
	return -EAGAIN;
}

static uint64_t live_now_ns(struct source *s)
{
	return ((struct live_source *)s)->now_ns;
}

static void live_where(const struct source *s, const struct frame *f, char *buf,
		       size_t size)
{
	const struct live_source *ls = (const struct live_source *)s;

	snprintf(buf, size, "%s: packet %" PRIu64, ls->tap[f->iface].name,
		 f->number);
}

static void live_close(struct source *s)
{
	struct live_source *ls = (struct live_source *)s;

	for (size_t i = 0; i < ls->count; i++) {
		if (ls->tap[i].pcap)
			pcap_close(ls->tap[i].pcap);
		free(ls->tap[i].name);
	}
	free(ls->buf);
	free(ls);
}

static const struct source_ops live_ops = {
	live_read,
	live_now_ns,
	live_where,
	live_close,
};

static bool exists(const char *name)
{
	return !strcmp(name, "any") || if_nametoindex(name) != 0;
}

static int say_unknown(const char *name, char *err, size_t err_size)
{
	struct if_nameindex *all = if_nameindex();
	size_t at;

	snprintf(err, err_size, "no interface %s; there are: any", name);
	for (struct if_nameindex *it = all; it && it->if_name; it++) {
		at = strlen(err);
		snprintf(err + at, err_size - at, ", %s", it->if_name);
	}
	if_freenameindex(all);
	return -ENODEV;
}

static int say_denied(const char *name, char *err, size_t err_size)
{
	char self[256];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = 0;
	snprintf(err, err_size,
		 "no permission to capture on %s: it takes CAP_NET_RAW. Run "
		 "as root, or once:\n"
		 "  setcap cap_net_raw,cap_net_admin+ep %s",
		 name, n > 0 ? self : "PATH");
	return -EPERM;
}

/* libpcap's answer to pcap_activate() as a sentence. */
static int say_why(pcap_t *p, int rc, const char *name, char *err,
		   size_t err_size)
{
	bool denied = rc == PCAP_ERROR_PERM_DENIED ||
		      rc == PCAP_ERROR_PROMISC_PERM_DENIED;

	if (rc == PCAP_ERROR_NO_SUCH_DEVICE || (denied && !exists(name)))
		return say_unknown(name, err, err_size);
	if (denied)
		return say_denied(name, err, err_size);
	snprintf(err, err_size, "cannot capture on %s: %s (%s)", name,
		 pcap_statustostr(rc), pcap_geterr(p));
	return -EIO;
}

static pcap_t *create(const char *name, const struct live_options *opt,
		      uint32_t snaplen, char *err, size_t err_size)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_create(name, why);

	if (!p) {
		snprintf(err, err_size, "cannot capture on %s: %s", name, why);
		return NULL;
	}
	pcap_set_snaplen(p, (int)snaplen);
	pcap_set_promisc(p, opt->promiscuous);
	pcap_set_timeout(p, KERNEL_MS);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	if (opt->buffer_bytes)
		pcap_set_buffer_size(p, (int)opt->buffer_bytes);
	return p;
}

/* One more tap; what it has got is closed with the source also on failure.
 * 0 or -errno. */
static int add_tap(struct live_source *ls, const char *name,
		   const struct live_options *opt, char *err, size_t err_size)
{
	struct tap *t = &ls->tap[ls->count++];
	char why[PCAP_ERRBUF_SIZE];
	int rc;

	t->name = strdup(name);
	t->pcap = create(name, opt, ls->snaplen, err, err_size);
	if (!t->name || !t->pcap)
		return -ENOMEM;
	rc = pcap_activate(t->pcap);
	if (rc < 0)
		return say_why(t->pcap, rc, name, err, err_size);
	if (rc > 0)
		faults_add(&ls->head.notes, FAULT_IO, name, 0, "%s",
			   pcap_statustostr(rc));
	if (pcap_setnonblock(t->pcap, 1, why) < 0) {
		snprintf(err, err_size, "cannot capture on %s: %s", name, why);
		return -EIO;
	}
	t->linktype = linktype_of((uint32_t)pcap_datalink(t->pcap));
	t->nano = pcap_get_tstamp_precision(t->pcap) ==
		  PCAP_TSTAMP_PRECISION_NANO;
	return 0;
}

int live_source_open(struct source **out, const char *const *names,
		     size_t count, const struct live_options *opt, char *err,
		     size_t err_size)
{
	struct live_source *ls = calloc(1, sizeof(*ls));
	int rc = 0;

	snprintf(err, err_size, "out of memory");
	if (!ls)
		return -ENOMEM;
	ls->head.ops = &live_ops;
	ls->snaplen = opt->snaplen && opt->snaplen < CAPLEN_LIMIT
			      ? opt->snaplen
			      : CAPLEN_LIMIT;
	ls->buf = malloc(BATCH_BYTES);
	if (!ls->buf)
		rc = -ENOMEM;
	if (count > LIVE_INTERFACES_MAX) {
		snprintf(err, err_size, "more than %d interfaces",
			 LIVE_INTERFACES_MAX);
		rc = -E2BIG;
	}
	for (size_t i = 0; !rc && i < count; i++)
		rc = add_tap(ls, names[i], opt, err, err_size);
	if (rc) {
		source_close(&ls->head);
		return rc;
	}
	*out = &ls->head;
	return 0;
}
