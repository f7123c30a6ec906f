/*
 * One call: its record, its messages, itself over time, its legs, and files to
 * take along. What needs its packets comes from the backend (packets.h).
 */
#ifndef WEB_API_CALL_H
#define WEB_API_CALL_H

#include "web/answer.h"

int api_call(struct web_request *rq, struct web_answer *an);
int api_call_json(struct web_request *rq, struct web_answer *an);
int api_call_messages(struct web_request *rq, struct web_answer *an);
int api_call_timeline(struct web_request *rq, struct web_answer *an);
int api_call_peaks(struct web_request *rq, struct web_answer *an);

/* api_call_legs.c */
int api_call_legs(struct web_request *rq, struct web_answer *an);

/* api_call_files.c */
int api_export_pcap(struct web_request *rq, struct web_answer *an);
int api_call_pcap(struct web_request *rq, struct web_answer *an);
int api_call_wav(struct web_request *rq, struct web_answer *an);

const struct web_packets *api_call_packets(const struct web_request *rq);

/* What the backend said, as an answer: err and why of packets.h. */
int api_call_fail(struct web_request *rq, struct web_answer *an, int err,
		  const char *why);

/* 404: there is no such call. */
int api_call_unknown(struct web_answer *an, const char *uid);

/* The uid of the route, terminated; "" when it cannot be one. */
#define API_UID 27
void api_call_uid(const struct web_request *rq, char uid[API_UID]);

#endif
