#include "web/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"

#define PEM_MAX (256 * 1024)

static int refuse(char why[WEB_WHY], int err, const char *path,
		  const char *what)
{
	snprintf(why, WEB_WHY, "%.300s: %s", path, what);
	return err;
}

static int check(int fd, const char *path, bool secret, struct stat *st,
		 char why[WEB_WHY])
{
	if (fstat(fd, st))
		return refuse(why, -errno, path, strerror(errno));
	if (!S_ISREG(st->st_mode) || st->st_size > PEM_MAX)
		return refuse(why, -EINVAL, path, "not a PEM file");
	if (secret && (st->st_mode & 07))
		return refuse(why, -EPERM, path,
			      "everybody may read this key: take that away "
			      "with chmod o= and start again");
	return 0;
}

static int read_pem(const char *path, bool secret, char **out,
		    char why[WEB_WHY])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat st;
	char *text = NULL;
	ssize_t n;

	if (fd < 0)
		return refuse(why, -errno, path, strerror(errno));
	err = check(fd, path, secret, &st, why);
	if (err)
		goto out;
	text = calloc(1, (size_t)st.st_size + 1);
	n = text ? read_all(fd, text, (size_t)st.st_size) : -ENOMEM;
	if (n < 0)
		err = refuse(why, (int)n, path, strerror((int)-n));
	else if (!strstr(text, "-----BEGIN "))
		err = refuse(why, -EINVAL, path,
			     "not a PEM file: it has no line -----BEGIN");
	else
		err = 0;
	if (!err) {
		*out = text;
		text = NULL;
	}
	free(text);
out:
	close(fd);
	return err;
}

int tls_load(struct web *w, char why[WEB_WHY])
{
	const struct web_config *wc = &w->cfg;
	int err;

	if (!wc->cert && !wc->key)
		return 0;
	if (!wc->cert || !wc->key) {
		snprintf(why, WEB_WHY,
			 "http-cert and http-key belong together: give both, "
			 "or none");
		return -EINVAL;
	}
	if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
		snprintf(why, WEB_WHY,
			 "this libmicrohttpd has no TLS: put a reverse proxy "
			 "in front (docs/VIEWER.md)");
		return -ENOTSUP;
	}
	err = read_pem(wc->cert, false, &w->cert, why);
	if (!err)
		err = read_pem(wc->key, true, &w->key, why);
	return err;
}

void tls_forget(struct web *w)
{
	if (w->key)
		explicit_bzero(w->key, strlen(w->key));
	free(w->key);
	free(w->cert);
	w->key = w->cert = NULL;
}
