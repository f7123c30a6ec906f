/* The entries turn[] of a record. */
#include <stdio.h>

#include "sniffer/call/turn.h"

static struct slice ip_slice(struct arena *mem, const struct addr *a)
{
	char text[ADDR_TEXT];

	return arena_keep(mem, slice_str(addr_ip_text(a, text)));
}

static void permissions(const struct turn_alloc *a, struct arena *mem,
			struct cdr_turn *out)
{
	out->permissions =
		arena_alloc(mem, a->permissions_n * sizeof(*out->permissions));
	for (const struct turn_grant *g = a->permissions; g && out->permissions;
	     g = g->next)
		out->permissions[out->permissions_n++] =
			(struct cdr_turn_permission){
				.peer = ip_slice(mem, &g->peer),
				.created = g->created_ns,
				.expires = g->expires_ns,
				.error = g->error ? g->error : CDR_NO_U32,
			};
}

static void channels(const struct turn_alloc *a, struct arena *mem,
		     struct cdr_turn *out)
{
	char text[8];

	out->channels =
		arena_alloc(mem, a->channels_n * sizeof(*out->channels));
	for (const struct turn_grant *g = a->channels; g && out->channels;
	     g = g->next) {
		snprintf(text, sizeof(text), "0x%04x", g->channel);
		out->channels[out->channels_n++] = (struct cdr_turn_channel){
			.channel = arena_keep(mem, slice_str(text)),
			.peer = g->peer,
			.created = g->created_ns,
			.expires = g->expires_ns,
			.error = g->error ? g->error : CDR_NO_U32,
		};
	}
}

static struct slice text_or_null(struct arena *mem, struct slice s)
{
	return s.len ? arena_keep(mem, s) : (struct slice){0};
}

void turn_result(const struct turn_alloc *a, struct arena *mem,
		 struct cdr_turn *out)
{
	*out = (struct cdr_turn){
		.client = a->client,
		.server = a->server,
		.transport = a->transport,
		.realm = text_or_null(mem, a->realm),
		.username = text_or_null(mem, a->username),
		.mapped = a->mapped,
		.lifetime_s = a->lifetime_s ? a->lifetime_s : CDR_NO_U32,
		.created = a->created_ns,
		.closed = a->closed_ns,
		.bytes_up = a->bytes_up,
		.bytes_down = a->bytes_down,
		.packets_up = a->packets_up,
		.packets_down = a->packets_down,
		.error = a->error ? a->error : CDR_NO_U32,
		.delay_ms = a->joined ? a->delay_ms : NAN,
		.lost = a->joined ? a->lost : UINT64_MAX,
		.software = text_or_null(mem, a->software),
		.integrity = a->auth_bad ? "wrong" : a->auth_ok ? "ok" : NULL,
	};
	if (a->relayed_n)
		out->relayed = a->relayed[0];
	permissions(a, mem, out);
	channels(a, mem, out);
}
