/* The run of one repository: the options of the command line over the configuration that its base holds. */
#ifndef OAK_CLI_COMMIT_CONFIG_H
#define OAK_CLI_COMMIT_CONFIG_H

#include "cli/config.h"

/* Everything that the run points to. Must stay where it is. */
struct oak_base_run {
    struct oak_command_line line;
    struct oak_config_file config;
    struct oak_patches own; /* the library, replaced by what the configuration names */
    struct oak_run run;
};

/* Reads `.oakum.yaml` and the folder of patches that it names from the base; not if the command line names a configuration, or
 * wants none. A base is a stranger's text: it chooses fixes and exemptions, never programs, addresses or signatures.
 *
 * config  what --config read already
 * fails   USAGE, with the place in the file, for what a configuration may not say */
OAK_MUST_CHECK bool oak_base_run_init(struct oak_arena *arena, struct oak_repository *repository,
                                      const struct oak_base *base, struct oak_base_run *out, struct oak_error *err);

#endif
