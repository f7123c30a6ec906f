/* The file of logins: read, written, read again: the same. */
#include <assert.h>
#include <stdlib.h>

#include "web/users.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_names(const struct users *u)
{
	for (size_t i = 0; i < u->users; i++) {
		struct slice name = slice_str(u->user[i].name);

		assert(user_is_name(name));
		assert(users_find(u, name) == &u->user[i]);
		assert(u->user[i].role >= WEB_VIEWER &&
		       u->user[i].role <= WEB_ADMIN);
		assert(password_is_text(slice_str(u->user[i].hash)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct users *u = NULL, *again = NULL;
	size_t len, len2;
	char *text, *text2;

	assert(!users_parse(&u, slice_of(data, size)));
	check_names(u);
	text = users_text(u, &len);
	assert(text && !users_parse(&again, slice_of(text, len)));
	assert(!again->bad_lines && again->users == u->users &&
	       again->tokens == u->tokens);
	text2 = users_text(again, &len2);
	assert(text2 && len == len2 && !memcmp(text, text2, len));
	free(text);
	free(text2);
	users_free(u);
	users_free(again);
	return 0;
}
