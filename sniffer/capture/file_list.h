/*
 * The files that the user's -r arguments mean: each file itself, of a folder
 * its regular files in order of name (not those of folders inside it).
 */
#ifndef CAPTURE_FILE_LIST_H
#define CAPTURE_FILE_LIST_H

#include <stdbool.h>

#include "sniffer/capture/fault.h"

struct file_name {
	char *path;	 /* "-" = standard input */
	size_t argument; /* which of the arguments brought it */
	bool in_folder;
};

struct file_list {
	struct file_name *v;
	size_t len;
};

/*
 * Folders inside folders are named in notes. 0, or -errno with a sentence
 * for the user in err; the list is then to be closed all the same.
 */
int file_list_expand(struct file_list *l, const char *const *args, size_t count,
		     struct faults *notes, char *err, size_t err_size);
/* One more name. 0 or -ENOMEM. */
int file_list_add(struct file_list *l, const char *path, size_t argument,
		  bool in_folder);
void file_list_close(struct file_list *l);

#endif
