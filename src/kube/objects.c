/* Which pods custom resources lead to, as far as it is known. Data, read from CSV. */
#include <oakum/kube.h>

static bool add_row(struct oak_arena *arena, oak_str line, struct oak_objects *objects, struct oak_error *err)
{
    oak_str group, kind, pods, rest;
    oak_str_cut(line, ',', &group, &rest);
    oak_str_cut(rest, ',', &kind, &pods);
    static const struct {
        const char *word;
        enum oak_pods pods;
    } words[] = { { "none", OAK_PODS_NONE }, { "written", OAK_PODS_WRITTEN }, { "elsewhere", OAK_PODS_ELSEWHERE } };
    for (size_t i = 0; i < sizeof words / sizeof *words && kind.len > 0; i++)
        if (oak_str_eq(oak_str_trim(pods), oak_str_from(words[i].word))) {
            *oak_push(arena, objects) = (struct oak_object_row){ group, kind, words[i].pods };
            return true;
        }
    return oak_fail(err, OAK_PATCH, (oak_span){ 0, 0 }, "objects: '%.*s' is no row of group, kind, none|written|elsewhere",
                    (int)line.len, line.ptr);
}

bool oak_objects_load(struct oak_arena *arena, oak_str csv, struct oak_objects *out, struct oak_error *err)
{
    oak_str line, rest = csv;
    *out = (struct oak_objects){ 0 };
    oak_str_cut(rest, '\n', &line, &rest); /* the heading */
    while (rest.len > 0) {
        oak_str_cut(rest, '\n', &line, &rest);
        if (oak_str_trim(line).len > 0 && !add_row(arena, line, out, err))
            return false;
    }
    return true;
}

/* `*` is any word, `*.config.k8s.io` any group below. */
static bool covers(oak_str pattern, oak_str word)
{
    if (pattern.len == 0 || pattern.ptr[0] != '*')
        return oak_str_eq(pattern, word);
    return oak_str_ends(word, (oak_str){ pattern.ptr + 1, pattern.len - 1 });
}

enum oak_pods oak_objects_find(const struct oak_objects *objects, oak_str group, oak_str kind)
{
    for (size_t i = 0; i < objects->count; i++)
        if (covers(objects->items[i].group, group) && covers(objects->items[i].kind, kind))
            return objects->items[i].pods;
    return OAK_PODS_UNKNOWN;
}
