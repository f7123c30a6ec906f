#include "sniffer/progress.h"

#include <time.h>
#include <unistd.h>

#define EVERY_US 250000

uint64_t progress_clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void progress_begin(struct progress *p, FILE *to)
{
	*p = (struct progress){.begin_us = progress_clock_us()};
	if (isatty(fileno(to)))
		p->to = to;
}

static void show_left(const struct progress *p, const struct progress_now *now,
		      double elapsed_s)
{
	double done = (double)now->bytes_read / (double)now->bytes_total;

	if (done > 1)
		done = 1;
	fprintf(p->to, "%3.0f %%", 100 * done);
	if (done > 0.01 && elapsed_s > 1)
		fprintf(p->to, "  %.0f s left", elapsed_s / done - elapsed_s);
}

void progress_show(struct progress *p, const struct progress_now *now)
{
	uint64_t us;
	double elapsed_s;

	if (!p->to)
		return;
	us = progress_clock_us();
	if (us - p->shown_us < EVERY_US)
		return;
	p->shown_us = us;
	p->on_screen = true;
	elapsed_s = (double)(us - p->begin_us) / 1e6;
	fputs("\r\033[K", p->to);
	if (now->bytes_total)
		show_left(p, now, elapsed_s);
	fprintf(p->to, "  %.2f Mpackets  %.0f kpackets/s  %llu calls",
		(double)now->packets / 1e6,
		elapsed_s > 0 ? (double)now->packets / 1e3 / elapsed_s : 0,
		(unsigned long long)now->calls);
	fflush(p->to);
}

void progress_clear(struct progress *p)
{
	if (!p->to || !p->on_screen)
		return;
	fputs("\r\033[K", p->to);
	fflush(p->to);
	p->on_screen = false;
}
