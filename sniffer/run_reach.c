#include "sniffer/run_reach.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/base/arena.h"

/* What the libraries read: names and addresses, certificates, zones, modules
 * of the name service; what the kernel tells of devices and of ourselves. */
static const char *const system_paths[] = {
	"/etc", "/usr", "/lib", "/lib64",	"/proc",
	"/sys", "/run", "/dev", "/var/lib/sss", NULL,
};

/* SQLite and exports put what does not fit into memory there. */
static const char *const temporary[] = {"/tmp", "/var/tmp", "/dev/null", NULL};

static int add(struct run_reach *r, const char *path,
	       enum landlock_access access)
{
	if (r->n == r->size) {
		size_t size = r->size ? 2 * r->size : 32;
		void *v = realloc(r->paths, size * sizeof(*r->paths));

		if (!v)
			return -ENOMEM;
		r->paths = v;
		r->size = size;
	}
	r->paths[r->n++] = (struct landlock_path){path, access};
	return 0;
}

static int add_all(struct run_reach *r, const char *const *paths,
		   enum landlock_access access)
{
	int err = 0;

	for (; *paths && !err; paths++)
		err = add(r, *paths, access);
	return err;
}

/* The folder of a file: another may take its name. NULL without memory. */
static const char *folder_of(struct run_reach *r, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t len = slash ? (size_t)(slash - file) : 0;

	if (!slash)
		return ".";
	if (!len)
		return "/";
	return arena_str(r->mem, slice_of(file, len));
}

static int add_folder(struct run_reach *r, const char *file,
		      enum landlock_access access)
{
	const char *dir = file ? folder_of(r, file) : NULL;

	if (!file || !strcmp(file, "-"))
		return 0;
	return dir ? add(r, dir, access) : -ENOMEM;
}

static int add_files(struct run_reach *r, const struct config_list *l)
{
	int err = 0;

	for (size_t i = 0; i < l->n && !err; i++)
		err = add_folder(r, l->v[i], LANDLOCK_READ);
	return err;
}

static int add_dir(struct run_reach *r, size_t *n, const char *dir)
{
	if (!dir)
		return 0;
	r->dirs[(*n)++] = dir;
	return add(r, dir, LANDLOCK_WRITE);
}

static bool in_dir(const struct config *c)
{
	size_t len = strlen(c->out_dir);

	return c->db_path && !strncmp(c->db_path, c->out_dir, len) &&
	       c->db_path[len] == '/' && !strchr(c->db_path + len + 1, '/');
}

/* Links to other disks. */
static int add_parts(struct run_reach *r, const char *dir)
{
	static const char *const names[] = {"spool", "queue", "journal", NULL};
	char path[4096];
	int err = 0;

	for (const char *const *n = names; *n && !err; n++) {
		const char *kept;

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, *n) >=
		    sizeof(path))
			continue;
		kept = arena_str(r->mem, slice_str(path));
		err = kept ? add(r, kept, LANDLOCK_WRITE) : -ENOMEM;
	}
	return err;
}

static int add_written(struct run_reach *r, const struct config *c)
{
	const char *tmp = getenv("TMPDIR");
	size_t n = 0;
	int err = add_dir(r, &n, c->out_dir);

	if (!err)
		err = add_parts(r, c->out_dir);
	if (!err && tmp)
		err = add(r, tmp, LANDLOCK_WRITE);
	if (!err)
		err = add_dir(r, &n, c->billing_feed);
	if (!err && c->db_path && !in_dir(c))
		err = add_dir(r, &n, folder_of(r, c->db_path));
	if (!err)
		err = add_folder(r, c->json, LANDLOCK_WRITE);
	return err;
}

static int add_read(struct run_reach *r, const struct config *c)
{
	int err = add_folder(r, c->file, LANDLOCK_READ);

	if (!err)
		err = add_folder(r, c->db_password_file, LANDLOCK_READ);
	if (!err)
		err = add_folder(r, c->http_cert, LANDLOCK_READ);
	if (!err)
		err = add_folder(r, c->http_key, LANDLOCK_READ);
	if (!err)
		err = add_files(r, &c->keys);
	if (!err)
		err = add_files(r, &c->srtp_keys);
	return err;
}

int run_reach_fill(struct run_reach *r, const struct config *cfg)
{
	int err;

	r->wanted = cfg->landlock;
	r->mem = arena_new(1024, SIZE_MAX);
	if (!r->mem)
		return -ENOMEM;
	err = add_written(r, cfg);
	if (!err)
		err = add_read(r, cfg);
	if (!err)
		err = add_all(r, system_paths, LANDLOCK_READ);
	if (!err)
		err = add_all(r, temporary, LANDLOCK_WRITE);
	return err;
}

void run_reach_enter(const struct run_reach *r, struct log *log)
{
	char why[LANDLOCK_WHY];
	int err;

	if (!r->wanted)
		return;
	err = landlock_enter(r->paths, r->n, why);
	if (err == -ENOSYS)
		log_line(log, LEVEL_DEBUG,
			 "this kernel has no Landlock that helps: files are "
			 "guarded by their owners only");
	else if (err)
		log_line(log, LEVEL_WARNING, "%s", why);
}

void run_reach_free(struct run_reach *r)
{
	free(r->paths);
	if (r->mem)
		arena_free(r->mem);
}
