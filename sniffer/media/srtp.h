/*
 * SRTP and SRTCP opened by libsrtp2. A box opens what one master key
 * protects in one direction of a flow: any number of SSRCs, each with its own
 * rollover counter and replay list; they share the derived keys. One owner.
 *
 * What a box costs with Debian's libsrtp, which is built on NSS: 30 KB and 50
 * to 200 us, an SSRC half a KB, a packet 1 us (GCM) or 3 us (AES-CM), right or
 * wrong, and a few times that with thousands of boxes.
 */
#ifndef MEDIA_SRTP_H
#define MEDIA_SRTP_H

#include "sniffer/media/media_key.h"

struct srtp_box;

enum srtp_result {
	SRTP_OPENED,
	SRTP_WRONG, /* the tag does not fit: key, counter or bytes are wrong */
	SRTP_SEEN,  /* this number was opened before, or is far too old */
	SRTP_BAD,   /* no such packet, or not with this suite */
};

/* Where packets are opened: SRTP_ROOM bytes, aligned to 8. */
#define SRTP_ROOM 65600

/* Does now what the first packets would have it do: the library loads others
 * and reads files, which a thread may not be allowed to by then. */
void srtp_begin(void);

/* Header extension elements with these IDs are encrypted (RFC 6904). NULL
 * without memory, or when the library was built without the cipher. */
struct srtp_box *srtp_box_new(const struct media_key *key,
			      const uint8_t *ext_ids, size_t ext_ids_n);
void srtp_box_free(struct srtp_box *b); /* NULL is fine */

/* Opens one packet. *plain lies in room and is written only on success: the
 * packet with clear payload and header extension, without tag and MKI. The
 * rollover counter of a new SSRC is 0 unless srtp_box_expect() said
 * otherwise. */
enum srtp_result srtp_box_rtp(struct srtp_box *b, struct slice in,
			      uint8_t *room, struct slice *plain);
/* The same of a compound packet, without index and tag. */
enum srtp_result srtp_box_rtcp(struct srtp_box *b, struct slice in,
			       uint8_t *room, struct slice *plain);

/* Begins anew with an SSRC: its next packet is opened with this rollover
 * counter. False without memory. */
bool srtp_box_expect(struct srtp_box *b, uint32_t ssrc, uint32_t roc);
/* Whether a packet of this SSRC was opened since it began; *roc is then the
 * counter of the highest. */
bool srtp_box_knows(const struct srtp_box *b, uint32_t ssrc, uint32_t *roc);

/*
 * What can be read without a key: SRTCP whose E flag says that it is not
 * encrypted (RFC 3711, 3.4), the packet without index, MKI and tag; and plain
 * RTCP, to the last byte, which some send when their SRTP is not up yet or
 * gone already. Not checked whether it is genuine. False: it is encrypted, or
 * no such packet.
 */
bool srtcp_clear(struct slice in, unsigned mki_len, struct slice *plain);

#endif
