#include "storage/write_all.h"

#include <errno.h>
#include <unistd.h>

int write_all(int fd, struct slice bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.p, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes = slice_from(bytes, (size_t)n);
	}
	return 0;
}
