#include "sniffer/stats.h"

#include <assert.h>

#define C STATS_COUNTER
#define G STATS_GAUGE

/* docs/METRICS.md says what to do about each. */
static const struct stats_row rows[STATS_IDS] = {
	[STATS_BUILD_INFO] = {"callscope_build_info",
			      "Which version runs; always 1.",
			      G,
			      {"version"}},
	[STATS_UPTIME] = {"callscope_uptime_seconds",
			  "Seconds since the program started.", G},
	[STATS_CAPTURE_UP] = {"callscope_capture_up",
			      "1 while packets are taken in, from an "
			      "interface or a file; 0 when the input has "
			      "ended or there is none.",
			      G},
	[STATS_CAPTURE_LIVE] = {"callscope_capture_live",
				"1 when packets come from interfaces.", G},
	[STATS_SNAPSHOT_AGE] = {"callscope_snapshot_age_seconds",
				"How old the figures of the capture are.", G},
	[STATS_PACKETS] = {"callscope_packets_total",
			   "Packets taken from the source.", C},
	[STATS_BYTES] = {"callscope_bytes_total",
			 "Bytes of these packets, on the wire.", C},
	[STATS_LAST_PACKET] = {"callscope_last_packet_timestamp_seconds",
			       "Time of the last packet, since 1970.", G},
	[STATS_CUT] = {"callscope_packets_cut_total",
		       "Packets that the capture holds only in part.", C},
	[STATS_FILTERED] = {"callscope_packets_filtered_total",
			    "Packets that the filter kept out.", C},
	[STATS_LATE] = {"callscope_packets_late_total",
			"Packets taken out of order: they came later than "
			"merge-window waits.",
			C},
	[STATS_DROPPED] = {"callscope_dropped_packets_total",
			   "Packets that were lost or turned away: by the "
			   "kernel's buffer, or by a full table.",
			   C,
			   {"stage", "reason"}},
	[STATS_TAP_PACKETS] = {"callscope_interface_packets_total",
			       "Packets taken from an interface.",
			       C,
			       {"interface"}},
	[STATS_TAP_BYTES] = {"callscope_interface_bytes_total",
			     "Bytes of these packets.",
			     C,
			     {"interface"}},
	[STATS_TAP_DROPPED] = {"callscope_interface_dropped_packets_total",
			       "Packets of an interface that were lost, in the "
			       "kernel or in our rings.",
			       C,
			       {"interface", "place"}},
	[STATS_TAP_UP] = {"callscope_interface_up",
			  "1 while the interface is up and has a carrier.",
			  G,
			  {"interface"}},
	[STATS_TAP_OFFLOAD] = {"callscope_interface_offload",
			       "1 when it joins packets before they are "
			       "captured (GRO, LRO).",
			       G,
			       {"interface"}},
	[STATS_MIRROR_ONE_WAY] = {"callscope_mirror_one_direction",
				  "1 when one direction only is seen.",
				  G,
				  {"interface"}},
	[STATS_MIRROR_COPIES] = {"callscope_mirror_copies_ratio",
				 "Share of datagrams that are copies of "
				 "another one.",
				 G,
				 {"interface"}},
	[STATS_READ_BYTES] = {"callscope_input_read_bytes",
			      "Bytes of the input files read so far.", G},
	[STATS_READ_SIZE] = {"callscope_input_size_bytes",
			     "Bytes of the input files; 0 = not known.", G},
	[STATS_HEP_PACKETS] = {"callscope_hep_packets_total",
			       "HEP packets taken from capture agents.", C},
	[STATS_HEP_BYTES] = {"callscope_hep_bytes_total",
			     "Bytes of these packets.", C},
	[STATS_HEP_REFUSED] = {"callscope_hep_refused_total",
			       "HEP that was not taken: bad, of an old "
			       "version, too long, from another address or "
			       "without the key.",
			       C,
			       {"reason"}},
	[STATS_HEP_CLAMPED] = {"callscope_hep_clamped_total",
			       "HEP packets with a time out of reason, which "
			       "got that of their arrival.",
			       C},
	[STATS_HEP_CONNECTIONS] = {"callscope_hep_connections",
				   "Agents that are connected by TCP or TLS.",
				   G},
	[STATS_HEP_CONNECTION_EVENTS] =
		{"callscope_hep_connection_events_total",
		 "Connections opened, refused since there were too many, cut "
		 "since they were slow or no HEP; boundaries lost and found.",
		 C,
		 {"event"}},
	[STATS_HEP_SENT_PACKETS] = {"callscope_hep_sent_packets_total",
				    "HEP packets sent, by collector.",
				    C,
				    {"collector"}},
	[STATS_HEP_SENT_BYTES] = {"callscope_hep_sent_bytes_total",
				  "Bytes of these packets.",
				  C,
				  {"collector"}},
	[STATS_HEP_UNSENT] = {"callscope_hep_unsent_total",
			      "What was not sent as HEP: dropped by a full "
			      "queue, refused by the collector's machine.",
			      C,
			      {"collector", "reason"}},
	[STATS_HEP_WAITING] = {"callscope_hep_waiting_bytes",
			       "HEP that waits to be sent.",
			       G,
			       {"collector"}},
	[STATS_HEP_UP] = {"callscope_hep_collector_up",
			  "1 while connected to a collector.",
			  G,
			  {"collector"}},
	[STATS_DECODED] = {"callscope_decoded_packets_total",
			   "Packets that held UDP, TCP or SCTP.", C},
	[STATS_FRAGMENTS] = {"callscope_ip_fragments_total", "Fragments of IP.",
			     C},
	[STATS_FAULTS] = {"callscope_faults_total",
			  "What was damaged, refused or found a limit, by "
			  "module and name.",
			  C,
			  {"stage", "reason"}},
	[STATS_BY_KIND] = {"callscope_packets_by_kind_total",
			   "Packets and messages by what they were.",
			   C,
			   {"kind"}},
	[STATS_SIP_REQUESTS] = {"callscope_sip_requests_total",
				"SIP requests by method.",
				C,
				{"method"}},
	[STATS_SIP_RESPONSES] = {"callscope_sip_responses_total",
				 "SIP responses by class.",
				 C,
				 {"class"}},
	[STATS_RECORDS] = {"callscope_records_total",
			   "Finished records by type.",
			   C,
			   {"type"}},
	[STATS_ANSWERED] = {"callscope_calls_answered_total",
			    "Finished calls that were answered.", C},
	[STATS_WEBRTC] = {"callscope_webrtc_sessions_total",
			  "Finished sessions with ICE, DTLS, TURN or "
			  "signalling that is not SIP.",
			  C},
	[STATS_ACTIVE] = {"callscope_active",
			  "Calls and sessions that are open now.",
			  G,
			  {"type"}},
	[STATS_ACTIVE_MAX] = {"callscope_calls_active_max",
			      "Most calls that were open at once.", G},
	[STATS_ENTRIES] = {"callscope_table_entries",
			   "Entries of a table now.",
			   G,
			   {"table"}},
	[STATS_LIMIT] = {"callscope_table_limit",
			 "Entries that a table takes; no sample = no limit.",
			 G,
			 {"table"}},
	[STATS_MEMORY] = {"callscope_memory_bytes",
			  "Memory held, by what for.",
			  G,
			  {"use"}},
	[STATS_SPOOL_FILES] = {"callscope_spool_files_total",
			       "Recordings completed.", C},
	[STATS_SPOOL_ERRORS] = {"callscope_spool_errors_total",
				"Recordings or parts that could not be "
				"written.",
				C},
	[STATS_SPOOL_SKIPPED] = {"callscope_spool_skipped_chunks_total",
				 "Pieces of recordings that the full queue of "
				 "the spool could not take.",
				 C},
	[STATS_SPOOL_QUEUE] = {"callscope_spool_queue_bytes",
			       "Bytes that wait for the disk.", G},
	[STATS_SPOOL_QUEUE_LIMIT] = {"callscope_spool_queue_limit_bytes",
				     "Bytes that may wait for the disk.", G},
	[STATS_SPOOL_LEVEL] = {"callscope_spool_level",
			       "What the spool takes: 0 all, 1 no media, 2 "
			       "nothing.",
			       G},
	[STATS_STORE_UP] = {"callscope_store_up",
			    "1 while the store takes records.",
			    G,
			    {"store"}},
	[STATS_STORE_WAITING] = {"callscope_store_waiting_records",
				 "Records that wait for the store, safe on "
				 "disk.",
				 G,
				 {"store"}},
	[STATS_STORE_BYTES] = {"callscope_store_waiting_bytes",
			       "Bytes of these records.",
			       G,
			       {"store"}},
	[STATS_STORE_LIMIT] = {"callscope_store_queue_limit_bytes",
			       "Bytes that may wait.",
			       G,
			       {"store"}},
	[STATS_STORE_LAG] = {"callscope_store_lag_seconds",
			     "Age of the oldest record that is not stored "
			     "yet; 0 = none waits.",
			     G,
			     {"store"}},
	[STATS_STORE_OLDEST] = {"callscope_store_oldest_timestamp_seconds",
				"When that record was written, since 1970.",
				G,
				{"store"}},
	[STATS_STORED] = {"callscope_stored_records_total",
			  "Records that the store took.",
			  C,
			  {"store"}},
	[STATS_STORE_RETRIES] = {"callscope_store_retries_total",
				 "Attempts that the store did not take.",
				 C,
				 {"store"}},
	[STATS_STORE_REFUSED] = {"callscope_store_refused_records_total",
				 "Records that the store refused; they are in "
				 "the queue's file refused.",
				 C,
				 {"store"}},
	[STATS_STORE_LOST] = {"callscope_store_lost_records_total",
			      "Records that found no room in the queue, or "
			      "were damaged in it.",
			      C,
			      {"store"}},
	[STATS_JOURNAL_OPEN] = {"callscope_journal_open_items",
				"Open calls and sessions that a restart goes "
				"on with.",
				G},
	[STATS_JOURNAL_BYTES] = {"callscope_journal_bytes",
				 "Bytes of the journal on disk.", G},
	[STATS_JOURNAL_ERRORS] = {"callscope_journal_errors_total",
				  "What could not be written to the journal.",
				  C},
	[STATS_THREAD_CPU] = {"callscope_thread_cpu_seconds_total",
			      "CPU time of a thread.",
			      C,
			      {"thread"}},
	[STATS_THREAD_BUSY] = {"callscope_thread_busy_ratio",
			       "Share of one CPU that a thread took lately.",
			       G,
			       {"thread"}},
	[STATS_QUEUE_USED] = {"callscope_thread_queue_entries",
			      "What waits for a thread.",
			      G,
			      {"thread"}},
	[STATS_QUEUE_ROOM] = {"callscope_thread_queue_limit",
			      "Entries that may wait for it.",
			      G,
			      {"thread"}},
	[STATS_RELOADS] = {"callscope_config_reloads_total",
			   "Times that the settings were read again.",
			   C,
			   {"result"}},
	[STATS_RELOAD_OK] = {"callscope_config_last_reload_successful",
			     "0 when the last time failed: settings of before "
			     "are in force.",
			     G},
	[STATS_HTTP_REQUESTS] = {"callscope_http_requests_total",
				 "Answers of the viewer by class of their "
				 "status.",
				 C,
				 {"class"}},
	[STATS_HTTP_BUSY] = {"callscope_http_waiting_requests",
			     "Requests that wait for a worker.", G},
	[STATS_HTTP_WATCHERS] = {"callscope_http_watchers",
				 "Clients that follow the open calls.", G},
	[STATS_PROCESS_CPU] = {"process_cpu_seconds_total",
			       "CPU time of the program.", C},
	[STATS_PROCESS_MEMORY] = {"process_resident_memory_bytes",
				  "Memory of the program that is in RAM.", G},
	[STATS_PROCESS_START] = {"process_start_time_seconds",
				 "When the process began, since 1970.", G},
	[STATS_PROCESS_FILES] = {"process_open_fds", "Open file descriptors.",
				 G},
	[STATS_PROCESS_FILES_MAX] = {"process_max_fds",
				     "File descriptors that may be open.", G},
};

const struct stats_row *stats_row(enum stats_id id)
{
	assert(id < STATS_IDS);
	return &rows[id];
}

void stats_put2(struct stats *s, enum stats_id id, struct slice a,
		struct slice b, double value)
{
	if (s->n == STATS_MAX) {
		s->left_out++;
		return;
	}
	s->v[s->n++] = (struct stats_sample){id, {a, b}, value};
}

void stats_put(struct stats *s, enum stats_id id, double value)
{
	stats_put2(s, id, SLICE(""), SLICE(""), value);
}

void stats_put1(struct stats *s, enum stats_id id, const char *label,
		double value)
{
	stats_put2(s, id, slice_str(label), SLICE(""), value);
}

void stats_put_named(struct stats *s, enum stats_id id, const char *name,
		     double value)
{
	struct slice all = slice_str(name);
	const char *dot = memchr(name, '.', all.len);
	size_t at = dot ? (size_t)(dot - name) : 0;

	stats_put2(s, id, slice_head(all, dot ? at : all.len),
		   dot ? slice_from(all, at + 1) : SLICE(""), value);
}

double stats_get(const struct stats *s, enum stats_id id, const char *label)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].id == id &&
		    (!*label || slice_eq(s->v[i].label[0], slice_str(label))))
			return s->v[i].value;
	return 0;
}

double stats_sum(const struct stats *s, enum stats_id id)
{
	double sum = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].id == id)
			sum += s->v[i].value;
	return sum;
}
