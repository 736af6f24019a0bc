/* Is this path ignored? Knows how a path given to us becomes one inside the work tree; leaves the rules to libgit2. */
#include "git/git.h"

#include <git2.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct oak_ignore {
    struct oak_arena arena; /* holds this struct, too */
    git_repository *repository;
    git_index *index;    /* NULL if it cannot be read: then nothing is known to be tracked */
    oak_str work_tree;   /* real path with a final slash */
    oak_str given;       /* the folder as its paths begin: "" for ".", else without a final slash */
    oak_str below;       /* the folder inside the work tree: "" or with a final slash */
    struct oak_buf path; /* of the question, inside the work tree */
};

/* ---- start ---- */

static bool has_git_above(const char *real_folder)
{
    char path[PATH_MAX + sizeof "/.git"];
    size_t len = strlen(real_folder);
    memcpy(path, real_folder, len + 1);
    for (;;) {
        struct stat status;
        memcpy(path + len, "/.git", sizeof "/.git");
        if (lstat(path, &status) == 0)
            return true;
        while (len > 0 && path[len - 1] != '/')
            len--;
        if (len == 0)
            return false;
        len--;
    }
}

/* Only rules are read here: neither a foreign owner nor these extensions can make that wrong. */
static void set_options(void)
{
    static const char *extensions[] = { "worktreeconfig", "partialclone" };
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, sizeof extensions / sizeof extensions[0]);
}

static oak_str without_slashes(oak_str path)
{
    while (oak_str_ends(path, OAK_STR("/")))
        path.len--;
    return path;
}

/* Where `real` is inside the work tree; false if it is not. */
static bool find_inside(const struct oak_ignore *ignore, oak_str real, oak_str *inside)
{
    const oak_str root = { ignore->work_tree.ptr, ignore->work_tree.len - 1 };
    *inside = OAK_STR("");
    if (oak_str_eq(real, root))
        return true;
    if (!oak_str_starts(real, ignore->work_tree))
        return false;
    *inside = oak_str_span(real, (oak_span){ ignore->work_tree.len, real.len });
    return true;
}

static bool is_ignored_inside(const struct oak_ignore *ignore, struct oak_buf *path, bool is_dir)
{
    size_t at;
    if (is_dir)
        oak_buf_add(path, OAK_STR("/"));
    oak_buf_add(path, (oak_str){ "", 1 });
    path->len--;
    if (ignore->index != NULL && (is_dir ? git_index_find_prefix(&at, ignore->index, path->ptr)
                                         : git_index_find(&at, ignore->index, path->ptr)) == 0)
        return false;
    int is_ignored = 0;
    return git_ignore_path_is_ignored(&is_ignored, ignore->repository, path->ptr) == 0 && is_ignored;
}

static bool open_repository(struct oak_ignore *ignore, const char *folder, const char *real)
{
    if (git_repository_open_ext(&ignore->repository, real, 0, NULL) != 0)
        return false;
    const char *const work_tree = git_repository_workdir(ignore->repository);
    oak_str below;
    if (work_tree == NULL)
        return false; /* bare */
    ignore->work_tree = oak_arena_str(&ignore->arena, oak_str_from(work_tree));
    if (!find_inside(ignore, oak_str_from(real), &below))
        return false;
    if (git_repository_index(&ignore->index, ignore->repository) != 0)
        ignore->index = NULL;

    oak_buf_init(&ignore->path, &ignore->arena);
    oak_buf_add(&ignore->path, below);
    if (below.len > 0 && is_ignored_inside(ignore, &ignore->path, true))
        return false;
    /* That question left the final slash. */
    ignore->below = oak_arena_str(&ignore->arena, oak_buf_str(&ignore->path));
    ignore->given = without_slashes(oak_arena_str(&ignore->arena, oak_str_from(folder)));
    if (oak_str_eq(ignore->given, OAK_STR(".")))
        ignore->given.len = 0;
    return true;
}

struct oak_ignore *oak_ignore_open(const char *folder)
{
    char real[PATH_MAX];
    if (realpath(folder, real) == NULL || !has_git_above(real) || git_libgit2_init() < 0)
        return NULL;
    set_options();

    struct oak_arena arena;
    oak_arena_init(&arena);
    struct oak_ignore *const ignore = oak_arena_alloc(&arena, sizeof *ignore);
    ignore->arena = arena;
    if (open_repository(ignore, folder, real))
        return ignore;
    oak_ignore_free(ignore);
    git_libgit2_shutdown();
    return NULL;
}

/* ---- questions ---- */

/* The path as the walk spells it: the folder, then plain names. */
static bool find_walked(const struct oak_ignore *ignore, oak_str path, oak_str *rest)
{
    const oak_str given = ignore->given;
    size_t start = 0, at;
    if (given.len > 0) {
        if (path.len <= given.len || !oak_str_starts(path, given) || path.ptr[given.len] != '/')
            return false;
        start = given.len + 1;
    }
    *rest = oak_str_span(path, (oak_span){ start, path.len });
    /* "a..b" is a plain name; to resolve it is only slower. */
    return !oak_str_starts(*rest, OAK_STR("/")) && !oak_str_starts(*rest, OAK_STR("./")) &&
           !oak_str_find(*rest, 0, OAK_STR(".."), &at);
}

/* Any other path: its folder is resolved, its last name is not, since a link is ignored under its own name. */
static bool add_resolved(struct oak_ignore *ignore, oak_str path)
{
    char folder[PATH_MAX], real[PATH_MAX];
    size_t folder_len = path.len;
    while (folder_len > 0 && path.ptr[folder_len - 1] != '/')
        folder_len--;
    if (folder_len >= sizeof folder)
        return false;
    const oak_str name = oak_str_span(path, (oak_span){ folder_len, path.len });
    memcpy(folder, folder_len > 0 ? path.ptr : ".", folder_len > 0 ? folder_len : 1);
    folder[folder_len > 0 ? folder_len : 1] = '\0';

    oak_str inside;
    if (oak_str_eq(name, OAK_STR(".")) || oak_str_eq(name, OAK_STR("..")) || realpath(folder, real) == NULL ||
        !find_inside(ignore, oak_str_from(real), &inside))
        return false;
    oak_buf_add(&ignore->path, inside);
    if (inside.len > 0)
        oak_buf_add(&ignore->path, OAK_STR("/"));
    oak_buf_add(&ignore->path, name);
    return true;
}

bool oak_ignore_is_ignored(struct oak_ignore *ignore, const char *path, bool is_dir)
{
    if (ignore == NULL)
        return false;
    const oak_str asked = without_slashes(oak_str_from(path));
    oak_str rest;
    ignore->path.len = 0;
    if (find_walked(ignore, asked, &rest)) {
        oak_buf_add(&ignore->path, ignore->below);
        oak_buf_add(&ignore->path, rest);
    } else if (!add_resolved(ignore, asked)) {
        return false;
    }
    return ignore->path.len > 0 && is_ignored_inside(ignore, &ignore->path, is_dir);
}

void oak_ignore_free(struct oak_ignore *ignore)
{
    if (ignore == NULL)
        return;
    struct oak_arena arena = ignore->arena;
    git_index_free(ignore->index);
    git_repository_free(ignore->repository);
    oak_arena_free(&arena);
}

void oak_ignore_stop(size_t opened)
{
    while (opened-- > 0)
        git_libgit2_shutdown();
}
