/* What is open now, and how the program is. */
#ifndef WEB_API_LIVE_H
#define WEB_API_LIVE_H

#include "web/answer.h"

web_handler api_live;
web_handler api_live_events;
web_handler api_health;
web_handler api_readyz;
web_handler api_metrics;

#endif
