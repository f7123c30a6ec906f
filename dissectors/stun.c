#include "dissectors/stun.h"

/* RFC 8489, 5: two zero bits, type, length, cookie, transaction id. */
#define HEAD 20

/* The class bits lie at 4 and 8 of the type (RFC 8489, 5). */
static uint16_t method_of(uint16_t type)
{
	return (uint16_t)((type & 0x000f) | (type & 0x00e0) >> 1 |
			  (type & 0x3e00) >> 2);
}

static bool classic(uint16_t type)
{
	return type == 0x0001 || type == 0x0101 || type == 0x0111;
}

bool stun_looks(struct slice in)
{
	struct cursor c = cursor_of(in);
	uint16_t type = cursor_u16(&c);
	uint16_t len = cursor_u16(&c);
	uint32_t cookie = cursor_u32(&c);

	cursor_take(&c, HEAD - 8);
	if (c.bad || type & 0xc000 || len % 4 || len > cursor_left(&c))
		return false;
	if (cookie == STUN_COOKIE)
		return true;
	return classic(type) && len == cursor_left(&c);
}

bool stun_channel_looks(struct slice in)
{
	struct cursor c = cursor_of(in);
	uint16_t channel = cursor_u16(&c);
	uint16_t len = cursor_u16(&c);

	return !c.bad && channel >= 0x4000 && channel <= 0x7fff &&
	       len <= cursor_left(&c) && cursor_left(&c) - len < 4;
}

bool stun_is_turn(struct slice in)
{
	struct cursor c = cursor_of(in);
	uint16_t method = method_of(cursor_u16(&c));

	return method >= 0x003 && method <= 0x00c && method != 0x005;
}
