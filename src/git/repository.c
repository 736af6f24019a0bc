/* Opens repositories and finds what a run starts from. Turns libgit2's errors into ours. */
#include "git/repository.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const oak_span nowhere = { 0, 0 };

bool oak_git_fail(struct oak_error *err, enum oak_error_kind kind, const char *what)
{
    const git_error *const last = git_error_last();
    char words[sizeof err->text];
    snprintf(words, sizeof words, "%s", last != NULL ? last->message : "unknown error");
    /* Names from the repository may stand in them. */
    for (char *c = words; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    return oak_fail(err, kind, nowhere, "%s: %s", what, words);
}

oak_str oak_git_printable(struct oak_arena *arena, oak_str text)
{
    char *const out = oak_arena_bytes(arena, text.len);
    for (size_t i = 0; i < text.len; i++)
        out[i] = (unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f ? '?' : text.ptr[i];
    return (oak_str){ out, text.len };
}

/* ---- ids ---- */

oak_object_id oak_object_id_make(const git_oid *id)
{
    oak_object_id out = { "" };
    if (!git_oid_is_zero(id))
        git_oid_tostr(out.hex, sizeof out.hex, id);
    return out;
}

bool oak_object_id_parse(oak_object_id id, git_oid *out)
{
    memset(out, 0, sizeof *out);
    return id.hex[0] != '\0' && git_oid_fromstr(out, id.hex) == 0;
}

bool oak_object_id_eq(oak_object_id a, oak_object_id b)
{
    return strcmp(a.hex, b.hex) == 0;
}

bool oak_object_id_is_none(oak_object_id id)
{
    return id.hex[0] == '\0';
}

oak_object_id oak_text_digest(oak_str text)
{
    git_oid id;
    memset(&id, 0, sizeof id);
    git_odb_hash(&id, text.ptr != NULL ? text.ptr : "", text.len, GIT_OBJECT_BLOB);
    return oak_object_id_make(&id);
}

/* ---- opening ---- */


/* The cache only costs memory here: each object is read once. */
static void set_options(void)
{
    static const char *extensions[] = { "worktreeconfig", "partialclone" };
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, sizeof extensions / sizeof extensions[0]);
    git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)64 * 1024 * 1024);
}

void oak_git_start(void)
{
    /* The settings are those of the process: set while nobody else is at work. */
    if (git_libgit2_init() == 1)
        set_options();
}

void oak_git_stop(void)
{
    git_libgit2_shutdown();
}

static bool fail_open(const char *folder, int rc, struct oak_error *err)
{
    const git_error *const last = git_error_last();
    if (rc == GIT_EOWNER || (last != NULL && strstr(last->message, "safe.directory") != NULL))
        return oak_fail(err, OAK_UNSAFE, nowhere, "the repository at '%s' belongs to somebody else; if that is right: "
                        "git config --global --add safe.directory '%s'", folder, folder);
    if (last != NULL && strstr(last->message, "objectformat") != NULL)
        return oak_fail(err, OAK_GIT, nowhere, "the repository at '%s' names its objects with SHA-256; only SHA-1 can be "
                        "read so far", folder);
    if (rc == GIT_ENOTFOUND)
        return oak_fail(err, OAK_GIT, nowhere, "no repository at '%s' or above", folder);
    return oak_git_fail(err, OAK_GIT, folder);
}

bool oak_repository_open(const char *folder, struct oak_repository **out, struct oak_error *err)
{
    oak_git_start();
    struct oak_repository *const r = calloc(1, sizeof *r);
    if (r == NULL) {
        oak_git_stop();
        return oak_fail(err, OAK_AGAIN, nowhere, "out of memory");
    }
    const int rc = git_repository_open_ext(&r->git, folder, 0, NULL);
    const bool is_open = rc == 0 ? git_repository_odb(&r->odb, r->git) == 0 || oak_git_fail(err, OAK_GIT, folder)
                                 : fail_open(folder, rc, err);
    if (is_open)
        *out = r;
    else
        oak_repository_free(r);
    return is_open;
}

void oak_repository_free(struct oak_repository *repository)
{
    if (repository == NULL)
        return;
    git_repository_free(repository->plain);
    git_odb_free(repository->odb);
    git_repository_free(repository->git);
    free(repository);
    oak_git_stop();
}

const char *oak_repository_folder(const struct oak_repository *repository)
{
    return git_repository_path(repository->git);
}

/* ---- the base ---- */

bool oak_base_find(struct oak_repository *repository, const char *name, struct oak_base *out, struct oak_error *err)
{
    const char *const spec = name != NULL ? name : "HEAD";
    git_object *object = NULL, *commit = NULL;
    bool ok = false;
    if (git_revparse_single(&object, repository->git, spec) != 0)
        oak_fail(err, OAK_GIT, nowhere, "no commit '%s' in this repository", spec);
    else if (git_object_peel(&commit, object, GIT_OBJECT_COMMIT) != 0)
        oak_fail(err, OAK_GIT, nowhere, "'%s' is not a commit", spec);
    else
        ok = true;
    if (ok) {
        out->commit = oak_object_id_make(git_object_id(commit));
        out->tree = oak_object_id_make(git_commit_tree_id((git_commit *)commit));
    }
    git_object_free(commit);
    git_object_free(object);
    return ok;
}

bool oak_base_find_branch(struct oak_arena *arena, struct oak_repository *repository, oak_str *out, struct oak_error *err)
{
    static const char branches[] = "refs/heads/";
    git_reference *head = NULL;
    const char *target = NULL;
    if (git_reference_lookup(&head, repository->git, "HEAD") == 0)
        target = git_reference_symbolic_target(head);
    const bool ok = target != NULL && strncmp(target, branches, sizeof branches - 1) == 0;
    if (ok)
        *out = oak_arena_str(arena, oak_str_from(target + sizeof branches - 1));
    else
        oak_fail(err, OAK_USAGE, nowhere, "HEAD is on no branch: say --base BRANCH");
    git_reference_free(head);
    return ok;
}
