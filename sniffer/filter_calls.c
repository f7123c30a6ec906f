#include "sniffer/filter_calls.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "sniffer/base/thread.h"

#define WORD UINT32_MAX /* all of an int */

/* --- what all do ---------------------------------------------------------- */

/* Memory, clocks, locks, descriptors that are open; nothing by name but the
 * figures of a file. */
static const char *const basic[] = {
	"read",
	"readv",
	"pread64",
	"preadv",
	"write",
	"writev",
	"pwrite64",
	"pwritev",
	"close",
	"fstat",
	"stat",
	"lstat",
	"newfstatat",
	"statx",
	"lseek",
	"fcntl",
	"dup",
	/* memory */
	"brk",
	"munmap",
	"mremap",
	"madvise",
	"membarrier",
	/* clocks, waiting */
	"clock_gettime",
	"clock_getres",
	"clock_nanosleep",
	"nanosleep",
	"gettimeofday",
	"time",
	"times",
	"poll",
	"ppoll",
	"select",
	"pselect6",
	"epoll_wait",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_ctl",
	"eventfd2",
	"restart_syscall",
	/* threads */
	"futex",
	"futex_waitv",
	"sched_yield",
	"sched_getaffinity",
	"getcpu",
	"rseq",
	"set_robust_list",
	"get_robust_list",
	"exit",
	"exit_group",
	"gettid",
	"getpid",
	/* signals: their handlers return, abort() works */
	"rt_sigprocmask",
	"rt_sigaction",
	"rt_sigreturn",
	"sigaltstack",
	/* what the library asks on its own account */
	"getrandom",
	"getrusage",
	"sysinfo",
	"uname",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	NULL,
};

static const struct filter_rule basic_rules[] = {
	{"mmap", 2, PROT_EXEC, 0},
	{"mprotect", 2, PROT_EXEC, 0},
	/* names of threads, and of memory by a newer library */
	{"prctl", 0, WORD, PR_SET_NAME},
	{"prctl", 0, WORD, 0x53564d41}, /* PR_SET_VMA */
	/* is it a terminal? what is there to be read? */
	{"ioctl", 1, WORD, TCGETS},
	{"ioctl", 1, WORD, TIOCGWINSZ},
	{"ioctl", 1, WORD, FIONREAD},
	{"ioctl", 1, WORD, FIONBIO},
	/* limits are asked for, not set */
	{"prlimit64", 2, UINT64_MAX, 0},
	{NULL},
};

/* What a leak checker does at the end, in a process of its own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
static const char *const sanitizer[] = {
	"clone",      "ptrace",		  "wait4",	 "prctl",
	"mmap",	      "mprotect",	  "openat",	 "readlink",
	"readlinkat", "getdents64",	  "getppid",	 "kill",
	"tgkill",     "process_vm_readv", "personality", "sched_getparam",
	"prlimit64",  "getrlimit",	  "getdents",	 "open",
	NULL,
};
#define ALL                                                                    \
	{basic, basic_rules},                                                  \
	{                                                                      \
		sanitizer, NULL                                                \
	}
#else
#define ALL                                                                    \
	{                                                                      \
		basic, basic_rules                                             \
	}
#endif

/* --- files ---------------------------------------------------------------- */

static const char *const files[] = {
	"open",
	"openat",
	"creat",
	"access",
	"faccessat",
	"faccessat2",
	"readlink",
	"readlinkat",
	"getdents64",
	"getcwd",
	"mkdir",
	"mkdirat",
	"rmdir",
	"rename",
	"renameat",
	"renameat2",
	"link",
	"linkat",
	"unlink",
	"unlinkat",
	"truncate",
	"ftruncate",
	"fallocate",
	"fsync",
	"fdatasync",
	"sync_file_range",
	"flock",
	"fadvise64",
	"copy_file_range",
	"sendfile",
	"chmod",
	"fchmod",
	"fchmodat",
	"fchown",
	"utimensat",
	"statfs",
	"fstatfs",
	"umask",
	NULL,
};

/* Not made, not written. */
static const struct filter_rule reading[] = {
	{"open", 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY},
	{"openat", 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY},
	{NULL},
};

/* --- the network ---------------------------------------------------------- */

/* Through sockets that are open. */
static const char *const talking[] = {
	"recvfrom",    "recvmsg",     "recvmmsg",   "sendto",
	"sendmsg",     "sendmmsg",    "getsockopt", "setsockopt",
	"getsockname", "getpeername", "shutdown",   NULL,
};

/* Connections that others begin. */
static const char *const serving[] = {
	"accept", "accept4", "listen", "epoll_create1", "pipe2", NULL,
};

/* To a database, with what resolves its name. */
static const char *const connecting[] = {"connect", "bind", "socketpair", NULL};
static const struct filter_rule connecting_rules[] = {
	{"socket", 0, WORD, AF_UNIX},
	{"socket", 0, WORD, AF_INET},
	{"socket", 0, WORD, AF_INET6},
	{"socket", 0, WORD, AF_NETLINK},
	/* modules of the name service are loaded when they are needed */
	{"mmap", 2, PROT_WRITE, 0},
	{"mprotect", 2, PROT_WRITE, 0},
	{NULL},
};

/* A device is opened again; no address is connected to. */
static const char *const tapping[] = {"bind",	  "ioctl",	"access",
				      "readlink", "readlinkat", "getdents64",
				      NULL};
static const struct filter_rule tapping_rules[] = {
	{"socket", 0, WORD, AF_PACKET},
	{"socket", 0, WORD, AF_NETLINK},
	{"socket", 0, WORD, AF_UNIX}, /* asked for figures of devices */
	{"socket", 0, WORD, AF_INET}, /* likewise */
	{NULL},
};

/* The end has a time limit. */
static const char *const timing[] = {"alarm", "setitimer", NULL};

/* Figures of devices, through a socket that was opened at the start. */
static const struct filter_rule asking[] = {
	{"ioctl", 1, WORD, SIOCGIFFLAGS},
	{"ioctl", 1, WORD, SIOCETHTOOL},
	{NULL},
};

/* --- threads -------------------------------------------------------------- */

static const struct filter_rule starting[] = {
	{"clone", 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM},
	{NULL},
};

const struct filter_kind filter_kinds[] = {
	[THREAD_CORE] =
		{{ALL, {files, starting}, {talking, asking}, {timing, NULL}}},
	[THREAD_CAPTURE] = {{ALL,
			     {talking, reading},
			     {tapping, tapping_rules},
			     {serving, NULL}}},
	[THREAD_MEDIA] = {{ALL}},
	[THREAD_STORE] = {{ALL,
			   {files, starting},
			   {talking, NULL},
			   {connecting, connecting_rules}}},
	[THREAD_SPOOL] = {{ALL, {files, NULL}}},
	[THREAD_WEB] = {{ALL,
			 {files, starting},
			 {talking, NULL},
			 {serving, NULL},
			 {connecting, connecting_rules}}},
};

/* An attacker's first wishes: that they fail is said as what it is. */
const char *const filter_refused[] = {
	"execve",
	"execveat",
	"fork",
	"vfork",
	"ptrace",
	"process_vm_readv",
	"process_vm_writev",
	"kill",
	"tkill",
	"socket",
	"connect",
	"bind",
	"open",
	"openat",
	"unlink",
	"unlinkat",
	"rename",
	"renameat",
	"setuid",
	"setgid",
	"setresuid",
	"setresgid",
	"setgroups",
	"capset",
	"chroot",
	"mount",
	"umount2",
	"pivot_root",
	"unshare",
	"setns",
	"bpf",
	"perf_event_open",
	"keyctl",
	"add_key",
	"init_module",
	"finit_module",
	"kexec_load",
	"reboot",
	"symlink",
	"symlinkat",
	"mknod",
	"mknodat",
	NULL,
};
