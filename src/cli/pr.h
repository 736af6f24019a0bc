/* `oakum pr`: what happens around the commit. */
#ifndef OAK_CLI_PR_H
#define OAK_CLI_PR_H

#include "cli/commit_command.h"

/* Commits, pushes, opens or updates, for the one repository or for all of --repos-from. Returns the exit status. */
int oak_run_pr(struct oak_arena *arena, const struct oak_commit_command *command);

#endif
