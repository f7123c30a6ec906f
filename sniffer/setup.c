#include "sniffer/setup.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "sniffer/engine/sorter.h"
#include "sniffer/setup_memory.h"

#define WORKERS_AUTO 8

static enum record_what record_what(const struct config *cfg)
{
	switch ((enum config_record)cfg->record) {
	case CONFIG_RECORD_ALL:
		return RECORD_ALL;
	case CONFIG_RECORD_HEADERS:
		return RECORD_HEADERS;
	case CONFIG_RECORD_SIGNALLING:
		return RECORD_SIGNALLING;
	case CONFIG_RECORD_NONE:
		break;
	}
	return RECORD_NONE;
}

/* NULL without memory. */
static const struct slice *texts(const struct config *cfg,
				 const struct config_list *l)
{
	struct slice *v = arena_alloc(cfg->mem, (l->n + 1) * sizeof(*v));

	for (size_t i = 0; v && i < l->n; i++)
		v[i] = slice_str(l->v[i]);
	return v;
}

static int lists(const struct config *cfg, struct engine_config *out)
{
	out->calls.leg_headers = texts(cfg, &cfg->leg_headers);
	out->calls.leg_headers_n = cfg->leg_headers.n;
	out->turn_users = texts(cfg, &cfg->turn_users);
	out->turn_users_n = cfg->turn_users.n;
	out->turn_secrets = texts(cfg, &cfg->turn_secrets);
	out->turn_secrets_n = cfg->turn_secrets.n;
	return out->calls.leg_headers && out->turn_users && out->turn_secrets
		       ? 0
		       : -ENOMEM;
}

static struct calls_config calls_config(const struct config *c)
{
	return (struct calls_config){
		.max_calls = c->max_calls,
		.max_registrations = c->max_registrations,
		.max_transactions = c->max_transactions,
		.call_bytes = c->call_bytes,
		.source_waiting = c->source_waiting,
		.flood_records = c->flood_records,
		.linger_ns = c->call_linger_ns,
		.retry_ns = c->call_retry_ns,
		.unanswered_ns = c->unanswered_ns,
		.media_silence_ns = c->media_silence_ns,
		.silence_ns = c->silence_ns,
		.session_id = c->session_id,
	};
}

static struct media_config media_config(const struct config *c)
{
	return (struct media_config){
		.max_streams = c->max_streams,
		.flow_streams = (unsigned)c->flow_streams,
		.g711_plc = c->g711_plc,
		.srtp_hold = (uint32_t)c->srtp_hold,
		.srtp_hold_max = c->srtp_hold_max,
		.record =
			{
				.what = record_what(c),
				.held_bytes = c->record_held_bytes,
				.chunk_bytes = c->record_chunk_bytes,
				.max_bytes = c->record_max_bytes,
			},
		.hide_events = c->mask_dtmf,
	};
}

/* Captures may bring their own. */
static bool keys_may_come(const struct config *c)
{
	return c->keys.n || c->inputs.n;
}

struct mask setup_mask(const struct config *c)
{
	return (struct mask){
		.digits = c->mask_numbers == MASK_NUMBERS_OFF ? MASK_OFF
							      : c->mask_numbers,
		.dtmf = c->mask_dtmf,
	};
}

/* One core for what takes the packets, one for all else. */
unsigned setup_workers(const struct config *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN) - 2;
	unsigned n;

	if (config_workers(c->workers, &n) && n != CONFIG_WORKERS_AUTO)
		return n;
	if (c->inputs.n || cores < 0)
		return 0;
	return cores > WORKERS_AUTO ? WORKERS_AUTO : (unsigned)cores;
}

int setup_engine(const struct config *c, struct engine_config *out)
{
	*out = (struct engine_config){
		.sensor = slice_str(c->sensor),
		.realm =
			c->realm == CONFIG_REALM_VLAN ? REALM_VLAN : REALM_NONE,
		.decode =
			{
				.max_depth = (unsigned)c->max_depth,
				.frag_bytes = c->frag_bytes,
				.frag_max = c->frag_max,
				.frag_timeout_ns = c->frag_timeout_ns,
				.own =
					{
						.node = c->hep_send.n
								? slice_str(
									  c->sensor)
								: (struct
								   slice){0},
						.capture_id =
							(uint32_t)c->hep_id,
					},
			},
		.tcp =
			{
				.buffer_bytes = c->tcp_buffer_bytes,
				.total_bytes = c->tcp_total_bytes,
				.gap_segments = c->tcp_gap_segments,
				.gap_ns = c->tcp_gap_ns,
			},
		.calls = calls_config(c),
		.media = media_config(c),
		.max_keys = c->max_keys,
		.keys_may_come = c->keys.n || c->srtp_keys.n,
		.record_secrets = c->record_secrets,
		.mask = setup_mask(c),
		.tls_hold_bytes = keys_may_come(c) ? c->tls_hold_bytes : 0,
		.tls_total_bytes = c->tls_total_bytes,
		.max_flows = c->max_flows,
		.udp_idle_ns = c->udp_idle_ns,
		.tcp_idle_ns = c->tcp_idle_ns,
		.max_pending = c->max_pending,
		.max_sessions = c->max_sessions,
		.max_conns = c->max_conns,
		.max_nat = c->max_nat,
		.web_message_bytes = c->web_message_bytes,
		.web_total_bytes = c->web_total_bytes,
		.adopt_ns = c->adopt_ns,
		.session_packets = (unsigned)c->session_packets,
		.seed = seed_random(),
	};
	setup_memory(c, out);
	return lists(c, out);
}

struct spool_config setup_spool(const struct config *c)
{
	return (struct spool_config){
		.dir = c->out_dir,
		.live = config_is_live(c),
		.gzip = c->spool_gzip,
		.minute = c->spool_files == CONFIG_FILES_MINUTE,
		.queue_bytes = setup_memory_queue(c),
		.keep =
			{
				.media_ms = c->keep_media_ns / 1000000,
				.signalling_ms =
					c->keep_signalling_ns / 1000000,
				.media_bytes = c->max_media_bytes,
				.signalling_bytes = c->max_signalling_bytes,
				.free_pct = (unsigned)c->disk_floor,
			},
		.sorter = &media_sorter,
	};
}

/* The URL was checked when it was set: one that is wrong does not come here. */
void setup_db(const struct config *cfg, struct db_url *out)
{
	const char *why;

	*out = (struct db_url){.kind = DB_NONE};
	if (cfg->db_path) {
		out->kind = DB_SQLITE;
		snprintf(out->path, sizeof(out->path), "%s", cfg->db_path);
	} else {
		db_url_parse(slice_str(cfg->db), out, &why);
	}
}
