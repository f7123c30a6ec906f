#include "web/routes.h"

#include <string.h>

#include "web/api_auth.h"
#include "web/api_call.h"
#include "web/api_live.h"
#include "web/api_search.h"
#include "web/api_server.h"
#include "web/assets.h"

#define PAGE(path, role)                                                       \
	{                                                                      \
		"GET", path, role, api_page, NULL, .no_store = true,           \
						   .page = true                \
	}

/* In the order of the documentation. */
static const struct web_route routes[] = {
	/* clang-format off */
	{"GET", "/api/v1/calls/{}", WEB_VIEWER, api_call, NULL},
	{"GET", "/api/v1/calls/{}/json", WEB_VIEWER, api_call_json, "json"},
	{"GET", "/api/v1/calls/{}/messages", WEB_VIEWER, api_call_messages,
	 NULL, .slow = true},
	{"GET", "/api/v1/calls/{}/timeline", WEB_VIEWER, api_call_timeline,
	 NULL, .slow = true},
	{"GET", "/api/v1/calls/{}/peaks", WEB_ANALYST, api_call_peaks, NULL,
	 .slow = true},
	{"GET", "/api/v1/calls/{}/legs", WEB_VIEWER, api_call_legs, NULL},
	{"GET", "/api/v1/calls/{}/pcap", WEB_ANALYST, api_call_pcap, "pcap",
	 .slow = true},
	{"GET", "/api/v1/calls/{}/wav", WEB_ANALYST, api_call_wav, "wav",
	 .slow = true},
	{"GET", "/api/v1/export/pcap", WEB_ANALYST, api_export_pcap, "pcap",
	 .slow = true},
	{"GET", "/api/v1/session", WEB_VIEWER, api_session, NULL,
	 .no_store = true},
	{"POST", "/api/v1/logout", WEB_VIEWER, api_logout, NULL,
	 .no_store = true},
	{"GET", "/api/v1/audit", WEB_ADMIN, api_audit, NULL, .no_store = true},
	/* Slow: checking a password takes a worker's time. */
	{"POST", "/login", WEB_NOBODY, post_login, NULL, .no_store = true,
	 .slow = true},
	{"GET", "/api/v1/live", WEB_VIEWER, api_live, NULL, .no_store = true},
	{"GET", "/api/v1/live/events", WEB_VIEWER, api_live_events, NULL,
	 .no_store = true},
	{"GET", "/api/v1/health", WEB_VIEWER, api_health, NULL,
	 .no_store = true},
	{"GET", "/readyz", WEB_VIEWER, api_readyz, NULL, .no_store = true},
	{"GET", "/metrics", WEB_VIEWER, api_metrics, NULL, .no_store = true},
	{"GET", "/healthz", WEB_VIEWER, api_healthz, NULL, .no_store = true},
	{"GET", "/api/v1/openapi.json", WEB_VIEWER, api_openapi, NULL,
	 .no_store = true},
	{"GET", "/assets/{}", WEB_VIEWER, api_asset, NULL, .no_store = true},
	{"GET", "/api/v1/calls", WEB_VIEWER, api_calls, "rows"},
	{"GET", "/api/v1/registrations", WEB_VIEWER, api_registrations, NULL},
	{"GET", "/api/v1/registrations/{}", WEB_VIEWER, api_registration, NULL},
	{"GET", "/api/v1/transactions", WEB_VIEWER, api_transactions, NULL},
	{"GET", "/api/v1/stats", WEB_VIEWER, api_stats, NULL, .slow = true},
	PAGE("/", WEB_VIEWER),
	PAGE("/search", WEB_VIEWER),
	PAGE("/call/{}", WEB_VIEWER),
	PAGE("/live", WEB_VIEWER),
	PAGE("/dashboard", WEB_VIEWER),
	PAGE("/registrations", WEB_VIEWER),
	PAGE("/registrations/{}", WEB_VIEWER),
	PAGE("/transactions", WEB_VIEWER),
	PAGE("/audit", WEB_VIEWER),
	PAGE("/help", WEB_VIEWER),
	/* clang-format on */
};

enum {
	ROUTES = sizeof(routes) / sizeof(routes[0])
};

const struct web_route *route_at(size_t i)
{
	return i < ROUTES ? &routes[i] : NULL;
}

/* Part by part; what stands for {} is kept. */
static bool matches(const char *pattern, struct slice path,
		    struct slice arg[WEB_ARGS])
{
	struct slice want = slice_str(pattern), a, b;
	size_t n = 0;
	bool more_want, more_path;

	do {
		more_want = slice_cut(want, '/', &a, &want);
		more_path = slice_cut(path, '/', &b, &path);
		if (more_want != more_path)
			return false;
		if (slice_eq(a, SLICE("{}")) && b.len && n < WEB_ARGS)
			arg[n++] = b;
		else if (!slice_eq(a, b))
			return false;
	} while (more_want);
	return true;
}

static bool same_method(const char *method, const struct web_route *r)
{
	return !strcmp(method, r->method) ||
	       (!strcmp(method, "HEAD") && !strcmp(r->method, "GET"));
}

static void allow_also(char allow[ROUTE_ALLOW], const struct web_route *r)
{
	if (*allow)
		strncat(allow, ", ", ROUTE_ALLOW - strlen(allow) - 1);
	strncat(allow, strcmp(r->method, "GET") ? r->method : "GET, HEAD",
		ROUTE_ALLOW - strlen(allow) - 1);
}

enum route_found route_find(struct web_request *rq, char allow[ROUTE_ALLOW])
{
	struct slice path = slice_str(rq->path);
	struct slice arg[WEB_ARGS] = {{0}};

	*allow = '\0';
	for (size_t i = 0; i < ROUTES; i++) {
		if (!matches(routes[i].path, path, arg))
			continue;
		if (!same_method(rq->method, &routes[i])) {
			allow_also(allow, &routes[i]);
			continue;
		}
		rq->route = &routes[i];
		memcpy(rq->arg, arg, sizeof(arg));
		return ROUTE_FOUND;
	}
	return *allow ? ROUTE_OTHER_METHOD : ROUTE_NONE;
}
