#include "tests/failing_heap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct failing_heap heap;

static bool fails(void)
{
	if (!heap.on)
		return false;
	heap.asked++;
	if (heap.fail_in && --heap.fail_in == 0) {
		heap.fail_in = heap.all_after;
		return true;
	}
	return false;
}

static void *counted(void *p)
{
	heap.live += heap.on && p;
	return p;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *s);
void __real_free(void *p);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *s);
int __wrap_asprintf(char **out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int __wrap___asprintf_chk(char **out, int flag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void __wrap_free(void *p);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __real_realloc(p, size);

	return p ? q : counted(q);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : counted(__real_aligned_alloc(alignment, size));
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : counted(__real_strdup(s));
}

static int print(char **out, const char *format, va_list args)
{
	int n = fails() ? -1 : vasprintf(out, format, args);

	heap.live += heap.on && n >= 0;
	return n;
}

int __wrap_asprintf(char **out, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = print(out, format, args);
	va_end(args);
	return n;
}

/* What asprintf() becomes with _FORTIFY_SOURCE. */
int __wrap___asprintf_chk(char **out, int flag, const char *format, ...)
{
	va_list args;
	int n;

	(void)flag;
	va_start(args, format);
	n = print(out, format, args);
	va_end(args);
	return n;
}

void __wrap_free(void *p)
{
	heap.live -= heap.on && p;
	__real_free(p);
}
