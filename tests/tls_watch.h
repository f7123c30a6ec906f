/*
 * Two sides that talk over TLS, and somebody who watches: OpenSSL talks with
 * itself, what went over the wire is fed in many ways, and what comes out is
 * held against what was said.
 */
#ifndef TESTS_TLS_WATCH_H
#define TESTS_TLS_WATCH_H

#include <check.h>

#include "sniffer/net/tls_plain.h"
#include "tests/tls_pair.h"

enum {
	ROOM = 1 << 20,
};

struct tls_watch {
	struct counters counters;
	struct keylog *keys;
	struct tls_mem mem;
	struct tls_conn *conn;
	uint8_t *got[2];
	size_t len[2];
	char order[256]; /* who spoke, in turns: "cscs" */
	unsigned holes[2];
	uint64_t ts_ns, last_ns;
};

struct tls_talk {
	struct tls_pair pair;
	uint8_t *said[2];
	size_t len[2];
};

/* Certificates, made by tls_watch_run(). */
extern struct tls_identity tls_ec, tls_rsa;

/* Versions and suites that can be opened. */
struct tls_row {
	int version;
	const char *suite; /* OpenSSL's name */
	const char *kind;  /* rsa: with that certificate, psk: without */
	uint64_t options;
};
extern const struct tls_row tls_rows[];
extern const size_t tls_rows_n;

/* Runs the suite; the answer is main()'s. */
int tls_watch_run(Suite *s);

struct tls_watch *tls_watch_new(size_t hold);
void tls_watch_free(struct tls_watch *w);
void tls_watch_keys(struct tls_watch *w, const struct tls_talk *t);
enum tls_state tls_watch_state(const struct tls_watch *w);

struct tls_talk *tls_talk_new(const struct tls_pair_config *cfg);
void tls_talk_free(struct tls_talk *t);
/* What is said, without and with sending it. */
void tls_note(struct tls_talk *t, int from, size_t len);
void tls_say(struct tls_talk *t, int from, size_t len);
/* Small, long, and of one byte. */
void tls_dialogue(struct tls_talk *t);
/* A handshake and a dialogue. */
struct tls_talk *tls_talk(const struct tls_pair_config *cfg);
struct tls_pair_config tls_config(int version, const char *suite);
struct tls_talk *tls_row_talk(int i);

/* Pieces first to last, each cut into parts of so many bytes. */
void tls_feed(struct tls_watch *w, const struct tls_talk *t, size_t first,
	      size_t last, size_t part);
void tls_feed_all(struct tls_watch *w, const struct tls_talk *t);

/* All that was said came out. */
void tls_same(const struct tls_watch *w, const struct tls_talk *t);
uint64_t tls_counted(const struct tls_watch *w, const char *name);
/* Nothing is counted but what must be. */
void tls_clean(const struct tls_watch *w);

#endif
