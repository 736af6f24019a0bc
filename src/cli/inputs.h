/* The files that the command line names, one after the other: paths, folders walked, standard input. */
#ifndef OAK_CLI_INPUTS_H
#define OAK_CLI_INPUTS_H

#include "cli/given.h"
#include "cli/options.h"
#include "cli/uses.h"
#include "git/git.h"

struct oak_inputs {
    struct oak_arena *arena; /* of the run */
    const struct oak_command_line *line;
    const struct oak_config_file *config; /* NULL: there is none */
    struct oak_uses *uses;       /* learns what was run; NULL: nobody wants to know */
    struct oak_buf *passed_over; /* gets what a walk passes over, and why; NULL: nobody wants to know */

    struct oak_given given;
    size_t next;
    struct oak_walk walk;
    struct oak_ignore *ignore;
    size_t ignores_opened;
    bool is_walking;
    oak_str walk_root;   /* as its paths begin, with a slash behind it if it is not empty */
    oak_str walk_inside; /* the folder, seen from that of the configuration; no bytes: it is outside */
};

struct oak_input {
    const char *path; /* as printed */
    const char *real; /* as opened; NULL: standard input */
    size_t given_len; /* of real: behind that, a walk has found it */
    oak_str inside;   /* seen from the folder of the configuration; empty: outside, or no file */
};

/* All but `given` is known. A file or folder that is named twice is visited once. */
void oak_inputs_init(struct oak_inputs *inputs);

enum oak_input_result { OAK_INPUT_FILE, OAK_INPUT_ERROR, OAK_INPUT_END };
/* What is learnt of the input is in `arena`. `err` is filled for ERROR only: what is at out->path can't be read, the others can. */
enum oak_input_result oak_inputs_next(struct oak_inputs *inputs, struct oak_arena *arena, struct oak_input *out,
                                      struct oak_error *err);

/* Is standard input among them? */
bool oak_inputs_have_stdin(const struct oak_inputs *inputs);
/* Where a person would look for what is going on: a path, or nothing. */
oak_str oak_inputs_place(const struct oak_inputs *inputs);

/* In the thread that outlives all others. */
void oak_inputs_free(struct oak_inputs *inputs);

#endif
