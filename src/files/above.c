/* Where a path is among its neighbours: its folder, what lies above, and its name seen from here. Real paths only: they have no
 * links, no `..` and no final slash. */
#include "files/files.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static oak_str real_path(struct oak_arena *arena, const char *path)
{
    char real[PATH_MAX];
    return realpath(path, real) != NULL ? oak_arena_str(arena, oak_str_from(real)) : OAK_STR("");
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

oak_str oak_path_folder(struct oak_arena *arena, const char *path)
{
    return real_path(arena, is_folder(path) ? path : oak_path_parent(arena, path));
}

const char *oak_path_name(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool oak_path_is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static const char *child_path(struct oak_arena *arena, oak_str folder, const char *name)
{
    const oak_str parts[] = { folder, oak_str_ends(folder, OAK_STR("/")) ? OAK_STR("") : OAK_STR("/"), oak_str_from(name) };
    return oak_arena_cstr(arena, oak_arena_join(arena, parts, 3));
}

static bool has_child(struct oak_arena *arena, oak_str folder, const char *name)
{
    return oak_path_is_there(child_path(arena, folder, name));
}

/* False at the root. */
static bool go_up(oak_str *folder)
{
    if (folder->len <= 1)
        return false;
    while (folder->ptr[folder->len - 1] != '/')
        folder->len--;
    folder->len -= folder->len > 1;
    return true;
}

static bool find_inside(oak_str folder, oak_str path, oak_str *inside)
{
    const bool is_root = oak_str_eq(folder, OAK_STR("/"));
    *inside = OAK_STR("");
    if (oak_str_eq(folder, path))
        return true;
    if (!oak_str_starts(path, folder) || (!is_root && path.ptr[folder.len] != '/'))
        return false;
    *inside = oak_str_span(path, (oak_span){ folder.len + !is_root, path.len });
    return true;
}

bool oak_path_inside(struct oak_arena *arena, oak_str folder, const char *path, oak_str *inside)
{
    const oak_str own = oak_path_folder(arena, path);
    if (own.len == 0 || folder.len == 0 || !find_inside(folder, own, inside))
        return false;
    if (is_folder(path))
        return true;
    const oak_str parts[] = { *inside, inside->len > 0 ? OAK_STR("/") : OAK_STR(""), oak_str_from(oak_path_name(path)) };
    *inside = oak_arena_join(arena, parts, 3);
    return true;
}

/* The last folder that is looked at. */
static oak_str top_of(struct oak_arena *arena, oak_str start)
{
    oak_str unused;
    oak_str folder = start;
    do {
        if (has_child(arena, folder, ".git"))
            return folder;
    } while (go_up(&folder));
    const oak_str here = real_path(arena, ".");
    return here.len > 0 && find_inside(here, start, &unused) ? here : start;
}

oak_str oak_file_find_above(struct oak_arena *arena, oak_str start, const char *name)
{
    if (start.len == 0)
        return start;
    const oak_str top = top_of(arena, start);
    oak_str folder = start;
    do {
        if (has_child(arena, folder, name))
            return folder;
    } while (!oak_str_eq(folder, top) && go_up(&folder));
    return OAK_STR("");
}

const char *oak_path_from_here(struct oak_arena *arena, oak_str folder, const char *name)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    oak_str inside, here = real_path(arena, ".");
    while (!find_inside(here, folder, &inside) && go_up(&here))
        oak_buf_add(&out, OAK_STR("../"));
    oak_buf_add(&out, inside);
    if (inside.len > 0)
        oak_buf_add(&out, OAK_STR("/"));
    oak_buf_add(&out, oak_str_from(name));
    return oak_arena_cstr(arena, oak_buf_str(&out));
}
