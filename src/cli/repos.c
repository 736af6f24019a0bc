/* Which repositories, and where their objects are. */
#include "cli/repos.h"

#include "files/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const oak_span nowhere = { 0, 0 };

/* FNV-1a: small, and the same everywhere and always. */
bool oak_repo_is_of_shard(oak_str name, unsigned index, unsigned count)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.ptr[i]) * 1099511628211u;
    return count == 0 || (hash ^ hash >> 32) % count == index;
}

/* https://host/x, ssh://…, file://…, and git@host:x as git writes it; anything else is a path. */
static bool is_address(oak_str name)
{
    size_t colon, slash;
    if (oak_str_find(name, 0, OAK_STR("://"), &colon))
        return true;
    if (!oak_str_find(name, 0, OAK_STR(":"), &colon))
        return false;
    return !oak_str_find(name, 0, OAK_STR("/"), &slash) || slash > colon;
}

static int compare_names(const void *left, const void *right)
{
    const oak_str *const a = *(const oak_str *const *)left, *const b = *(const oak_str *const *)right;
    const int order = oak_str_cmp(*a, *b);
    return order != 0 ? order : (a > b) - (a < b);
}

/* Two workers must not meet in one repository. */
static void drop_doubles(struct oak_arena *arena, struct oak_repos *repos)
{
    const size_t count = repos->items.count;
    const oak_str **const sorted = oak_arena_alloc(arena, (count + 1) * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &repos->items.items[i].name;
    qsort(sorted, count, sizeof *sorted, compare_names);
    bool *const is_double = oak_arena_alloc(arena, count + 1);
    for (size_t i = 1; i < count; i++)
        is_double[(const struct oak_repo *)sorted[i] - repos->items.items] = oak_str_eq(*sorted[i], *sorted[i - 1]);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_double[i])
            repos->items.items[kept++] = repos->items.items[i];
    repos->items.count = kept;
}

static bool read_list(struct oak_arena *arena, const char *path, oak_str *out, struct oak_error *err)
{
    if (strcmp(path, "-") == 0)
        return oak_stream_read(arena, STDIN_FILENO, OAK_MAX_FILE, out, err);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        const oak_str meant = oak_path_nearest(arena, path);
        return oak_fail(err, OAK_IO, nowhere, "cannot read the list '%.80s'%s%.*s%s", path, meant.len > 0 ? ": did you mean '" : "",
                        (int)meant.len, meant.ptr, meant.len > 0 ? "'?" : "");
    }
    const bool ok = oak_stream_read(arena, fd, OAK_MAX_FILE, out, err);
    close(fd);
    return ok;
}

bool oak_repos_read(struct oak_arena *arena, const struct oak_git_options *options, struct oak_repos *out,
                    struct oak_error *err)
{
    oak_str line, rest;
    if (options->repos_from == NULL) {
        const oak_str name = oak_str_from(options->repo != NULL ? options->repo : ".");
        *oak_push(arena, &out->items) = (struct oak_repo){ name, is_address(name) };
        return true;
    }
    if (options->repo != NULL)
        return oak_fail(err, OAK_USAGE, nowhere, "--repo and --repos-from: one of them");
    if (!read_list(arena, options->repos_from, &rest, err))
        return false;
    while (rest.len > 0) {
        oak_str_cut(rest, '\n', &line, &rest);
        line = oak_str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#' ||
            !oak_repo_is_of_shard(line, options->shard_index, options->shard_count))
            continue;
        *oak_push(arena, &out->items) = (struct oak_repo){ line, is_address(line) };
    }
    drop_doubles(arena, out);
    return true;
}

/* ---- the cache ---- */

static bool make_folder(const char *path, struct oak_error *err)
{
    return mkdir(path, 0700) == 0 || access(path, W_OK | X_OK) == 0 ||
           oak_fail(err, OAK_IO, nowhere, "cannot make the folder '%.160s'", path);
}

static bool find_cache(struct oak_arena *arena, oak_str *out, struct oak_error *err)
{
    const char *const cache = getenv("XDG_CACHE_HOME"), *const home = getenv("HOME");
    oak_str folder;
    if (cache != NULL && cache[0] == '/')
        folder = oak_str_from(cache);
    else if (home != NULL && home[0] == '/')
        folder = oak_arena_printf(arena, "%s/.cache", home);
    else
        return oak_fail(err, OAK_USAGE, nowhere, "where is the cache? set XDG_CACHE_HOME or HOME");
    static const char *const parts[] = { "", "/oakum", "/repositories" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        folder = oak_arena_printf(arena, "%.*s%s", (int)folder.len, folder.ptr, parts[i]);
        if (!make_folder(oak_arena_cstr(arena, folder), err))
            return false;
    }
    *out = folder;
    return true;
}

bool oak_repo_find_folder(struct oak_arena *arena, const struct oak_repo *repo, const struct oak_remote *remote,
                          const char **folder, struct oak_error *err)
{
    oak_str cache;
    *folder = oak_arena_cstr(arena, repo->name);
    if (!repo->is_address)
        return true;
    if (!find_cache(arena, &cache, err))
        return false;
    *folder = oak_arena_cstr(arena, oak_arena_printf(arena, "%.*s/%s.git", (int)cache.len, cache.ptr,
                                                     oak_text_digest(repo->name).hex));
    return oak_remote_mirror(arena, remote, *folder, err);
}
