/* Which exemptions of the configuration were needed, over all files of a run. */
#ifndef OAK_CLI_USES_H
#define OAK_CLI_USES_H

#include "cli/config.h"

struct oak_uses {
    struct oak_entry_use *entries; /* one for each of the configuration's `exempt` */
    size_t count;
    OAK_LIST(oak_str) folders, files; /* what was run, seen from the configuration's folder */
    bool is_blind;                    /* a file could not be read: nothing is known to be unused */
};

void oak_uses_init(struct oak_arena *arena, struct oak_uses *uses, const struct oak_run *run);
void oak_uses_add_folder(struct oak_arena *arena, struct oak_uses *uses, oak_str inside);
void oak_uses_add_file(struct oak_arena *arena, struct oak_uses *uses, oak_str inside);
/* `result` of one file; NULL: it could not be read or written. */
void oak_uses_count(struct oak_uses *uses, const struct oak_result *result);

/* Warns of what has expired, and of what was not needed. An entry is unused only if all that it can be about was run. */
void oak_uses_tell(struct oak_arena *arena, const struct oak_uses *uses, const struct oak_run *run,
                   const struct oak_config_file *file, struct oak_buf *out);

#endif
