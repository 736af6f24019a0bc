/* The files that the command line names, one after the other: paths, folders walked, standard input. */
#ifndef OAK_CLI_INPUTS_H
#define OAK_CLI_INPUTS_H

#include "cli/options.h"
#include "files/files.h"
#include "git/git.h"

struct oak_inputs {
    struct oak_arena arena; /* paths behind symbolic links */
    const struct oak_command_line *line;
    size_t next;
    struct oak_walk walk;
    struct oak_ignore *ignore;
    bool is_walking;
};

struct oak_input {
    const char *path; /* as printed; valid until the next call */
    const char *real; /* as opened; NULL: standard input */
};

void oak_inputs_init(struct oak_inputs *inputs, const struct oak_command_line *line);

enum oak_input_result { OAK_INPUT_FILE, OAK_INPUT_ERROR, OAK_INPUT_END };
/* `err` is filled for ERROR only: what is at out->path can't be read, the others can. */
enum oak_input_result oak_inputs_next(struct oak_inputs *inputs, struct oak_input *out, struct oak_error *err);

void oak_inputs_free(struct oak_inputs *inputs);

#endif
