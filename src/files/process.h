/* A program run to its end: what it is given, what it says. Who embeds this ignores SIGPIPE: a program need not read all that it is
 * given. */
#ifndef OAK_FILES_PROCESS_H
#define OAK_FILES_PROCESS_H

#include <oakum/base.h>

struct oak_process {
    const char *const *argv; /* ends with NULL; found on PATH; no shell */
    const char *const *env;  /* ends with NULL; NULL: ours */
    oak_str input;
    size_t max_answer;  /* bytes of its standard output that are kept; 0: 1 MiB */
    bool shares_talk;   /* its standard error is ours: people see what it asks them for */
};

struct oak_process_result {
    int status; /* of exit; 128 + the signal that ended it */
    oak_str out, talk; /* standard output and error, in the arena; of talk at most 1 MiB is kept */
    bool is_cut;       /* it said more than that */
};

/* Fails with IO if it cannot be started, or if the system does not tell how it ended (SIGCHLD is ignored). What it answers is for the
 * caller to judge. */
OAK_MUST_CHECK bool oak_process_run(struct oak_arena *arena, const struct oak_process *process,
                                    struct oak_process_result *out, struct oak_error *err);

#endif
