#include "sniffer/filters.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sniffer/filter_calls.h"

#define KINDS (THREAD_WEB + 1)

struct filters {
	struct sock_fprog program[KINDS];
};

/* --- rules ---------------------------------------------------------------- */

/* Not every architecture has every call, nor knows this library all. */
static int add_name(scmp_filter_ctx ctx, uint32_t action, const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);
	int err = nr >= 0 ? seccomp_rule_add(ctx, action, nr, 0) : 0;

	return err == -EDOM || err == -EEXIST ? 0 : err;
}

static int add_names(scmp_filter_ctx ctx, const char *const *names)
{
	int err = 0;

	for (; *names && !err; names++)
		err = add_name(ctx, SCMP_ACT_ALLOW, *names);
	return err;
}

static int add_rule(scmp_filter_ctx ctx, const struct filter_rule *r)
{
	int nr = seccomp_syscall_resolve_name(r->name);
	struct scmp_arg_cmp cmp = {
		.arg = r->arg,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = r->mask,
		.datum_b = r->value,
	};
	int err = nr >= 0 ? seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, nr, 1,
						   &cmp)
			  : 0;

	return err == -EDOM || err == -EEXIST ? 0 : err;
}

static int add_rules(scmp_filter_ctx ctx, const struct filter_rule *r)
{
	int err = 0;

	for (; r->name && !err; r++)
		err = add_rule(ctx, r);
	return err;
}

/* Aborting is allowed, signals to others are not. */
static int add_own_signals(scmp_filter_ctx ctx)
{
	const struct filter_rule own = {"tgkill", 0, UINT32_MAX,
					(uint64_t)getpid()};

	return add_rule(ctx, &own);
}

static bool has(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool allows(const struct filter_kind *k, const char *name)
{
	for (size_t i = 0; i < FILTER_PARTS; i++) {
		const struct filter_rule *r = k->part[i].rules;

		if (has(k->part[i].names, name))
			return true;
		for (; r && r->name; r++)
			if (!strcmp(r->name, name))
				return true;
	}
	return false;
}

/* Where "no such call" would only make a caller try another. */
static int add_refused(scmp_filter_ctx ctx, const struct filter_kind *k)
{
	int err = 0;

	for (const char *const *n = filter_refused; *n && !err; n++)
		if (!allows(k, *n))
			err = add_name(ctx, SCMP_ACT_ERRNO(EPERM), *n);
	return err;
}

static int fill(scmp_filter_ctx ctx, const struct filter_kind *k)
{
	int err = add_own_signals(ctx);

	for (size_t i = 0; i < FILTER_PARTS && !err; i++) {
		if (k->part[i].names)
			err = add_names(ctx, k->part[i].names);
		if (k->part[i].rules && !err)
			err = add_rules(ctx, k->part[i].rules);
	}
	return err ? err : add_refused(ctx, k);
}

/* --- programs ------------------------------------------------------------- */

/* libseccomp writes to a descriptor. */
static int take_program(int fd, struct sock_fprog *out)
{
	off_t size = lseek(fd, 0, SEEK_END);
	void *code = size > 0 ? malloc((size_t)size) : NULL;

	if (!code || pread(fd, code, (size_t)size, 0) != size) {
		free(code);
		return -ENOMEM;
	}
	out->filter = code;
	out->len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
	return 0;
}

static int compile(scmp_filter_ctx ctx, struct sock_fprog *out)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	int err = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);

	if (!err)
		err = take_program(fd, out);
	if (fd >= 0)
		close(fd);
	return err;
}

static int make(const struct filter_kind *k, struct sock_fprog *out)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int err;

	if (!ctx)
		return -ENOMEM;
	/* Calls of another architecture, as those of 32 bits. */
	err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
			       SCMP_ACT_ERRNO(EPERM));
	/* A tree: no call is far from the top. */
	if (!err)
		seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!err)
		err = fill(ctx, k);
	if (!err)
		err = compile(ctx, out);
	seccomp_release(ctx);
	return err;
}

int filters_new(struct filters **out, char why[FILTERS_WHY])
{
	struct filters *f = calloc(1, sizeof(*f));
	int err = f ? 0 : -ENOMEM;

	for (int k = 0; k < KINDS && !err; k++)
		err = make(&filter_kinds[k], &f->program[k]);
	if (err) {
		snprintf(why, FILTERS_WHY,
			 "cannot make the seccomp filters: %s", strerror(-err));
		filters_free(f);
		return err;
	}
	*out = f;
	return 0;
}

void filters_free(struct filters *f)
{
	if (!f)
		return;
	for (int k = 0; k < KINDS; k++)
		free(f->program[k].filter);
	free(f);
}

int filters_enter(const struct filters *f, enum thread_kind kind)
{
	const struct sock_fprog *p = &f->program[kind];

	if (!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_LOG, p))
		return 0;
	if (!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, p))
		return 0;
	return -errno;
}
