#include "tests/made_signal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Appends; aborts when it is full. */
struct text {
	char *p;
	size_t len;
};

static void add(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->p + t->len, MADE_TEXT - t->len, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= MADE_TEXT - t->len)
		abort();
	t->len += (size_t)n;
}

static void add_line(struct text *t, const char *name, const char *value)
{
	if (value)
		add(t, "a=%s:%s\r\n", name, value);
}

void made_description(char out[MADE_TEXT], const struct made_party *p)
{
	struct text t = {out, 0};
	const char *ip = p->ip ? p->ip : "0.0.0.0";

	add(&t,
	    "v=0\r\no=- %s %u IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	    "a=group:BUNDLE 0\r\nm=audio %u %s 111 8\r\nc=IN IP4 %s\r\n"
	    "a=rtpmap:111 opus/48000/2\r\na=mid:0\r\na=rtcp-mux\r\n",
	    p->id ? p->id : "0", p->version, p->ip ? p->port : 9,
	    p->plain ? "RTP/AVP" : "UDP/TLS/RTP/SAVPF", ip);
	add_line(&t, "ice-ufrag", p->ufrag);
	add_line(&t, "ice-pwd", p->pwd);
	add_line(&t, "setup", p->setup);
	add_line(&t, "fingerprint", p->fingerprint);
	if (p->more)
		add(&t, "%s", p->more);
}

void made_json(char out[MADE_TEXT], const char *type,
	       const struct made_party *p)
{
	struct text t = {out, 0};
	char sdp[MADE_TEXT];

	made_description(sdp, p);
	add(&t, "{\"type\":\"%s\",\"sdp\":\"", type);
	for (const char *c = sdp; *c; c++) {
		if (*c == '\r')
			add(&t, "\\r");
		else if (*c == '\n')
			add(&t, "\\n");
		else
			add(&t, "%c", *c);
	}
	add(&t, "\"}");
}

void made_json_candidate(char out[MADE_TEXT], const char *candidate,
			 const char *ufrag)
{
	struct text t = {out, 0};

	add(&t, "{\"candidate\":{\"candidate\":\"%s\",\"sdpMid\":\"0\"",
	    candidate);
	if (ufrag)
		add(&t, ",\"usernameFragment\":\"%s\"", ufrag);
	add(&t, "}}");
}

size_t made_sip_text(char out[MADE_TEXT], const struct made_sip *s)
{
	struct text t = {out, 0};
	char sdp[MADE_TEXT] = "";

	if (s->media)
		made_description(sdp, s->media);
	add(&t,
	    "%s\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%s%.1s\r\n"
	    "From: <sip:a@x>;tag=a\r\nTo: <sip:b@x>%s\r\nCall-ID: %s\r\n"
	    "CSeq: %s\r\n%sContent-Length: %zu\r\n\r\n%s",
	    s->start, s->id, s->cseq, s->to_tag ? s->to_tag : "", s->id,
	    s->cseq, s->media ? "Content-Type: application/sdp\r\n" : "",
	    strlen(sdp), sdp);
	return t.len;
}

void made_sip(struct made_engine *m, uint64_t ms, const struct made_sip *s)
{
	char text[MADE_TEXT];
	size_t n = made_sip_text(text, s);

	made_udp(m, ms, s->from, s->to, slice_of(text, n));
}
