/* `oakum commit` as people and machines see it. */
#ifndef OAK_CLI_COMMIT_COMMAND_H
#define OAK_CLI_COMMIT_COMMAND_H

#include "cli/options.h"

/* Returns the exit status. */
int oak_run_commit(struct oak_arena *arena, const struct oak_run *run, const struct oak_command_line *line,
                   const char *version);

/* For who calls oak_commit_run: the options of the command line, and the exit status of an error. */
struct oak_commit_options oak_commit_options_of(const struct oak_command_line *line, const char *version);
int oak_exit_of(const struct oak_error *err);

#endif
