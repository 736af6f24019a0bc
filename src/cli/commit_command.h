/* `oakum commit` as people and machines see it. */
#ifndef OAK_CLI_COMMIT_COMMAND_H
#define OAK_CLI_COMMIT_COMMAND_H

#include "cli/config.h"
#include "cli/repos.h"
#include "cli/terminal.h"
#include "output/output.h"

/* One repository that a delivery is at work on. */
struct oak_visit {
    struct oak_arena *arena; /* lives as long as the visit */
    struct oak_repository *repository;
    const struct oak_repo *repo;
    const struct oak_run *run;                /* with the configuration of the base */
    struct oak_commit_options *options;       /* may be changed before the commit */
    const struct oak_commit_outcome *outcome; /* after it */
    const char *pull_request; /* an address, for the output; NULL: none */
    oak_str note;             /* a line for people; empty: none */
    bool skip;                /* set by `before`: nothing is to be done here, and the note says why */
    void *state;              /* of the delivery */
};

/* What happens around the commit: how `pr` is built on `commit`. Any may be NULL. Called in the thread of the repository, and
 * by several of them at a time. */
struct oak_delivery {
    void *context;
    /* As whom a repository that has an address is copied into the cache: `out->url` is filled in. */
    bool (*login)(void *context, struct oak_visit *visit, struct oak_remote *out, struct oak_error *err);
    bool (*before)(void *context, struct oak_visit *visit, struct oak_error *err); /* fetch, follow */
    void (*see)(void *context, struct oak_visit *visit, const struct oak_report *report); /* as oak_commit_options has it */
    void (*restart)(void *context, struct oak_visit *visit);
    bool (*after)(void *context, struct oak_visit *visit, struct oak_error *err); /* push, open */
    void (*end)(void *context, struct oak_visit *visit); /* whatever failed */
};

struct oak_commit_command {
    const struct oak_patches *patches;       /* the library, and what --patches adds */
    const struct oak_command_line *line;     /* today is known */
    const struct oak_config_file *config;    /* what --config read */
    const char *version;
    const struct oak_terminal *terminal;
    const struct oak_delivery *delivery; /* NULL: the commit is all */
};

/* Does it to the one repository, or to all of --repos-from. Returns the exit status. */
int oak_run_commit(struct oak_arena *arena, const struct oak_commit_command *command);

/* For who calls oak_commit_run: the options of the command line, and the exit status of an error. */
struct oak_commit_options oak_commit_options_of(const struct oak_command_line *line, const char *version);
int oak_exit_of(const struct oak_error *err);

#endif
