/*
 * An engine for tests, packets for it layer by layer, and the records that it
 * gives. Times are milliseconds after MADE_T0. Hosts are 10.0.0.N.
 */
#ifndef TESTS_MADE_ENGINE_H
#define TESTS_MADE_ENGINE_H

#include "sniffer/engine/engine.h"
#include "tests/made_stun.h"

#define MADE_MS 1000000ull
#define MADE_S	1000000000ull
#define MADE_T0 (1700000000ull * MADE_S)

enum {
	MADE_RECORDS = 64,
	MADE_BYTES = 8192, /* of one datagram or segment */
	MADE_UDP_HEAD = 28,
};

struct made_engine {
	struct engine *engine;
	struct cdr *got[MADE_RECORDS];
	size_t got_n;
	uint64_t frames;
};

/* Limits that are not hit by chance. */
struct engine_config made_engine_config(void);
/* They abort without memory. With TEST_WORKERS=N in the environment there are
 * so many media workers, whatever cfg says. */
void made_engine_begin(struct made_engine *m, const struct engine_config *cfg);
void made_engine_end(struct made_engine *m); /* of the input */
/* Records of what is over so far are there. */
void made_engine_settle(struct made_engine *m);
void made_engine_free(struct made_engine *m);

uint64_t made_counted(const struct made_engine *m, const char *name);
/* The only record; aborts with what there is otherwise. */
const struct cdr *made_only(const struct made_engine *m);

static inline struct addr made_at(uint8_t host, uint16_t port)
{
	const uint8_t ip[4] = {10, 0, 0, host};

	return addr_v4(ip, port);
}

void made_udp(struct made_engine *m, uint64_t ms, struct addr from,
	      struct addr to, struct slice data);
/* The same as bytes of IPv4, MADE_UDP_HEAD more than data; answers how many. */
size_t made_udp_bytes(uint8_t *out, struct addr from, struct addr to,
		      struct slice data);
/* Any other protocol. */
void made_ip(struct made_engine *m, uint64_t ms, struct addr from,
	     struct addr to, uint8_t protocol, struct slice data);

/* --- TCP ---------------------------------------------------------------- */

struct made_tcp {
	struct addr end[2]; /* 0: the client */
	uint32_t seq[2];
};

/* With its handshake. */
void made_tcp_open(struct made_engine *m, uint64_t ms, struct made_tcp *t,
		   struct addr client, struct addr server);
void made_tcp_send(struct made_engine *m, uint64_t ms, struct made_tcp *t,
		   unsigned from, struct slice data);

/* A WebSocket on it: its opening handshake; a text message, masked where the
 * client sends it. */
void made_ws_open(struct made_engine *m, uint64_t ms, struct made_tcp *t);
void made_ws_text(struct made_engine *m, uint64_t ms, struct made_tcp *t,
		  unsigned from, const char *text);

/* --- RTP ---------------------------------------------------------------- */

struct made_rtp {
	struct addr from, to;
	uint32_t ssrc;
	uint16_t seq; /* of the first */
	unsigned n;
	uint8_t pt;
};

/* The packet number i of it; answers its length. */
size_t made_rtp_packet(const struct made_rtp *r, unsigned i, uint8_t out[172]);
/* One each 20 ms. */
void made_rtp(struct made_engine *m, uint64_t ms, const struct made_rtp *r);

/* --- ICE ---------------------------------------------------------------- */

/* A check and its answer. */
struct made_check {
	struct addr from, to;
	const char *sender, *receiver; /* ufrags */
	const char *pwd;	       /* the receiver's; NULL: no integrity */
	bool controlled, use;
	uint32_t tid;
};

void made_check_request(struct stun_bytes *s, const struct made_check *c);
void made_check_answer(struct stun_bytes *s, const struct made_check *c);
/* Both, 10 ms apart. */
void made_check(struct made_engine *m, uint64_t ms, const struct made_check *c);

#endif
