/*
 * Settings of an engine with limits so small that they are hit.
 */
#ifndef TESTS_SMALL_ENGINE_H
#define TESTS_SMALL_ENGINE_H

#include "sniffer/engine/engine.h"

#define SMALL_ENGINE_S 1000000000ull

static inline struct engine_config small_engine(void)
{
	return (struct engine_config){
		.sensor = SLICE("test"),
		.tcp = {65536, 1 << 20, 16, 5 * SMALL_ENGINE_S},
		.calls =
			{
				.max_calls = 64,
				.max_registrations = 64,
				.max_transactions = 64,
				.call_bytes = 65536,
				.linger_ns = 5 * SMALL_ENGINE_S,
				.retry_ns = 32 * SMALL_ENGINE_S,
				.unanswered_ns = 200 * SMALL_ENGINE_S,
				.media_silence_ns = 300 * SMALL_ENGINE_S,
				.silence_ns = 3600 * SMALL_ENGINE_S,
				.source_waiting = 8,
				.flood_records = 2,
			},
		.media = {.max_streams = 256,
			  .flow_streams = 16,
			  .srtp_hold = 4096,
			  .srtp_hold_max = 65536},
		.max_keys = 8,
		.tls_hold_bytes = 16384,
		.tls_total_bytes = 1 << 18,
		.max_nat = 16,
		.web_message_bytes = 16384,
		.web_total_bytes = 1 << 18,
		.max_flows = 256,
		.udp_idle_ns = 180 * SMALL_ENGINE_S,
		.tcp_idle_ns = 600 * SMALL_ENGINE_S,
		.max_pending = 64,
		.max_sessions = 16,
		.max_conns = 32,
		.adopt_ns = 30 * SMALL_ENGINE_S,
		.session_packets = 5,
		.seed = {1, 2},
	};
}

#endif
