/* Branches: names, tips, and the one move that matters, compare-and-swap. */
#include "git/repository.h"

#include <string.h>
#include <time.h>

static const oak_span nowhere = { 0, 0 };

const char *oak_branch_full_name(struct oak_arena *arena, const char *branch)
{
    return oak_arena_cstr(arena, oak_arena_printf(arena, "refs/heads/%s", branch));
}

bool oak_branch_check_name(const char *name, struct oak_error *err)
{
    int is_valid = 0;
    oak_git_start();
    const bool ok = name[0] != '-' && strcmp(name, "HEAD") != 0 && strcmp(name, "@") != 0 &&
                    strncmp(name, "refs/", 5) != 0 && strlen(name) < 240 &&
                    git_branch_name_is_valid(&is_valid, name) == 0 && is_valid;
    oak_git_stop();
    return ok || oak_fail(err, OAK_USAGE, nowhere, "--branch is a name such as oakum/harden, not '%.60s'", name);
}

bool oak_branch_find(struct oak_repository *repository, const char *name, oak_object_id *tip, struct oak_error *err)
{
    struct oak_arena arena;
    git_oid id;
    oak_arena_init(&arena);
    const int rc = git_reference_name_to_id(&id, repository->git, oak_branch_full_name(&arena, name));
    oak_arena_free(&arena);
    *tip = rc == 0 ? oak_object_id_make(&id) : (oak_object_id){ "" };
    return rc == 0 || rc == GIT_ENOTFOUND || oak_git_fail(err, OAK_GIT, "cannot read the branch");
}

/* In a work tree the branch would move away below its files. */
static bool is_checked_out(git_repository *git, const char *full)
{
    git_reference *branch = NULL, *head = NULL;
    bool is = false;
    if (git_reference_lookup(&branch, git, full) == 0)
        is = git_branch_is_checked_out(branch) == 1;
    else if (!git_repository_is_bare(git) && git_reference_lookup(&head, git, "HEAD") == 0)
        is = git_reference_type(head) == GIT_REFERENCE_SYMBOLIC && strcmp(git_reference_symbolic_target(head), full) == 0;
    git_reference_free(head);
    git_reference_free(branch);
    return is;
}

static bool fail_move(int rc, const char *name, struct oak_error *err)
{
    switch (rc) {
    case GIT_EEXISTS:
    case GIT_EMODIFIED:
    case GIT_ENOTFOUND:
        return oak_fail(err, OAK_AGAIN, nowhere, "somebody else moved branch '%s' at the same time", name);
    case GIT_ELOCKED:
        return oak_fail(err, OAK_AGAIN, nowhere, "branch '%s' is locked: another process writes it, or one was killed and "
                        "left refs/heads/%s.lock behind", name, name);
    default:
        return oak_git_fail(err, OAK_GIT, "cannot move the branch");
    }
}

/* What is there now is compared under the lock of the branch. That goes for "nothing", too, which is an id of zeros:
 * git_reference_create looks before it locks (libgit2, refdb_fs.c), and of two creators both would win. */
static int swap(struct oak_arena *arena, git_repository *git, const struct oak_branch_move *move)
{
    git_oid from, to;
    git_reference *made = NULL;
    const char *const full = oak_branch_full_name(arena, move->name);
    oak_object_id_parse(move->to, &to);
    oak_object_id_parse(move->from, &from);
    git_repository_set_ident(git, oak_arena_cstr(arena, move->who.name), oak_arena_cstr(arena, move->who.email));
    const int rc = git_reference_create_matching(&made, git, full, &to, 1, &from, move->reason);
    git_reference_free(made);
    return rc;
}

/* A lock is held for a moment; one that is there for a second was left behind. */
static int swap_in_time(struct oak_arena *arena, git_repository *git, const struct oak_branch_move *move)
{
    enum { TRIES = 40 };
    static const struct timespec pause = { 0, 25 * 1000000 };
    int rc = swap(arena, git, move);
    for (int tries = 1; rc == GIT_ELOCKED && tries < TRIES; tries++) {
        nanosleep(&pause, NULL);
        rc = swap(arena, git, move);
    }
    return rc;
}

bool oak_branch_move(struct oak_repository *repository, const struct oak_branch_move *move, struct oak_error *err)
{
    struct oak_arena arena;
    oak_arena_init(&arena);
    bool ok = !is_checked_out(repository->git, oak_branch_full_name(&arena, move->name)) ||
              oak_fail(err, OAK_GIT, nowhere, "branch '%s' is checked out in a work tree, which is never touched: name another "
                       "branch", move->name);
    if (ok) {
        const int rc = swap_in_time(&arena, repository->git, move);
        ok = rc == 0 || fail_move(rc, move->name, err);
    }
    oak_arena_free(&arena);
    return ok;
}

/* ---- likeness ---- */

/* Below our own commits: where the branch was made. */
static bool find_bottom(struct oak_repository *repository, oak_object_id tip, struct oak_base *out, struct oak_error *err)
{
    git_oid id;
    struct oak_commit_mark mark = { .tree = { "" } };
    out->commit = tip;
    for (;;) {
        git_commit *commit = NULL;
        if (!oak_commit_mark_read(repository, out->commit, &mark, err))
            return false;
        out->tree = mark.tree;
        oak_object_id_parse(out->commit, &id);
        if (oak_object_id_is_none(mark.digest) || git_commit_lookup(&commit, repository->git, &id) != 0)
            return true;
        const bool has_parent = git_commit_parentcount(commit) == 1;
        if (has_parent)
            out->commit = oak_object_id_make(git_commit_parent_id(commit, 0));
        git_commit_free(commit);
        if (!has_parent)
            return true;
    }
}

static git_diff *compare_trees(git_repository *git, oak_object_id from, oak_object_id to)
{
    git_oid ids[2];
    git_tree *trees[2] = { NULL, NULL };
    git_diff *diff = NULL;
    oak_object_id_parse(from, &ids[0]);
    oak_object_id_parse(to, &ids[1]);
    if (git_tree_lookup(&trees[0], git, &ids[0]) == 0 && git_tree_lookup(&trees[1], git, &ids[1]) == 0)
        git_diff_tree_to_tree(&diff, git, trees[0], trees[1], NULL);
    git_tree_free(trees[1]);
    git_tree_free(trees[0]);
    return diff;
}

static bool is_same_file(const git_diff_file *a, const git_diff_file *b)
{
    return strcmp(a->path, b->path) == 0 && git_oid_equal(&a->id, &b->id) && a->mode == b->mode;
}

static bool are_alike(const git_diff *a, const git_diff *b)
{
    const size_t count = git_diff_num_deltas(a);
    if (count != git_diff_num_deltas(b))
        return false;
    for (size_t i = 0; i < count; i++) {
        const git_diff_delta *const left = git_diff_get_delta(a, i), *const right = git_diff_get_delta(b, i);
        if (!is_same_file(&left->old_file, &right->old_file) || !is_same_file(&left->new_file, &right->new_file))
            return false;
    }
    return true;
}

bool oak_branch_compare(struct oak_repository *repository, oak_object_id tip, const struct oak_base *base,
                        oak_object_id tree, struct oak_branch_likeness *out, struct oak_error *err)
{
    struct oak_commit_mark mark;
    *out = (struct oak_branch_likeness){ .is_alike = false };
    if (!oak_commit_mark_read(repository, tip, &mark, err) || !find_bottom(repository, tip, &out->stands_on, err))
        return false;
    git_diff *const ours = compare_trees(repository->git, out->stands_on.tree, mark.tree);
    git_diff *const wanted = compare_trees(repository->git, base->tree, tree);
    out->is_alike = ours != NULL && wanted != NULL && are_alike(ours, wanted);
    git_diff_free(wanted);
    git_diff_free(ours);
    return true;
}

/* ---- the other side ---- */

bool oak_branch_follow(struct oak_repository *repository, const char *name, oak_object_id tip,
                       const struct oak_identity *who, struct oak_error *err)
{
    oak_object_id here, foreign = { "" };
    if (oak_object_id_is_none(tip))
        return true;
    if (!oak_branch_find(repository, name, &here, err))
        return false;
    if (oak_object_id_eq(here, tip))
        return true;
    if (!oak_object_id_is_none(here) && !oak_branch_find_foreign(repository, tip, here, who->email, &foreign, err))
        return false;
    if (!oak_object_id_is_none(foreign))
        return oak_fail(err, OAK_GIT, nowhere, "branch '%s' holds commit %.10s, which is not on the remote and was not made by "
                        "oakum", name, foreign.hex);
    const struct oak_branch_move move = { .name = name, .from = here, .to = tip, .who = *who, .reason = "follow: by oakum" };
    return oak_branch_move(repository, &move, err);
}
