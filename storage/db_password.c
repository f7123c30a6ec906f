#include "storage/db_password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"

static int refuse(const char *file, const char *what, char why[SINK_WHY])
{
	snprintf(why, SINK_WHY, "the password file %.300s: %.100s", file, what);
	return -EINVAL;
}

int db_password_check(const char *file, char why[SINK_WHY])
{
	struct stat st;

	if (stat(file, &st))
		return refuse(file, strerror(errno), why);
	if (st.st_mode & 0004)
		return refuse(file, "everybody may read it: chmod o-r it", why);
	return 0;
}

static int from_environment(char out[DB_PASSWORD], char why[SINK_WHY])
{
	const char *v = getenv("CALLSCOPE_DB_PASSWORD");
	size_t len = v ? strlen(v) : 0;

	if (len >= DB_PASSWORD) {
		snprintf(why, SINK_WHY,
			 "CALLSCOPE_DB_PASSWORD is longer than %d bytes",
			 DB_PASSWORD - 1);
		return -EINVAL;
	}
	memcpy(out, v ? v : "", len + 1);
	return 0;
}

int db_password_read(const char *file, char out[DB_PASSWORD],
		     char why[SINK_WHY])
{
	char text[DB_PASSWORD + 1]; /* one more, for the newline */
	ssize_t len;
	int fd, err = 0;

	if (!file)
		return from_environment(out, why);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -errno : read_all(fd, text, sizeof(text));
	if (len < 0)
		err = refuse(file, strerror((int)-len), why);
	if (fd >= 0)
		close(fd);
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (!err && len >= DB_PASSWORD)
		err = refuse(file, "it is too long for a password", why);
	if (!err && memchr(text, '\0', (size_t)len))
		err = refuse(file, "a password has no NUL bytes", why);
	if (!err) {
		memcpy(out, text, (size_t)len);
		out[len] = '\0';
	}
	explicit_bzero(text, sizeof(text));
	return err;
}
