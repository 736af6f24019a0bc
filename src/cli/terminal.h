/* What the standard streams are, and what may be done to them. The only file that asks. */
#ifndef OAK_CLI_TERMINAL_H
#define OAK_CLI_TERMINAL_H

#include "cli/options.h"
#include "output/look.h"

struct oak_terminal {
    struct oak_look looks[2];
    const struct oak_look *out, *err; /* NULL: plain bytes, for a program */
    bool is_out_seen;   /* standard output is a terminal */
    bool may_progress;  /* standard error is one, and nobody else's output is shown there */
};

/* Colours: --color decides; else NO_COLOR, then CLICOLOR_FORCE, CLICOLOR and TERM as https://bixense.com/clicolors has them. */
void oak_terminal_init(struct oak_terminal *terminal, enum oak_colour colour);

/* Of a terminal at `fd`: COLUMNS, or what the system says; 0: not known. */
unsigned oak_terminal_width(int fd);

#endif
