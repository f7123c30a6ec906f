/*
 * Files that root made are given to the user that goes on with them. Only
 * what root owns is given: files with one name, and folders; links are not
 * followed. What others own is looked at no further than the days of a spool.
 */
#ifndef SNIFFER_GIVE_H
#define SNIFFER_GIVE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A data folder of ours and what root has in it: how many were given. One that
 * has other people's files in it is left alone (-EEXIST): it was named by
 * mistake, or is theirs. Other -errno: of the folder itself.
 */
long give_dir(const char *path, uid_t uid, gid_t gid);
/* One file, if it is there: 1, 0 when it is not root's, or -errno. */
int give_file(const char *path, uid_t uid, gid_t gid);

#endif
