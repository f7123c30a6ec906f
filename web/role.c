#include "web/role.h"

static const char *const names[] = {
	[WEB_NOBODY] = "nobody",
	[WEB_VIEWER] = "viewer",
	[WEB_ANALYST] = "analyst",
	[WEB_ADMIN] = "admin",
};

const char *role_name(enum web_role role)
{
	return names[role];
}

bool role_parse(struct slice text, enum web_role *out)
{
	for (int r = WEB_VIEWER; r <= WEB_ADMIN; r++) {
		if (!slice_eq(text, slice_str(names[r])))
			continue;
		*out = (enum web_role)r;
		return true;
	}
	return false;
}
