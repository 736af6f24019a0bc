/* What the command line names: files, folders to walk, standard input; one file after the other, in order. */
#ifndef OAK_CLI_INPUTS_H
#define OAK_CLI_INPUTS_H

#include "cli/options.h"
#include "files/files.h"
#include "git/git.h"

struct oak_input {
    const char *path;
    bool needs_recursive; /* a folder given with -f */
};

struct oak_inputs {
    OAK_LIST(struct oak_input) items;
    size_t next;
    struct oak_walk walk;
    struct oak_ignore *ignore;
    bool is_walking;
};

/* One file, or why there is none at this path. */
struct oak_found {
    const char *path; /* as printed */
    const char *real; /* as opened */
    bool is_stdin, has_error;
    struct oak_error error;
};

void oak_inputs_init(struct oak_arena *arena, const struct oak_command_line *line, struct oak_inputs *out);

/* The next one; false if there are no more. Paths live in `arena`. */
bool oak_inputs_next(struct oak_arena *arena, struct oak_inputs *inputs, struct oak_found *out);

void oak_inputs_free(struct oak_inputs *inputs);

#endif
