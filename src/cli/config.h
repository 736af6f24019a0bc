/* The configuration file of a run: found, read, and put below the command line. */
#ifndef OAK_CLI_CONFIG_H
#define OAK_CLI_CONFIG_H

#include "cli/options.h"

#define OAK_CONFIG_NAME ".oakum.yaml"

struct oak_config_file {
    const char *path; /* as shown and opened; NULL: there is none */
    oak_str folder;   /* real path */
    oak_str text;
    struct oak_config config;
};

/* Finds and reads the file, if there is one. On failure `file->path` names the file that the error is about, or is NULL. */
OAK_MUST_CHECK bool oak_config_file_read(struct oak_arena *arena, const struct oak_command_line *line,
                                         struct oak_config_file *file, struct oak_error *err);

/* What the command line leaves open, the file says. The options must live as long as the file. */
void oak_config_file_apply(struct oak_arena *arena, struct oak_config_file *file, struct oak_command_line *line);

/* Are all ids of the file's lists those of patches? (Those of its exemptions are asked by the run.) */
OAK_MUST_CHECK bool oak_config_file_check(const struct oak_config_file *file, const struct oak_patches *patches,
                                          struct oak_error *err);

#endif
