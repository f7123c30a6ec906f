#include "sniffer/privs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(cap) (1ull << (cap))

/* --- whom ----------------------------------------------------------------- */

static int no_such(const char *what, const char *name, char why[PRIVS_WHY])
{
	snprintf(why, PRIVS_WHY,
		 "there is no %s %.60s on this machine: make one, or name "
		 "another with --%s",
		 what, name, what);
	return -ENOENT;
}

static int find_group(struct privs_user *u, const char *group,
		      char why[PRIVS_WHY])
{
	const struct group *g = getgrnam(group);

	if (!g)
		return no_such("group", group, why);
	u->gid = g->gr_gid;
	return 0;
}

int privs_find(struct privs_user *out, const char *user, const char *group,
	       char why[PRIVS_WHY])
{
	struct privs_user u = {.asked = user != NULL};
	const struct passwd *pw;
	int err = 0;

	snprintf(u.name, sizeof(u.name), "%s", user ? user : PRIVS_USER);
	u.stay = !strcmp(u.name, "root") || !strcmp(u.name, "none");
	pw = u.stay ? NULL : getpwnam(u.name);
	if (!pw && u.asked && !u.stay)
		return no_such("user", u.name, why);
	if (pw) {
		u.uid = pw->pw_uid;
		u.gid = pw->pw_gid;
		u.found = u.uid != 0;
		u.stay = !u.found;
	}
	if (u.found && group)
		err = find_group(&u, group, why);
	if (!err)
		*out = u;
	return err;
}

/* --- capabilities --------------------------------------------------------- */

struct caps {
	uint64_t effective, permitted, inheritable;
};

static bool caps_get(struct caps *c)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d))
		return false;
	c->effective = d[0].effective | (uint64_t)d[1].effective << 32;
	c->permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	c->inheritable = d[0].inheritable | (uint64_t)d[1].inheritable << 32;
	return true;
}

static int caps_set(const struct caps *c)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2] = {
		{(uint32_t)c->effective, (uint32_t)c->permitted,
		 (uint32_t)c->inheritable},
		{(uint32_t)(c->effective >> 32), (uint32_t)(c->permitted >> 32),
		 (uint32_t)(c->inheritable >> 32)},
	};

	return syscall(SYS_capset, &h, d) ? -errno : 0;
}

/* What no program that is started later could get back. Without CAP_SETPCAP
 * it cannot be done, and no_new_privs says the same. */
static void shrink_bounding(uint64_t keep)
{
	for (int cap = 0; cap < 64; cap++) {
		int has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (has < 0)
			break;
		if (has && !(keep & BIT(cap)))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	}
}

/* Nothing inherited; permitted as it must be. */
static int shrink(uint64_t keep)
{
	const struct caps c = {keep, keep, 0};

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return caps_set(&c);
}

void privs_thread_keep(uint64_t keep)
{
	struct caps c;

	if (caps_get(&c) && (c.permitted | c.inheritable) & ~keep)
		shrink(c.permitted & keep);
}

static uint64_t wanted(const struct privs_keep *k)
{
	return (k->net_raw ? BIT(CAP_NET_RAW) : 0) |
	       (k->net_admin ? BIT(CAP_NET_ADMIN) : 0);
}

const char *privs_caps_text(uint64_t caps, char *buf, size_t size)
{
	static const struct {
		const char *name;
		int cap;
	} names[] = {{"cap_net_raw", CAP_NET_RAW},
		     {"cap_net_admin", CAP_NET_ADMIN},
		     {"cap_dac_override", CAP_DAC_OVERRIDE},
		     {"cap_chown", CAP_CHOWN}};
	size_t at = 0;

	snprintf(buf, size, "no capability");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(caps & BIT(names[i].cap)) || at >= size)
			continue;
		at += (size_t)snprintf(buf + at, size - at, "%s%s",
				       at ? ", " : "", names[i].name);
		caps &= ~BIT(names[i].cap);
	}
	if (caps && at < size)
		snprintf(buf + at, size - at, "%s0x%llx", at ? ", " : "",
			 (unsigned long long)caps);
	return buf;
}

/* --- the change ----------------------------------------------------------- */

/* The first that may not be written to; NULL when there is none. */
static const char *closed_dir(const char *const *dirs)
{
	for (; dirs && *dirs; dirs++)
		if (faccessat(AT_FDCWD, *dirs, R_OK | W_OK | X_OK,
			      AT_EACCESS) &&
		    (errno == EACCES || errno == EPERM))
			return *dirs;
	return NULL;
}

static int fail(const char *what, char why[PRIVS_WHY])
{
	int err = errno ? -errno : -EPERM;

	snprintf(why, PRIVS_WHY, "cannot %s: %s", what, strerror(-err));
	return err;
}

/* Whether it could work as that user: tried, and taken back. */
static int try_user(const struct privs_user *u, const char *const *dirs,
		    const char **closed, char why[PRIVS_WHY])
{
	if (initgroups(u->name, u->gid) || setegid(u->gid) || seteuid(u->uid))
		return fail("take on another user", why);
	*closed = closed_dir(dirs);
	if (seteuid(0) || setegid(0))
		return fail("become root again", why);
	return *closed && setgroups(0, NULL) ? fail("leave groups", why) : 0;
}

static int become(const struct privs_user *u, char why[PRIVS_WHY])
{
	uid_t r, e, s;

	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (initgroups(u->name, u->gid) || setresgid(u->gid, u->gid, u->gid) ||
	    setresuid(u->uid, u->uid, u->uid))
		return fail("give up root", why);
	if (getresuid(&r, &e, &s) || r != u->uid || e != u->uid ||
	    s != u->uid || !setuid(0))
		return fail("give up root for good", why);
	return 0;
}

/* Root's own files need no capability; those of others do. */
static uint64_t root_needs(uint64_t keep, const struct caps *now,
			   const char *const *dirs)
{
	struct caps less = *now;
	const char *closed;

	less.effective &= keep;
	if (geteuid() || caps_set(&less))
		return keep;
	closed = closed_dir(dirs);
	less.effective = now->effective;
	caps_set(&less);
	return closed ? keep | (now->permitted & PRIVS_FILE_CAPS) : keep;
}

/* Memory of a process that was root holds keys: nobody else looks into it. */
static void hide(bool core_dumps)
{
	if (!core_dumps)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	else
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

int privs_drop(const struct privs_user *u, const struct privs_keep *keep,
	       struct privs_done *out, char why[PRIVS_WHY])
{
	struct privs_done d = {0};
	const uint64_t to_change = BIT(CAP_SETUID) | BIT(CAP_SETGID);
	bool change = !geteuid() && u->found;
	struct caps now;
	int err;

	if (!caps_get(&now))
		return fail("read the capabilities", why);
	d.unable = change && (now.effective & to_change) != to_change;
	change = change && !d.unable;
	err = change ? try_user(u, keep->dirs, &d.closed, why) : 0;
	if (err)
		return err;
	d.dropped = change && !d.closed;
	d.caps = wanted(keep) & now.permitted;
	if (!d.dropped)
		d.caps = root_needs(d.caps, &now, keep->dirs);
	shrink_bounding(d.caps);
	err = d.dropped ? become(u, why) : 0;
	if (err)
		return err;
	if (shrink(d.caps))
		return fail("give up capabilities", why);
	d.no_new = !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	hide(keep->core_dumps);
	d.uid = geteuid();
	d.gid = getegid();
	*out = d;
	return 0;
}
