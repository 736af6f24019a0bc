/* Sources × pass × sink: every file of the paths, in threads, printed in order. */
#ifndef OAK_CLI_RUN_H
#define OAK_CLI_RUN_H

#include "cli/config.h"
#include "cli/live.h"
#include "cli/terminal.h"
#include "output/output.h"

enum { OAK_EXIT_CLEAN, OAK_EXIT_FINDINGS, OAK_EXIT_FAILED, OAK_EXIT_UNSAFE, OAK_EXIT_AGAIN = 75 };

struct oak_command {
    const struct oak_command_line *line;
    const struct oak_config_file *config;
    enum oak_command_view view;
    const struct oak_live *live; /* instead of files; NULL: files */
    const struct oak_terminal *terminal;
};

/* Returns the exit status. */
int oak_run_files(struct oak_arena *arena, const struct oak_run *run, const struct oak_command *command);

#endif
