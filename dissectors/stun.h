/*
 * STUN (RFC 8489; RFC 3489, 5389, 5780) with the attributes of ICE (RFC 8445)
 * and TURN (RFC 8656, 6062), and TURN's channel data (RFC 8656, 12.4). Pure:
 * slices point into the input.
 */
#ifndef DISSECTORS_STUN_H
#define DISSECTORS_STUN_H

#include "dissectors/parse.h"
#include "sniffer/base/addr.h"

#define STUN_COOKIE 0x2112a442u

enum {
	STUN_HEAD = 20,	      /* bytes before the attributes */
	STUN_TID = 16,	      /* of a classic message; else 12 and zeros */
	STUN_PEERS_MAX = 16,  /* of one CreatePermission */
	STUN_RELAYED_MAX = 2, /* one of each family: RFC 8656, 5 */
};

enum stun_class {
	STUN_REQUEST,
	STUN_INDICATION,
	STUN_SUCCESS,
	STUN_ERROR,
};

enum stun_method {
	STUN_BINDING = 0x001,
	STUN_SHARED_SECRET = 0x002, /* RFC 3489 */
	TURN_ALLOCATE = 0x003,
	TURN_REFRESH = 0x004,
	TURN_SEND = 0x006,
	TURN_DATA = 0x007,
	TURN_CREATE_PERMISSION = 0x008,
	TURN_CHANNEL_BIND = 0x009,
	TURN_CONNECT = 0x00a, /* RFC 6062 from here */
	TURN_CONNECTION_BIND = 0x00b,
	TURN_CONNECTION_ATTEMPT = 0x00c,
	STUN_GOOG_PING = 0x080, /* a check of libwebrtc without attributes */
};

enum stun_attr_type {
	STUN_ATTR_MAPPED_ADDRESS = 0x0001,
	STUN_ATTR_RESPONSE_ADDRESS = 0x0002,
	STUN_ATTR_CHANGE_REQUEST = 0x0003,
	STUN_ATTR_SOURCE_ADDRESS = 0x0004,
	STUN_ATTR_CHANGED_ADDRESS = 0x0005,
	STUN_ATTR_USERNAME = 0x0006,
	STUN_ATTR_PASSWORD = 0x0007,
	STUN_ATTR_MESSAGE_INTEGRITY = 0x0008,
	STUN_ATTR_ERROR_CODE = 0x0009,
	STUN_ATTR_UNKNOWN_ATTRIBUTES = 0x000a,
	STUN_ATTR_REFLECTED_FROM = 0x000b,
	STUN_ATTR_CHANNEL_NUMBER = 0x000c,
	STUN_ATTR_LIFETIME = 0x000d,
	STUN_ATTR_MS_MAGIC_COOKIE = 0x000f, /* MS-TURN */
	STUN_ATTR_BANDWIDTH = 0x0010,
	STUN_ATTR_XOR_PEER_ADDRESS = 0x0012,
	STUN_ATTR_DATA = 0x0013,
	STUN_ATTR_REALM = 0x0014,
	STUN_ATTR_NONCE = 0x0015,
	STUN_ATTR_XOR_RELAYED_ADDRESS = 0x0016,
	STUN_ATTR_REQUESTED_FAMILY = 0x0017,
	STUN_ATTR_EVEN_PORT = 0x0018,
	STUN_ATTR_REQUESTED_TRANSPORT = 0x0019,
	STUN_ATTR_DONT_FRAGMENT = 0x001a,
	STUN_ATTR_MESSAGE_INTEGRITY_SHA256 = 0x001c,
	STUN_ATTR_PASSWORD_ALGORITHM = 0x001d,
	STUN_ATTR_USERHASH = 0x001e,
	STUN_ATTR_XOR_MAPPED_ADDRESS = 0x0020,
	STUN_ATTR_TIMER_VAL = 0x0021,
	STUN_ATTR_RESERVATION_TOKEN = 0x0022,
	STUN_ATTR_PRIORITY = 0x0024,
	STUN_ATTR_USE_CANDIDATE = 0x0025,
	STUN_ATTR_PADDING = 0x0026, /* RFC 5780 */
	STUN_ATTR_RESPONSE_PORT = 0x0027,
	STUN_ATTR_CONNECTION_ID = 0x002a, /* RFC 6062 */
	STUN_ATTR_ADDITIONAL_FAMILY = 0x8000,
	STUN_ATTR_ADDRESS_ERROR_CODE = 0x8001,
	STUN_ATTR_PASSWORD_ALGORITHMS = 0x8002,
	STUN_ATTR_ALTERNATE_DOMAIN = 0x8003,
	STUN_ATTR_ICMP = 0x8004,
	STUN_ATTR_MS_VERSION = 0x8008,
	STUN_ATTR_OLD_XOR_MAPPED_ADDRESS = 0x8020, /* drafts of RFC 5389 */
	STUN_ATTR_SOFTWARE = 0x8022,
	STUN_ATTR_ALTERNATE_SERVER = 0x8023,
	STUN_ATTR_FINGERPRINT = 0x8028,
	STUN_ATTR_ICE_CONTROLLED = 0x8029,
	STUN_ATTR_ICE_CONTROLLING = 0x802a,
	STUN_ATTR_RESPONSE_ORIGIN = 0x802b,
	STUN_ATTR_OTHER_ADDRESS = 0x802c,
	STUN_ATTR_MS_CANDIDATE_IDENTIFIER = 0x8054,
	STUN_ATTR_MS_SERVICE_QUALITY = 0x8055,
	STUN_ATTR_MS_IMPLEMENTATION_VERSION = 0x8070,
	/* libwebrtc's own, not registered. */
	STUN_ATTR_NOMINATION = 0xc001,
	STUN_ATTR_GOOG_NETWORK_INFO = 0xc057,
	STUN_ATTR_GOOG_LAST_CHECK = 0xc058,
	STUN_ATTR_GOOG_MISC_INFO = 0xc059,
	STUN_ATTR_GOOG_MESSAGE_INTEGRITY_32 = 0xc060,
	STUN_ATTR_DTLS_IN_STUN = 0xc070,
	STUN_ATTR_DTLS_IN_STUN_ACK = 0xc071,
};

enum stun_role {
	STUN_NO_ROLE,
	STUN_CONTROLLED,
	STUN_CONTROLLING,
};

/* A MESSAGE-INTEGRITY of any kind, for net/stun_auth.h. */
struct stun_integrity {
	struct slice value; /* p is NULL without one */
	size_t offset;	    /* of the attribute, from the message's start */
};

/*
 * One message. A text or list without the attribute is {NULL, 0}; other
 * fields are 0 without their has_ bit. Of an attribute that comes twice the
 * first counts, except where there is an array.
 */
struct stun_msg {
	enum stun_class class;
	uint16_t method;
	bool classic;	       /* RFC 3489: no magic cookie */
	uint8_t tid[STUN_TID]; /* compare all of it */
	size_t total_len;      /* bytes of the message, head included */

	/* An attribute was damaged; the others were read. fault names the
	 * first: "stun.bad_attribute" or "stun.attribute_past_end". */
	bool bad_attr;
	const char *fault;

	/* Who is where. mapped is XOR-MAPPED-ADDRESS, else the old XOR form,
	 * else MAPPED-ADDRESS, which is also in plain_mapped: where the two
	 * differ something on the path rewrote it. response_origin is
	 * SOURCE-ADDRESS too, other_address CHANGED-ADDRESS. */
	bool has_mapped, has_plain_mapped;
	bool has_response_origin, has_other_address, has_alternate_server;
	bool has_response_address, has_reflected_from;
	uint16_t mapped_by; /* the attribute that mapped came from */
	struct addr mapped, plain_mapped;
	struct addr response_origin, other_address, alternate_server;
	struct addr response_address, reflected_from;

	/* Credentials and servers. */
	struct slice username, userhash, password, realm, nonce;
	struct slice software, alternate_domain;
	bool has_password_algorithm;
	uint16_t password_algorithm;	  /* 1 MD5, 2 SHA-256 */
	struct slice password_algorithms; /* type 2 | length 2 | ... each */
	struct stun_integrity integrity, integrity_sha256, integrity_32;

	bool has_error;
	uint16_t error_code;
	struct slice reason;
	struct slice unknown; /* stun_unknown_next() */

	bool has_fingerprint;
	uint32_t fingerprint;
	size_t fingerprint_offset; /* of the attribute */

	/* ICE. */
	bool has_priority, use_candidate, has_nomination, has_network;
	enum stun_role role;
	uint32_t priority;
	uint32_t nomination; /* libwebrtc: higher replaces lower */
	uint64_t tie_breaker;
	uint16_t network_id, network_cost; /* libwebrtc's view of its own */
	struct slice dtls, dtls_ack;	   /* DTLS inside of checks */

	/* TURN. */
	struct addr relayed[STUN_RELAYED_MAX];
	struct addr peers[STUN_PEERS_MAX];
	unsigned relayed_count, peer_count;
	bool addrs_truncated; /* there were more of either */
	bool has_lifetime, has_channel, has_transport, has_connection_id;
	bool has_requested_family, has_additional_family;
	bool has_even_port, reserve_next_port, dont_fragment;
	uint32_t lifetime_s, connection_id;
	uint16_t channel;
	uint8_t transport;			     /* of IP: 17, 6 */
	uint8_t requested_family, additional_family; /* 1 IPv4, 2 IPv6 */
	struct slice reservation_token;		     /* 8 bytes */
	struct slice data;
	bool has_address_error; /* RFC 8656, 18.12: one family was refused */
	uint8_t address_error_family;
	uint16_t address_error_code;
	bool has_icmp; /* RFC 8656, 18.13 */
	uint8_t icmp_type;
	uint16_t icmp_code;
	uint32_t icmp_data;

	/* RFC 5780 and 3489. */
	bool has_change, change_ip, change_port, has_response_port;
	uint16_t response_port;
};

/*
 * One datagram, or the front of a byte stream: bytes behind total_len are
 * left. MORE when in ends before the message does; then total_len is set as
 * soon as the header tells it, and all else is 0. BAD for what is no STUN:
 * no magic cookie, and no whole datagram of RFC 3489 either.
 */
enum parse stun_parse(struct slice in, struct stun_msg *out);

/* A whole STUN message: the magic cookie and a length that fits, or a Binding
 * message of RFC 3489 of exactly this length. */
bool stun_looks(struct slice in);
/* A method of TURN (Allocate ... ConnectionAttempt); in looks like STUN. */
bool stun_is_turn(struct slice in);

/* in is what m was parsed from. False also without the attribute. */
bool stun_fingerprint_ok(struct slice in, const struct stun_msg *m);
/* Takes the next type off *unknown; false when there is none. */
bool stun_unknown_next(struct slice *unknown, uint16_t *type);

/* "request", "indication", "success", "error". */
const char *stun_class_name(enum stun_class class);
/* "Binding", "CreatePermission"; "unknown". */
const char *stun_method_name(uint16_t method);

/* --- channel data ------------------------------------------------------ */

struct turn_channel {
	uint16_t channel; /* 0x4000 - 0x7fff; RFC 8656 uses up to 0x4fff */
	struct slice data;
	size_t total_len; /* of head, data and a stream's padding */
};

/* MORE when in ends before the data, or on a stream its padding, does. */
enum parse turn_channel_parse(struct slice in, bool stream,
			      struct turn_channel *out);
/* ChannelData with a length that fits, padding allowed. Only believable on a
 * flow that carried a TURN allocation. */
bool stun_channel_looks(struct slice in);

/* --- byte streams ------------------------------------------------------ */

enum stun_stream {
	STUN_STREAM_NO,
	STUN_STREAM_MORE,   /* too few bytes to tell */
	STUN_STREAM_TURN,   /* messages and channel data as they are */
	STUN_STREAM_FRAMED, /* ICE-TCP: a length before each, rfc4571.h */
};

/* What the beginning of a TCP or TLS stream is. The first message must be
 * STUN with a magic cookie. 10 bytes always suffice. */
enum stun_stream stun_stream_probe(struct slice head);

#endif
