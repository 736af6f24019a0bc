/* What the files of this room share about a repository. */
#ifndef OAK_GIT_REPOSITORY_H
#define OAK_GIT_REPOSITORY_H

#include <oakum/git.h>

#include <git2.h>

struct oak_repository {
    git_repository *git;
    git_odb *odb;
    git_repository *plain; /* the same objects without configuration, index and work tree; made when attributes are asked */
};

/* Fills `err` with libgit2's words behind ours and returns false. */
bool oak_git_fail(struct oak_error *err, enum oak_error_kind kind, const char *what);

oak_object_id oak_object_id_make(const git_oid *id);
bool oak_object_id_parse(oak_object_id id, git_oid *out); /* false for none, which becomes zeroes */

/* The reference of a branch: refs/heads/main. */
const char *oak_branch_full_name(struct oak_arena *arena, const char *branch);

/* Text of strangers, for a terminal: control characters become '?', the rest stays. */
oak_str oak_git_printable(struct oak_arena *arena, oak_str text);

#endif
