/* What could stand where somebody pressed the tab key. One answer for all shells and for kubectl, in the form that programs
 * made with Go's cobra have: a candidate and its description, with a tab between them, in each line; last a line `:N`. */
#ifndef OAK_CLI_COMPLETE_H
#define OAK_CLI_COMPLETE_H

#include "cli/commands.h"

#include <oakum/patch.h>

/* N, added up. Without any, and without candidates, it is a file. */
enum oak_completion { OAK_COMPLETE_NO_SPACE = 2, OAK_COMPLETE_NO_FILES = 4, OAK_COMPLETE_FOLDERS = 16 };

/* What stands behind `oakum`; the last word is unfinished, maybe empty. Of `--name=value` the candidates are values alone. */
struct oak_unfinished {
    char **words;
    size_t count;
    unsigned plugin; /* OAK_OF_PLUGIN, if kubectl asks */
};
void oak_complete(struct oak_buf *out, const struct oak_patches *patches, const struct oak_unfinished *line);

/* The script for a shell; `ptr` is NULL if there is none. */
oak_str oak_completion_script(oak_str shell);

#endif
