#include "sniffer/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of versions 2 and 3, which an older header may lack. */
#define REFER	 (1ull << 13)
#define TRUNCATE (1ull << 14)

/* Files move between folders of a spool: not before it can be allowed. */
#define OLDEST 2

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define MAKES                                                                  \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |      \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |           \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | REFER)
#define WRITES (LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)
/* Allowed nowhere. */
#define NEVER                                                                  \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |           \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |        \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)
/* What can be said of a file that is no folder. */
#define OF_FILES (LANDLOCK_ACCESS_FS_READ_FILE | WRITES)

int landlock_version(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, 0,
			 LANDLOCK_CREATE_RULESET_VERSION);

	return v < OLDEST ? 0 : (int)v;
}

/* What this kernel can be asked to guard. */
static uint64_t known(int version)
{
	uint64_t all = READS | MAKES | WRITES | NEVER;

	return version < 3 ? all & ~TRUNCATE : all;
}

static int add(int rules, const struct landlock_path *p, uint64_t guarded)
{
	struct landlock_path_beneath_attr rule = {
		.parent_fd = open(p->path, O_PATH | O_CLOEXEC),
	};
	struct stat st;
	int err = 0;

	if (rule.parent_fd < 0)
		return 0;
	rule.allowed_access = READS;
	if (p->access == LANDLOCK_WRITE)
		rule.allowed_access |= MAKES | WRITES;
	rule.allowed_access &= guarded;
	if (!fstat(rule.parent_fd, &st) && !S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_FILES;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		    &rule, 0))
		err = -errno;
	close(rule.parent_fd);
	return err;
}

int landlock_enter(const struct landlock_path *paths, size_t n,
		   char why[LANDLOCK_WHY])
{
	int version = landlock_version(), rules, err = 0;
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = known(version),
	};

	if (!version)
		return -ENOSYS;
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr),
			     0);
	if (rules < 0)
		err = -errno;
	for (size_t i = 0; i < n && !err; i++)
		err = add(rules, &paths[i], attr.handled_access_fs);
	if (!err && syscall(SYS_landlock_restrict_self, rules, 0))
		err = -errno;
	if (rules >= 0)
		close(rules);
	if (err)
		snprintf(why, LANDLOCK_WHY, "Landlock: %s", strerror(-err));
	return err;
}
