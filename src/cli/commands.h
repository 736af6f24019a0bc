/* The table of commands: what runs, help, completion and the manual read it. */
#ifndef OAK_CLI_COMMANDS_H
#define OAK_CLI_COMMANDS_H

#include <stddef.h>

struct context; /* of main.c */

struct command {
    const char *name;
    const char *arguments; /* words by their kind: ID…, [PATH…], ID FILE:LINE */
    unsigned of;           /* enum oak_options_of; 0: it reads its words itself */
    const char *help;      /* NULL: not for people */
    int (*run)(struct context *c);
};
extern const struct command oak_commands[];
extern const size_t oak_command_count;
const struct command *oak_command_find(const char *name); /* NULL: there is none */

#endif
