/*
 * What an engine hands out, for fuzz targets: recordings into memory, a
 * journal that another engine can go on with, and those who watch. Each looks
 * at every byte that it is given, and asserts what must hold.
 */
#ifndef TESTS_FUZZ_ENGINE_OUTS_H
#define TESTS_FUZZ_ENGINE_OUTS_H

#include "sniffer/engine/engine.h"

/* Its arg is not used. */
extern const struct spool_ops outs_spool;
extern const struct engine_watch outs_watch;

struct outs_journal;

/* Aborts without memory. */
struct outs_journal *outs_journal_new(const struct mask *m);
void outs_journal_free(struct outs_journal *j);
/* Hooks it in. */
void outs_journal_hook(struct outs_journal *j, struct engine_out *out);
/* e, which is new, goes on with what was told; j goes on with e. */
void outs_journal_restore(struct outs_journal *j, struct engine *e,
			  uint64_t last_ns, bool gap);

/* Of bytes that a sanitizer shall see. */
void outs_touch(struct slice s);

#endif
