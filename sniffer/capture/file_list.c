#include "sniffer/capture/file_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int file_list_add(struct file_list *l, const char *path, size_t argument,
		  bool in_folder)
{
	struct file_name *v = l->v;
	char *copy = strdup(path);

	/* The room doubles each time that len reaches a power of two. */
	if (copy && !(l->len & (l->len - 1)))
		v = realloc(v, (l->len ? l->len * 2 : 1) * sizeof(*v));
	if (!copy || !v) {
		free(copy);
		return -ENOMEM;
	}
	l->v = v;
	v[l->len++] = (struct file_name){copy, argument, in_folder};
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct file_name *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int add_member(struct file_list *l, const char *dir, const char *name,
		      size_t argument, struct faults *notes)
{
	struct stat st;
	char *path;
	int err = 0;

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return 0;
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	if (stat(path, &st) || S_ISREG(st.st_mode))
		err = file_list_add(l, path, argument, true);
	else if (S_ISDIR(st.st_mode))
		faults_add(notes, FAULT_REFUSED, path, 0,
			   "left out: a folder inside a folder");
	free(path);
	return err;
}

static int add_folder(struct file_list *l, const char *path, size_t argument,
		      struct faults *notes)
{
	DIR *dir = opendir(path);
	size_t first = l->len;
	struct dirent *de;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (de = readdir(dir)))
		err = add_member(l, path, de->d_name, argument, notes);
	closedir(dir);
	if (l->len > first)
		qsort(l->v + first, l->len - first, sizeof(*l->v), by_name);
	return err;
}

static int expand(struct file_list *l, const char *arg, size_t i,
		  struct faults *notes)
{
	struct stat st;

	if (!strcmp(arg, "-"))
		return file_list_add(l, arg, i, false);
	if (stat(arg, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return add_folder(l, arg, i, notes);
	return file_list_add(l, arg, i, false);
}

int file_list_expand(struct file_list *l, const char *const *args, size_t count,
		     struct faults *notes, char *err, size_t err_size)
{
	*l = (struct file_list){0};
	for (size_t i = 0; i < count; i++) {
		int rc = expand(l, args[i], i, notes);

		if (rc) {
			snprintf(err, err_size, "cannot read %s: %s", args[i],
				 strerror(-rc));
			return rc;
		}
	}
	return 0;
}

void file_list_close(struct file_list *l)
{
	for (size_t i = 0; i < l->len; i++)
		free(l->v[i].path);
	free(l->v);
	*l = (struct file_list){0};
}
