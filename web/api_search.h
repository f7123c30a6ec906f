/* Lists and figures out of the store: calls, registrations, other SIP
 * transactions, statistics. */
#ifndef WEB_API_SEARCH_H
#define WEB_API_SEARCH_H

#include "web/answer.h"

/* GET /calls?q=&from=&to=&sort=&limit=&cursor=&format= */
web_handler api_calls;
/* GET /registrations?q=&aor=&state=&from=&to=&limit=&cursor=, /registrations/{}
 */
web_handler api_registrations, api_registration;
/* GET /transactions?q=&method=&status=&from=&to=&limit=&cursor= */
web_handler api_transactions;
/* GET /stats?q=&from=&to= */
web_handler api_stats;

#endif
