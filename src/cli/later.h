/* Files that are visited twice: what they get depends on all others. */
#ifndef OAK_CLI_LATER_H
#define OAK_CLI_LATER_H

#include <oakum/engine.h>

#include "files/files.h"

struct oak_late {
    const char *path;
    oak_file_path real;
    bool is_stdin;
    oak_str text; /* of standard input, which can't be read again */
    size_t file;  /* number among the facts */
    const struct oak_verdict *verdicts;
    size_t verdict_count;
};

/* Everything lives in the arena of the run. */
struct oak_later {
    struct oak_facts facts;
    OAK_LIST(struct oak_late) files;
    oak_verdicts verdicts;
    bool is_second;   /* the second visits have begun */
    size_t next_file; /* to visit */
};

/* The run as it is for this visit; `late` is NULL on the first. */
struct oak_run oak_later_run(const struct oak_run *run, const struct oak_late *late);

/* Completes the facts of a first visit. True if the file waits for those of all others. */
bool oak_later_must_wait(struct oak_arena *arena, const struct oak_run *run, oak_str path, oak_str text,
                         struct oak_result *result);

/* Adds the facts of a file; with `waits` it is visited again. Strings are copied. */
void oak_later_add(struct oak_later *later, const struct oak_late *file, const struct oak_file_facts *facts, bool waits);

/* Decides, once all files were visited. False if none waits. */
bool oak_later_start(struct oak_later *later);

/* The next file to visit again; NULL at the end. */
const struct oak_late *oak_later_next(struct oak_later *later);

#endif
