/* Writing an exemption into a file. */
#ifndef OAK_CLI_IGNORE_H
#define OAK_CLI_IGNORE_H

#include "cli/run.h"

struct oak_ignore_order {
    oak_str path;
    struct oak_annotation what;
};

/* FILE:LINE or FILE:LINE:COLUMN. */
bool oak_place_parse(oak_str text, oak_str *path, size_t *line);

/* Returns the exit status. */
int oak_ignore_command(struct oak_arena *arena, const struct oak_run *run, const struct oak_config_file *config,
                       const struct oak_ignore_order *order);

#endif
