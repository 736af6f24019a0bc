/* Branches: names, tips, and the one move that matters, compare-and-swap. */
#include "git/repository.h"

#include <string.h>

static const oak_span nowhere = { 0, 0 };

static const char *full_name(struct oak_arena *arena, const char *branch)
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
    const int rc = git_reference_name_to_id(&id, repository->git, full_name(&arena, name));
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

static int swap(struct oak_arena *arena, git_repository *git, const struct oak_branch_move *move)
{
    git_oid from, to;
    git_reference *made = NULL;
    const char *const full = full_name(arena, move->name);
    oak_object_id_parse(move->to, &to);
    git_repository_set_ident(git, oak_arena_cstr(arena, move->who.name), oak_arena_cstr(arena, move->who.email));
    const int rc = oak_object_id_parse(move->from, &from)
                       ? git_reference_create_matching(&made, git, full, &to, 1, &from, move->reason)
                       : git_reference_create(&made, git, full, &to, 0, move->reason);
    git_reference_free(made);
    return rc;
}

bool oak_branch_move(struct oak_repository *repository, const struct oak_branch_move *move, struct oak_error *err)
{
    struct oak_arena arena;
    oak_arena_init(&arena);
    bool ok = !is_checked_out(repository->git, full_name(&arena, move->name)) ||
              oak_fail(err, OAK_GIT, nowhere, "branch '%s' is checked out in a work tree, which is never touched: name another "
                       "branch", move->name);
    if (ok) {
        const int rc = swap(&arena, repository->git, move);
        ok = rc == 0 || fail_move(rc, move->name, err);
    }
    oak_arena_free(&arena);
    return ok;
}

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
