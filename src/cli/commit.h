/* `oakum commit`: the fixed tree as a commit on a branch. `oakum pr` calls it, then pushes. */
#ifndef OAK_CLI_COMMIT_H
#define OAK_CLI_COMMIT_H

#include <oakum/git.h>

#include "output/output.h"

enum oak_commit_mode {
    OAK_MODE_CREATE,  /* the branch must not exist */
    OAK_MODE_APPEND,  /* on top of what the branch holds */
    OAK_MODE_REPLACE  /* anew on the base; what the branch held was ours */
};
enum oak_commit_split { OAK_SPLIT_NONE, OAK_SPLIT_PATCH, OAK_SPLIT_DIRECTORY };

struct oak_commit_options {
    const char *base;   /* NULL: HEAD */
    const char *branch;
    enum oak_commit_mode mode;
    enum oak_commit_split split;
    enum oak_signing signing;
    bool signoff;
    const char *const *paths; /* of the tree: files and folders; none: all */
    size_t path_count;
    const char *version; /* of oakum: part of the digest */
    oak_str config_text; /* of the configuration: part of the digest, too */

    /* Told of every file that was read, in order, before anything is committed; and of those that were not, and why. After
     * a lost race `restart` is called and all are told again. Any may be NULL. */
    void (*see)(void *context, const struct oak_report *report);
    void (*passed_over)(void *context, oak_str path, oak_str why);
    void (*restart)(void *context);
    void *context;
};

enum oak_commit_result {
    OAK_COMMIT_NOTHING, /* nothing to fix: the branch stays as it is, or is not made */
    OAK_COMMIT_SAME,    /* the branch already holds this: same files, patches and options */
    OAK_COMMIT_MADE     /* the branch was made or moved */
};

struct oak_commit_outcome {
    enum oak_commit_result result;
    struct oak_base base;   /* what was fixed: the base, in append mode the tip of the branch; if SAME, what it stands on */
    oak_object_id commit;   /* the tip of the branch now; none if there is no branch */
    oak_object_id previous; /* its tip before; none: it did not exist */
    oak_object_id digest;   /* of patches and options */
    size_t commit_count;    /* commits made */
    size_t passed_over;     /* files kept elsewhere or encrypted, or too large */
    struct oak_totals totals;
    struct oak_facts facts; /* of all files */
    oak_str message;        /* of the last commit */
};

/* Lost races are retried a few times here. Findings and messages are the caller's business.
 * fails   with the kind that git.h explains; USAGE for a path that is not in the tree */
OAK_MUST_CHECK bool oak_commit_run(struct oak_arena *arena, struct oak_repository *repository, const struct oak_run *run,
                                   const struct oak_commit_options *options, struct oak_commit_outcome *out,
                                   struct oak_error *err);

#endif
