/* `oakum fn`: a ResourceList on standard input, the same with its items fixed and its results on standard output. */
#ifndef OAK_CLI_FN_H
#define OAK_CLI_FN_H

#include "cli/config.h"
#include "engine/resource_list.h"

struct oak_fn {
    oak_str text;
    struct oak_resource_list list;
    bool is_check;
};

/* Reads standard input and what its functionConfig says, which takes the place of a configuration file: `file->path` is NULL
 * if there is none, or on failure if the error is not about it. Without a list nothing may be printed. */
OAK_MUST_CHECK bool oak_fn_read(struct oak_arena *arena, struct oak_fn *fn, struct oak_config_file *file, bool *has_list,
                                struct oak_error *err);

/* Runs, prints, and answers with the exit status. */
int oak_fn_run(struct oak_arena *arena, const struct oak_run *run, const struct oak_fn *fn);

/* It could not be done: the host gets back what it sent, and an error among the results. */
int oak_fn_fail(struct oak_arena *arena, const struct oak_fn *fn, oak_str message);

#endif
