#include "sniffer/capture/fault.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "PATH: packet N: WHY", allocated; NULL without memory. */
static char *sentence(const char *path, uint64_t packet, const char *why)
{
	char *text;
	int n;

	if (packet)
		n = asprintf(&text, "%s: packet %" PRIu64 ": %s", path, packet,
			     why);
	else
		n = asprintf(&text, "%s: %s", path, why);
	return n < 0 ? NULL : text;
}

static struct fault *find(struct faults *f, const char *path)
{
	for (size_t i = f->len; i-- > 0;)
		if (!strcmp(f->v[i].path, path))
			return &f->v[i];
	return NULL;
}

/* A new, empty entry at the end; NULL without memory. */
static struct fault *append(struct faults *f)
{
	struct fault *v = realloc(f->v, (f->len + 1) * sizeof(*v));

	if (!v)
		return NULL;
	f->v = v;
	v[f->len] = (struct fault){0};
	return &v[f->len];
}

void faults_add(struct faults *f, enum fault_kind kind, const char *path,
		uint64_t packet, const char *fmt, ...)
{
	struct fault *old = find(f, path), *slot;
	char *text, *copy;
	char why[256];
	va_list ap;

	if (old) {
		old->times++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);

	slot = append(f);
	text = sentence(path, packet, why);
	copy = strdup(path);
	if (!slot || !text || !copy) {
		free(text);
		free(copy);
		f->lost++;
		return;
	}
	*slot = (struct fault){kind, copy, packet, 1, text};
	f->len++;
}

void faults_move(struct faults *to, struct faults *from)
{
	for (size_t i = 0; i < from->len; i++) {
		struct fault *slot = append(to);

		if (!slot) {
			to->lost += from->len - i;
			break;
		}
		*slot = from->v[i];
		from->v[i] = (struct fault){0};
		to->len++;
	}
	to->lost += from->lost;
	from->lost = 0;
	faults_close(from);
}

void faults_close(struct faults *f)
{
	for (size_t i = 0; i < f->len; i++) {
		free(f->v[i].path);
		free(f->v[i].text);
	}
	free(f->v);
	*f = (struct faults){0};
}
