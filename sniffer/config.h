/*
 * The configuration: every setting, with its default until the command line
 * or a file says otherwise (settings.c has the table). Filled at the start,
 * const afterwards, handed down as a pointer.
 */
#ifndef SNIFFER_CONFIG_H
#define SNIFFER_CONFIG_H

#include "sniffer/base/arena.h"

enum config_record {
	CONFIG_RECORD_ALL,
	CONFIG_RECORD_HEADERS, /* RTP without its payload */
	CONFIG_RECORD_SIGNALLING,
	CONFIG_RECORD_NONE,
};

enum config_sync {
	CONFIG_SYNC_SECOND, /* each second of a live capture */
	CONFIG_SYNC_WRITE,
};

enum config_stamps {
	CONFIG_STAMPS_HOST,
	CONFIG_STAMPS_ADAPTER, /* its clock follows the host's */
	CONFIG_STAMPS_ADAPTER_UNSYNCED,
};

enum config_realm {
	CONFIG_REALM_NONE, /* one address space */
	CONFIG_REALM_VLAN, /* one for each VLAN ID */
};

enum config_caller {
	CONFIG_CALLER_ASSERTED, /* P-Asserted-Identity, else From */
	CONFIG_CALLER_FROM,
};

enum {
	MASK_NUMBERS_OFF = 64
};

/* Of names that a proxy tells and that are no logins. */
enum config_proxy_role {
	CONFIG_PROXY_NONE, /* are not let in */
	CONFIG_PROXY_VIEWER,
	CONFIG_PROXY_ANALYST,
	CONFIG_PROXY_ADMIN,
};

enum config_files {
	CONFIG_FILES_CALL,   /* one for each call */
	CONFIG_FILES_MINUTE, /* one for all that began in a minute */
};

struct config_list {
	const char **v;
	size_t n;
};

/* Numbers are uint64_t throughout: items, bytes (_bytes), nanoseconds (_ns).
 * Of limits 0 stands for none only where settings.c allows it. */
struct config {
	/* input: either interfaces or inputs */
	struct config_list interfaces;
	struct config_list inputs; /* files, folders, "-" */
	const char *filter;	   /* BPF; NULL = all */
	uint64_t snaplen;	   /* bytes of a frame; 0 = all */
	uint64_t buffer_bytes;	   /* of the kernel; 0 = its default */
	bool no_promiscuous;
	bool list_interfaces;	  /* and nothing else */
	int timestamps;		  /* enum config_stamps */
	uint64_t capture_threads; /* of each interface */
	uint64_t capture_ring;	  /* bytes that wait, each thread */
	uint64_t merge_window_ns;
	struct config_list keys, srtp_keys; /* files */
	struct config_list taps; /* all that is listened on, for the reader */

	/* HEP */
	struct config_list hep_listen; /* base/peer.h */
	struct config_list hep_allow;  /* addresses, subnets; none = all */
	const char *hep_auth_file;     /* NULL = no key is asked for */
	const char *hep_tls_cert, *hep_tls_key; /* PEM files */
	uint64_t hep_connections, hep_idle_ns, hep_skew_ns;
	struct config_list hep_send; /* base/peer.h */
	uint64_t hep_id;
	const char *hep_send_auth_file, *hep_send_ca; /* NULL = none */
	uint64_t hep_send_bytes;

	/* output */
	const char *out_dir;
	const char *db;		      /* as given, a URL (storage/db_url.h) */
	const char *db_password_file; /* NULL = the environment */
	uint64_t keep_cdrs_ns;	      /* of records; 0 = for ever */
	const char *db_path; /* of the SQLite file; NULL = no database */
	uint64_t queue_max_bytes;
	int queue_sync;	  /* enum config_sync */
	const char *json; /* file, "-"; NULL = no report */
	const char *sensor;
	int record; /* enum config_record */
	bool record_secrets;
	uint64_t mask_numbers; /* digits that stay; MASK_NUMBERS_OFF = all */
	bool mask_dtmf;
	bool quiet;		  /* no table */
	bool utc;		  /* times in the table */
	bool go_on;		  /* with what an earlier run left open */
	uint64_t log_interval_ns; /* a line of figures so often; 0 = never */

	/* privileges, of a live capture and the viewer */
	const char *user, *user_group; /* NULL = those of privs.h */
	bool keep_net_raw, seccomp, landlock, core_dumps;

	/* spool */
	int spool_files; /* enum config_files */
	bool spool_gzip;
	uint64_t spool_queue_bytes;
	uint64_t keep_media_ns, keep_signalling_ns;	/* 0 = for ever */
	uint64_t max_media_bytes, max_signalling_bytes; /* 0 = no limit */
	uint64_t disk_floor; /* percent that stay free; 0 = none */

	/* viewer */
	const char *http; /* ADDR:PORT; NULL = by the input, "none" */
	const char *http_cert, *http_key; /* PEM files; NULL = no TLS */
	uint64_t http_connections, http_per_address, http_workers;
	uint64_t viewer_read_ns, viewer_file_bytes, viewer_files_bytes;
	uint64_t http_queue, http_events, http_idle_ns, search_time_ns;
	struct config_list http_public;
	uint64_t http_session_idle_ns, http_session_max_ns;
	uint64_t http_login_tries, http_login_wait_ns;
	const char *http_proxy_user; /* a header; NULL = none */
	struct config_list http_proxy_from;
	int http_proxy_role;	      /* enum config_proxy_role */
	uint64_t viewer_mask_numbers; /* MASK_NUMBERS_OFF = none are */

	/* calls */
	int realm;		   /* enum config_realm */
	uint64_t call_linger_ns;   /* after the end, for late packets */
	uint64_t call_retry_ns;	   /* after a final failure, for a new try */
	uint64_t unanswered_ns;	   /* no final response */
	uint64_t media_silence_ns; /* answered, media stopped */
	uint64_t silence_ns;	   /* answered, no media, no timer */
	struct config_list turn_users,
		turn_secrets;		/* NAME:PASSWORD; secrets */
	struct config_list leg_headers; /* whose value joins legs */
	bool session_id;		/* RFC 7989 joins legs */

	/* bills */
	struct config_list trunks, e164; /* billing_rules.h */
	const char *e164_country;	 /* digits; NULL = none */
	int e164_caller;		 /* enum config_caller */
	const char *billing_feed;	 /* folder; NULL = none */
	uint64_t feed_memory_ns;	 /* a call can be corrected so long */

	/* media */
	uint64_t adopt_ns;	  /* signalling claims media this far back */
	uint64_t session_packets; /* in a row make RTP a session */
	bool g711_plc;		  /* receivers conceal G.711 losses */

	/* flows, decoding, TCP */
	uint64_t udp_idle_ns, tcp_idle_ns;
	uint64_t max_depth; /* addressing layers of a packet */
	uint64_t frag_timeout_ns;
	uint64_t tcp_gap_ns, tcp_gap_segments;

	/* limits */
	uint64_t max_calls, max_registrations, max_transactions;
	uint64_t max_flows, max_pending, max_sessions, max_conns, max_nat;
	uint64_t memory_limit; /* 0: by the machine */
	uint64_t source_waiting, flood_records;
	uint64_t max_streams, flow_streams, srtp_hold, srtp_hold_max;
	const char *workers; /* "auto" or a number */
	uint64_t max_keys, tls_hold_bytes, tls_total_bytes;
	uint64_t call_bytes;
	uint64_t frag_bytes, frag_max;
	uint64_t tcp_buffer_bytes, tcp_total_bytes;
	uint64_t web_message_bytes, web_total_bytes;
	uint64_t record_held_bytes, record_chunk_bytes, record_max_bytes;

	/* this run only */
	const char *file; /* the configuration file; NULL = none */
	bool check_config;
	struct config_list words; /* of a command: what is no option */

	struct arena *mem; /* all texts */
};

/* Interfaces or agents, not files. */
static inline bool config_is_live(const struct config *cfg)
{
	return cfg->interfaces.n || cfg->hep_listen.n;
}

/* All zero, nothing set. 0 or -ENOMEM. */
int config_init(struct config *cfg);
void config_close(struct config *cfg);

/* A copy that lives as long as cfg; NULL without memory. */
const char *config_keep(struct config *cfg, struct slice text);
/* 0 or -ENOMEM; the text is borrowed. */
int config_list_add(struct config_list *l, const char *text);
void config_list_clear(struct config_list *l);

/* "auto", or a number of threads: 0 to CONFIG_WORKERS_MAX. False: neither. */
#define CONFIG_WORKERS_MAX  64
#define CONFIG_WORKERS_AUTO UINT32_MAX
bool config_workers(const char *text, unsigned *out);

#endif
