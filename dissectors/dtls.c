#include "dissectors/dtls.h"

/* Content types 20 (change_cipher_spec) to 26 (ack, RFC 9147). */
bool dtls_looks(struct slice in)
{
	struct cursor c = cursor_of(in);
	uint8_t type = cursor_u8(&c);
	uint16_t version = cursor_u16(&c);
	uint16_t len;

	cursor_take(&c, 8); /* epoch, sequence number */
	len = cursor_u16(&c);
	return !c.bad && type >= 20 && type <= 26 &&
	       (version == 0xfeff || version == 0xfefd || version == 0x0100) &&
	       len > 0 && len <= cursor_left(&c);
}
