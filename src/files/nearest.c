/* The path that was probably meant: one name in it is a slip of the keyboard. */
#include "files/files.h"

#include <dirent.h>
#include <string.h>

/* The part up to the first name that is not there; `*name` gets that name, false if all are. */
static bool find_missing(struct oak_arena *arena, oak_str path, oak_span *name)
{
    for (size_t start = 0, end; start < path.len; start = end + 1) {
        for (end = start; end < path.len && path.ptr[end] != '/'; end++)
            ;
        *name = (oak_span){ start, end };
        if (end > start && !oak_path_is_there(oak_arena_cstr(arena, (oak_str){ path.ptr, end })))
            return true;
    }
    return false;
}

oak_str oak_path_nearest(struct oak_arena *arena, const char *path)
{
    const oak_str whole = oak_str_from(path);
    oak_span name;
    if (!find_missing(arena, whole, &name))
        return OAK_STR("");
    const oak_str before = { path, name.start };
    DIR *const stream = opendir(before.len > 0 ? oak_arena_cstr(arena, before) : ".");
    if (stream == NULL)
        return OAK_STR("");
    struct oak_nearest nearest = { .wanted = oak_str_span(whole, name) };
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;)
        if (entry->d_name[0] != '.' || path[name.start] == '.')
            oak_nearest_try(&nearest, oak_arena_str(arena, oak_str_from(entry->d_name)));
    closedir(stream);
    const oak_str parts[] = { before, nearest.found, { path + name.end, whole.len - name.end } };
    const oak_str found = oak_arena_join(arena, parts, 3);
    return nearest.found.len > 0 && oak_path_is_there(oak_arena_cstr(arena, found)) ? found : OAK_STR("");
}
