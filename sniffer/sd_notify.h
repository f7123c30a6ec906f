/*
 * What systemd is told of a service (sd_notify(3)), without its library: a
 * datagram to the socket that NOTIFY_SOCKET names. Where there is none, all of
 * this does nothing.
 */
#ifndef SNIFFER_SD_NOTIFY_H
#define SNIFFER_SD_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct sd_notify {
	int fd;		      /* connected; -1 = nobody listens */
	uint64_t watchdog_us; /* a sign of life is due this often; 0 = none */
};

/* From the environment, which is left as it is. */
void sd_notify_open(struct sd_notify *n);
void sd_notify_close(struct sd_notify *n);

/* Lines "NAME=value", separated by newlines. */
void sd_notify_send(const struct sd_notify *n, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* RELOADING=1 with the time that systemd wants beside it. */
void sd_notify_reloading(const struct sd_notify *n);

#endif
