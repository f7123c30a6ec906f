/* The folder: which files count, and what is appended to them. */
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"
#include "storage/journal_priv.h"

static void name_of(uint64_t generation, uint64_t number,
		    char out[JOURNAL_NAME])
{
	snprintf(out, JOURNAL_NAME, "%" PRIu64 "-%06" PRIu64, generation,
		 number);
}

/* --- which generation ----------------------------------------------------- */

static int read_current(struct journal *j, uint64_t *out)
{
	char text[32] = "", *end;
	int fd = openat(j->dir_fd, "current", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return -errno;
	*out = strtoull(text, &end, 10);
	return 0;
}

static int write_current(struct journal *j)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%" PRIu64 "\n", j->generation);
	int fd = openat(j->dir_fd, "current.new",
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, (size_t)len) != len || fdatasync(fd))
		err = errno ? -errno : -EIO;
	close(fd);
	if (!err && renameat(j->dir_fd, "current.new", j->dir_fd, "current"))
		err = -errno;
	return err;
}

/* --- what is there -------------------------------------------------------- */

static void add_old(struct journal *j, uint64_t number)
{
	struct journal_file *f = calloc(1, sizeof(*f));
	struct list *at = &j->old;

	if (!f)
		return;
	f->number = number;
	list_each(it, &j->old)
	{
		if (container_of(it, struct journal_file, node)->number >
		    number)
			break;
		at = it;
	}
	list_append(at->next, &f->node);
}

/* Files of the generation that counts; the others are what a run that did
 * not count has left. */
static void sort_out(struct journal *j, const char *name, uint64_t current)
{
	uint64_t generation, number;
	int len = 0;

	if (sscanf(name, "%" SCNu64 "-%" SCNu64 "%n", &generation, &number,
		   &len) != 2 ||
	    name[len])
		return;
	if (generation == current && current)
		add_old(j, number);
	else
		unlinkat(j->dir_fd, name, 0);
}

static int list_files(struct journal *j, uint64_t current)
{
	int fd = openat(j->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	while ((e = readdir(d)))
		sort_out(j, e->d_name, current);
	closedir(d);
	return 0;
}

/* One that cannot be read is told of, and left out. */
static void map_file(struct journal *j, struct journal_file *f)
{
	char name[JOURNAL_NAME];
	struct stat st;
	void *p;
	int fd;

	name_of(j->generation - 1, f->number, name);
	fd = openat(j->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st)) {
		journal_tell(j, "cannot read %s/%s: %s", j->dir, name,
			     strerror(errno));
	} else if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			 0);
		if (p != MAP_FAILED)
			f->bytes = slice_of(p, (size_t)st.st_size);
	}
	if (fd >= 0)
		close(fd);
}

int journal_files_open(struct journal *j)
{
	uint64_t current = 0;
	int err = make_dir(j->cfg.dir);

	if (!err)
		err = make_dir(j->dir);
	if (err)
		return err;
	j->dir_fd = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->dir_fd < 0 || faccessat(j->dir_fd, ".", W_OK, AT_EACCESS))
		return -errno;
	err = read_current(j, &current);
	if (err)
		return err;
	j->generation = current + 1;
	err = list_files(j, current);
	list_each(it, &j->old)
		map_file(j, container_of(it, struct journal_file, node));
	return err;
}

static void forget_old(struct journal *j, bool remove)
{
	char name[JOURNAL_NAME];

	list_each_safe(it, &j->old)
	{
		struct journal_file *f =
			container_of(it, struct journal_file, node);

		if (f->bytes.len)
			munmap((void *)f->bytes.p, f->bytes.len);
		name_of(j->generation - 1, f->number, name);
		if (remove)
			unlinkat(j->dir_fd, name, 0);
		list_remove(&f->node);
		free(f);
	}
}

void journal_files_close(struct journal *j)
{
	forget_old(j, false);
	list_each_safe(it, &j->files)
	{
		list_remove(it);
		free(container_of(it, struct journal_file, node));
	}
	if (j->fd >= 0)
		close(j->fd);
	if (j->dir_fd >= 0)
		close(j->dir_fd);
}

int journal_files_commit(struct journal *j)
{
	int err;

	if (j->fd >= 0 && fdatasync(j->fd))
		return -errno;
	err = write_current(j);
	if (!err)
		forget_old(j, true);
	return err;
}

/* --- appending ------------------------------------------------------------ */

/* The one that is open. */
static struct journal_file *last_file(struct journal *j)
{
	return container_of(j->files.prev, struct journal_file, node);
}

static int begin_file(struct journal *j, struct journal_file *f)
{
	struct outbuf dictionary = {0}, head = {0};
	char name[JOURNAL_NAME];
	int err = -ENOMEM;
	int fd;

	name_of(j->generation, f->number, name);
	fd = openat(j->dir_fd, name,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return -errno;
	cdr_code_dictionary(j->code, &dictionary);
	journal_put_header(&head, slice_of(dictionary.p, dictionary.len));
	if (!dictionary.failed && !head.failed)
		err = write_all_at(fd, slice_of(head.p, head.len), 0);
	f->size = head.len;
	outbuf_free(&dictionary);
	outbuf_free(&head);
	if (err) {
		close(fd);
		unlinkat(j->dir_fd, name, 0);
		return err;
	}
	if (j->fd >= 0)
		close(j->fd);
	j->fd = fd;
	return 0;
}

static int next_file(struct journal *j)
{
	struct journal_file *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->number = j->number + 1;
	err = begin_file(j, f);
	if (err) {
		free(f);
		return err;
	}
	j->number = f->number;
	list_append(&j->files, &f->node);
	j->files_n++;
	j->bytes += f->size;
	return 0;
}

int journal_files_write(struct journal *j, struct slice entries)
{
	struct journal_file *f;
	int err = 0;

	if (j->fd < 0 || last_file(j)->size >= j->cfg.file_bytes)
		err = next_file(j);
	if (err)
		return err;
	f = last_file(j);
	err = write_all_at(j->fd, entries, (off_t)f->size);
	if (err) {
		/* What is there of it would be taken for damage. */
		if (ftruncate(j->fd, (off_t)f->size))
			return err;
		return err;
	}
	f->size += entries.len;
	j->bytes += entries.len;
	return 0;
}

int journal_files_read(struct journal *j, const struct journal_file *f,
		       char **out, size_t *len)
{
	char name[JOURNAL_NAME];
	char *p = malloc(f->size ? f->size : 1);
	size_t got = 0;
	ssize_t n = 1;
	int fd;

	if (!p)
		return -ENOMEM;
	name_of(j->generation, f->number, name);
	fd = openat(j->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	while (fd >= 0 && n > 0 && got < f->size) {
		n = pread(fd, p + got, f->size - got, (off_t)got);
		got += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || n < 0) {
		int err = -errno;

		free(p);
		if (fd >= 0)
			close(fd);
		return err;
	}
	close(fd);
	*out = p;
	*len = got;
	return 0;
}

void journal_files_drop(struct journal *j, struct journal_file *f)
{
	char name[JOURNAL_NAME];

	name_of(j->generation, f->number, name);
	unlinkat(j->dir_fd, name, 0);
	j->bytes -= f->size;
	j->files_n--;
	list_remove(&f->node);
	free(f);
}
