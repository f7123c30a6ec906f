#include "sniffer/capture/filter_words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sniffer/capture/peel.h"
#include "sniffer/capture/tunnelled.h"

/* Words that show that the user speaks of such a layer. */
static const struct {
	const char *word;
	unsigned layer;
} own_words[] = {
	{"vlan", PEEL_LINK},	    {"mpls", PEEL_LINK},
	{"pppoed", PEEL_LINK},	    {"pppoes", PEEL_LINK},
	{"ether[", PEEL_LINK},	    {"link[", PEEL_LINK},
	{"ether proto", PEEL_LINK}, {"ip6[", PEEL_IP6},
	{"proto", PEEL_IP6},	    {"protochain", PEEL_IP6},
};

/* Whether the text holds that word, not as part of a longer one. */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at++) {
		bool left = at == text || !isalnum((unsigned char)at[-1]);
		bool right = word[len - 1] == '[' ||
			     !isalnum((unsigned char)at[len]);

		if (left && right)
			return true;
	}
	return false;
}

unsigned filter_layers(const char *expr)
{
	unsigned layers = PEEL_LINK | PEEL_IP6;

	for (size_t i = 0; i < sizeof(own_words) / sizeof(*own_words); i++)
		if (has_word(expr, own_words[i].word))
			layers &= ~own_words[i].layer;
	return layers;
}

unsigned filter_tunnels(const char *expr)
{
	unsigned kinds = TUNNEL_ALL;

	if (has_word(expr, "proto") || has_word(expr, "protochain") ||
	    has_word(expr, "ip[") || has_word(expr, "ip6["))
		kinds &= ~(unsigned)TUNNEL_IP;
	if (has_word(expr, "udp["))
		kinds &= ~(unsigned)TUNNEL_HEP;
	for (unsigned i = 0; tunnel_ports[i]; i++) {
		char port[8];

		snprintf(port, sizeof(port), "%u", tunnel_ports[i]);
		if (has_word(expr, port))
			kinds &= ~((unsigned)TUNNEL_PORT << i);
	}
	return kinds;
}
