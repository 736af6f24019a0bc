/* The command migrate-psp. */
#ifndef OAK_CLI_MIGRATE_H
#define OAK_CLI_MIGRATE_H

#include "cli/terminal.h"

/* Returns the exit status. `patches` are those of the migration. */
int oak_migrate_psp(struct oak_arena *arena, const struct oak_patches *patches, const struct oak_command_line *line,
                    const struct oak_terminal *terminal);

#endif
