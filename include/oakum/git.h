/* Git: from a tree to a commit on a branch, without a checkout; and the push.
 *
 * Only the object database and the references are touched: never index, HEAD or work tree. No hook, filter or program
 * that the repository's own configuration names is ever run, and nothing of that configuration decides where a push goes
 * or which key signs. Who embeds this calls: oak_repository_open, oak_base_find, oak_tree_rewrite (with oak_pass inside),
 * oak_commit_write, oak_branch_move, oak_remote_push.
 *
 * Errors tell what to do with them: OAK_GIT is permanent, OAK_AGAIN may pass, OAK_UNSAFE means that this repository is not to
 * be written to. One handle serves one thread.
 *
 * Fetch, push and signatures start programs. Who embeds this ignores SIGPIPE, since such a program may end before it has read all, and
 * does not ignore SIGCHLD, since then nobody learns how it ended (an error, not a guess). */
#ifndef OAKUM_GIT_H
#define OAKUM_GIT_H

#include <oakum/base.h>

/* The name of an object: 40 hexadecimal digits; "" is none. */
typedef struct {
    char hex[41];
} oak_object_id;

bool oak_object_id_eq(oak_object_id a, oak_object_id b);
bool oak_object_id_is_none(oak_object_id id);

/* ---- the library ---- */

/* Counted. Each function below starts what it needs, but who works in several threads calls these around all of them: the
 * settings of libgit2 are those of the process, and are made by the first. */
void oak_git_start(void);
void oak_git_stop(void);

/* ---- a repository ---- */

struct oak_repository;

/* Opens the repository that holds `folder`: bare or not, a linked work tree, a shallow or partial clone.
 * fails   UNSAFE if it belongs to somebody else (safe.directory says that this is fine); GIT if there is none, or if it is
 *         of a kind that libgit2 cannot read (SHA-256) */
OAK_MUST_CHECK bool oak_repository_open(const char *folder, struct oak_repository **out, struct oak_error *err);
void oak_repository_free(struct oak_repository *repository);

const char *oak_repository_folder(const struct oak_repository *repository); /* its .git, with a final slash */

/* ---- a base ---- */

struct oak_base {
    oak_object_id commit, tree;
};

/* `name` is a branch, a tag, an id, anything that `git rev-parse` takes; NULL: HEAD. Fails with GIT. */
OAK_MUST_CHECK bool oak_base_find(struct oak_repository *repository, const char *name, struct oak_base *out,
                                  struct oak_error *err);

/* The branch that HEAD names, without refs/heads/. Fails with USAGE if it names none. */
OAK_MUST_CHECK bool oak_base_find_branch(struct oak_arena *arena, struct oak_repository *repository, oak_str *out,
                                         struct oak_error *err);

/* One file of the base: its bytes in `arena`; out->ptr is NULL if there is no such file. */
OAK_MUST_CHECK bool oak_base_read(struct oak_arena *arena, struct oak_repository *repository, const char *path,
                                  const struct oak_base *base, oak_str *out, struct oak_error *err);

/* ---- a tree, rewritten ---- */

/* Who rewrites. `path` is relative to the root of the tree and lives as long as the call. */
struct oak_rewriter {
    void *context;
    size_t max_bytes; /* larger blobs are passed over */

    /* Is this file to be read? Asked for regular files only. */
    bool (*wants)(void *context, oak_str path);

    /* The new text of a file; false if it stays as it is. `arena` is emptied after each file. */
    bool (*rewrite)(void *context, struct oak_arena *arena, oak_str path, oak_str text, oak_str *out);

    /* A file that was wanted and is not read: it is kept elsewhere or encrypted (the `filter` attribute, a pointer of Git
     * LFS), or too large. */
    void (*pass_over)(void *context, oak_str path, oak_str why);
};

/* The tree of `base` with what the rewriter makes of it. Files are visited in order of their paths. Modes, symbolic links,
 * submodules and names of any bytes stay; folders without a change are the same objects.
 *
 * tree    the new tree, written; that of the base if nothing changed
 * fails   UNSAFE, before anything is referenced, if any name in the tree could hurt a checkout: `.`, `..`, `.git` as any file
 *         system would read it, a slash, an empty name, the same name twice; GIT if an object is missing (partial clone) */
OAK_MUST_CHECK bool oak_tree_rewrite(struct oak_repository *repository, const struct oak_base *base,
                                     const struct oak_rewriter *rewriter, oak_object_id *tree, struct oak_error *err);

/* Names `text` as git would name a blob of it: a digest. */
oak_object_id oak_text_digest(oak_str text);

/* ---- a commit ---- */

enum oak_role { OAK_AUTHOR, OAK_COMMITTER };

struct oak_identity {
    oak_str name, email;
    int64_t time_s; /* since 1970, UTC */
    int offset_minutes;
    bool is_dated; /* the environment gave the date: it is not now */
};

/* As git finds it: GIT_AUTHOR_*, author.*, user.*, EMAIL … and the dates of the environment, else now.
 * fails   GIT if there is no name or no address: none is made up */
OAK_MUST_CHECK bool oak_identity_find(struct oak_arena *arena, struct oak_repository *repository, enum oak_role role,
                                      struct oak_identity *out, struct oak_error *err);

enum oak_signing {
    OAK_SIGN_AS_CONFIGURED, /* commit.gpgSign of the user's own configuration */
    OAK_SIGN_ALWAYS,
    OAK_SIGN_NEVER
};

struct oak_new_commit {
    oak_object_id tree, parent;
    oak_str message;
    struct oak_identity author, committer;
    enum oak_signing signing; /* gpg.format, user.signingKey, gpg.program: of the user and the system, not the repository */
};
OAK_MUST_CHECK bool oak_commit_write(struct oak_arena *arena, struct oak_repository *repository,
                                     const struct oak_new_commit *commit, oak_object_id *out, struct oak_error *err);

/* ---- a branch ---- */

/* Fails with USAGE: what git would not take, and what looks like an option or HEAD. `name` is without refs/heads/. */
OAK_MUST_CHECK bool oak_branch_check_name(const char *name, struct oak_error *err);

/* The commit at its tip; none if there is no such branch. */
OAK_MUST_CHECK bool oak_branch_find(struct oak_repository *repository, const char *name, oak_object_id *tip,
                                    struct oak_error *err);

struct oak_branch_move {
    const char *name;
    oak_object_id from; /* none: the branch must not exist */
    oak_object_id to;
    struct oak_identity who; /* for the reflog */
    const char *reason;
};

/* Moves the branch, if it still is at `from`.
 * fails   AGAIN if it is not, or is locked; GIT if it is checked out in a work tree */
OAK_MUST_CHECK bool oak_branch_move(struct oak_repository *repository, const struct oak_branch_move *move,
                                    struct oak_error *err);

/* What a commit of ours says about itself in its trailers. */
struct oak_commit_mark {
    oak_object_id base_tree; /* Oakum-Base */
    oak_object_id digest;    /* Oakum-Digest */
    oak_object_id tree;
};
OAK_MUST_CHECK bool oak_commit_mark_read(struct oak_repository *repository, oak_object_id commit,
                                         struct oak_commit_mark *out, struct oak_error *err); /* none: not one of ours */

/* The newest commit of `tip`, not of `base`, that is not ours: without our trailers, committed under another address than
 * `email`, amended, or a merge. None: all are ours. */
OAK_MUST_CHECK bool oak_branch_find_foreign(struct oak_repository *repository, oak_object_id base, oak_object_id tip,
                                            oak_str email, oak_object_id *foreign, struct oak_error *err);

/* Does the branch do to its base what `tree` does to `base`: the same files, from the same texts to the same texts? Then it
 * merges as it is, however far the base has moved elsewhere.
 *
 * stands_on  the commit below ours on the branch, and its tree */
struct oak_branch_likeness {
    bool is_alike;
    struct oak_base stands_on;
};
OAK_MUST_CHECK bool oak_branch_compare(struct oak_repository *repository, oak_object_id tip, const struct oak_base *base,
                                       oak_object_id tree, struct oak_branch_likeness *out, struct oak_error *err);

/* Takes over what the other side has: afterwards the branch is at `tip`, which was fetched. None: it stays as it is.
 * fails   GIT if it holds commits that are neither over there nor ours; AGAIN as oak_branch_move */
OAK_MUST_CHECK bool oak_branch_follow(struct oak_repository *repository, const char *name, oak_object_id tip,
                                      const struct oak_identity *who, struct oak_error *err);

/* ---- a remote ---- */

/* Where, and as whom. The token is sent to the host of `url` only, and stands in no message. */
struct oak_remote {
    oak_str url;   /* https, http, ssh, git@host:path, file or a path; without a user's password in it */
    oak_str user;  /* with the token, for http; empty: "x-access-token" */
    oak_str token; /* empty: none */
};

/* An address for people to read: without the password that should not be in it. */
oak_str oak_remote_shown(struct oak_arena *arena, oak_str url);

/* The address of a remote as the repository's configuration has it; no insteadOf applied. Fails with GIT if there is none,
 * with USAGE if it holds a password. */
OAK_MUST_CHECK bool oak_remote_find_url(struct oak_arena *arena, struct oak_repository *repository, const char *name,
                                        oak_str *out, struct oak_error *err);

/* The tip of a branch over there; none if there is no such branch. Nothing is fetched. */
OAK_MUST_CHECK bool oak_remote_find_branch(struct oak_arena *arena, const struct oak_remote *remote, const char *branch,
                                           oak_object_id *tip, struct oak_error *err);

/* Fetches that branch into the object database; no reference is made but refs/oakum/remote/BRANCH. Tip as above. */
OAK_MUST_CHECK bool oak_remote_fetch(struct oak_arena *arena, struct oak_repository *repository,
                                     const struct oak_remote *remote, const char *branch, oak_object_id *tip,
                                     struct oak_error *err);

struct oak_push {
    const char *branch;   /* over there; without refs/heads/ */
    oak_object_id commit;
    oak_object_id lease;  /* what must be there now; none: nothing */
};

/* Pushes one commit to one branch.
 * fails   AGAIN if the lease is lost or the network fails; GIT if the server refuses: its words, without control characters */
OAK_MUST_CHECK bool oak_remote_push(struct oak_arena *arena, struct oak_repository *repository,
                                    const struct oak_remote *remote, const struct oak_push *push, struct oak_error *err);

/* Makes or updates a bare copy of a repository in `folder`; its HEAD is the default branch over there. */
OAK_MUST_CHECK bool oak_remote_mirror(struct oak_arena *arena, const struct oak_remote *remote, const char *folder,
                                      struct oak_error *err);

#endif
