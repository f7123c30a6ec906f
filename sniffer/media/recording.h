/*
 * Recordings: the frames of one group in memory and on their way to the
 * spool. Internal to the media layer, each of one thread at a time. A recorder
 * holds what all recordings share: the pool of chunks, the limits, the spool.
 *
 * A recording is held in memory, bounded, until recording_keep() says that
 * it belongs to something; from then on full chunks go to the spool.
 */
#ifndef MEDIA_RECORDING_H
#define MEDIA_RECORDING_H

#include <pthread.h>

#include "sniffer/base/counters.h"
#include "sniffer/media/record.h"

struct recorder;
struct recording;

/* Paths below DIR fit: "spool/YYYY-MM-DD/HH/UID.pcap". */
#define RECORDING_PATH 64

/* cfg is copied; zero sizes take defaults (8 KB chunks, 64 KB held, no limit
 * in all). spool (NULL = nothing is recorded) and counters must outlive the
 * recorder. NULL without memory. */
struct recorder *recorder_new(const struct record_config *cfg,
			      const struct spool_ops *spool, void *spool_arg,
			      struct counters *counters);
/* Its recordings belong to several threads: lock is for what they share. */
void recorder_share(struct recorder *r, pthread_mutex_t *lock);
/* After all its recordings; NULL is fine. */
void recorder_free(struct recorder *r);
/* Bytes of memory held for recordings, and the most there ever were. */
uint64_t recorder_bytes(const struct recorder *r);
uint64_t recorder_bytes_max(const struct recorder *r);

/* NULL without memory. Takes no chunk before the first frame. */
struct recording *recording_new(struct recorder *r);

/* Whole frames: signalling, RTCP. Nothing with RECORD_NONE. A frame number
 * among the last 32 of this recording is not written again (number 0 is
 * never compared). */
void recording_frames(struct recording *rec, const struct frame *frames,
		      size_t n);
/* Frames of one media datagram, as record_config.what wants them: whole,
 * without what follows the first `header` bytes of its UDP payload, or not
 * at all. payload need not lie in the frames (reassembled fragments: those
 * without the header keep their first 14 bytes only). */
void recording_frames_cut(struct recording *rec, const struct frame *frames,
			  size_t n, struct slice payload, size_t header);
/* Like that, and without what follows the header in any case. */
void recording_frames_bare(struct recording *rec, const struct frame *frames,
			   size_t n, struct slice payload, size_t header);

/* The memory of its next frame, in three steps (0 ..), as in media.h. */
void recording_prefetch(const struct recording *rec, unsigned step);

/* From now on it may go to disk; uid names the temporary file. The second
 * call changes nothing. */
void recording_keep(struct recording *rec, const char *uid);

/* Goes on behind what an earlier run wrote of uid, if there is anything;
 * keeps it. Before the first frame. */
void recording_adopt(struct recording *rec, const char *uid);
/* While paused no frame is taken. */
void recorder_pause(struct recorder *r, bool paused);

/* Moves all of src into dst and frees src: in time order while both are in
 * memory only, else behind what dst has. */
void recording_merge(struct recording *dst, struct recording *src);

/* Frames taken so far, and the time of the latest (0 without). */
uint64_t recording_packets(const struct recording *rec);
uint64_t recording_last_ns(const struct recording *rec);

/* The file is to carry these lines of a key log; borrowed until it is
 * finished. */
void recording_secrets(struct recording *rec, struct slice keylog);

/* Completes the file under the name of uid and frees rec. path gets its
 * place below DIR, "" when nothing was recorded or nothing could be written.
 * 0 or the first -errno of this recording. */
int recording_finish(struct recording *rec, const char *uid,
		     char path[RECORDING_PATH]);
/* Throws it away. NULL is fine. */
void recording_drop(struct recording *rec);

#endif
