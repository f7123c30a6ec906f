/* Memory that is held, by what for. */
#include "sniffer/engine/conn.h"

/* What an entry of a map costs besides: its place in the array of buckets. */
#define PLACE sizeof(void *)

/* An owner, with its group and recording; a link, with its media flow. */
enum {
	OWNER_BYTES = sizeof(struct owner) + 512,
	LINK_BYTES = sizeof(struct link) + 512,
	KEY_BYTES = 320,
};

struct engine_memory engine_memory(const struct engine *e)
{
	struct calls_memory calls = calls_memory(e->calls);
	struct media_memory media = crew_memory(e->crew);

	return (struct engine_memory){
		.calls = calls.calls,
		.others = calls.others,
		.owners = e->owners_n * OWNER_BYTES + e->links_n * LINK_BYTES,
		.rtc = e->rtc_bytes,
		.streams = media.streams,
		.recordings = media.recording,
		.flows = flow_table_memory(e->flows),
		.fragments = decode_held(e->decoder).bytes,
		.connections = e->conns_n * sizeof(struct conn),
		.tcp = e->tcp.held,
		.tls = e->tls.held,
		.web = e->web.held,
		.keys = keylog_count(e->keylog) * (KEY_BYTES + PLACE),
		.nat = e->nat.count * (sizeof(struct nat_client) + PLACE),
	};
}

uint64_t engine_memory_sum(const struct engine_memory *m)
{
	return m->calls + m->others + m->owners + m->rtc + m->streams +
	       m->recordings + m->flows + m->fragments + m->connections +
	       m->tcp + m->tls + m->web + m->keys + m->nat;
}
