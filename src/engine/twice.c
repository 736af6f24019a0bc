/* Strict decoders refuse a key that stands twice, kubectl takes the last: fixing one of them would be a hole. An object of a list
 * has it alone, unless something in the document is shared by aliases. */
#include "engine/twice.h"

/* The innermost object that holds the node; 0: none does. */
static uint32_t object_around(const struct oak_index *index, const bool *is_object, uint32_t node)
{
    while (node != 0 && !is_object[node])
        node = index->nodes[node].parent;
    return node;
}

struct oak_twice oak_twice_find(struct oak_arena *arena, const struct oak_index *index, const oak_targets *targets)
{
    struct oak_twice out = { 0, NULL };
    uint32_t found = oak_index_duplicate(index);
    if (found == 0)
        return out;
    bool *const is_object = oak_arena_alloc(arena, index->count * sizeof *is_object);
    out.of_object = oak_arena_alloc(arena, index->count * sizeof *out.of_object);
    for (size_t i = 0; i < targets->count; i++)
        is_object[targets->items[i].object] = true;
    for (; found != 0; found = oak_index_next_duplicate(index, index->nodes[found].parent)) {
        const uint32_t object = index->alias_count > 0 ? 0 : object_around(index, is_object, index->nodes[found].parent);
        if (object == 0) {
            out.everywhere = found;
            return out;
        }
        if (out.of_object[object] == 0)
            out.of_object[object] = found;
    }
    return out;
}

/* The key that spoils the object, or one that it is part of. */
static uint32_t key_for(const struct oak_index *index, const struct oak_twice *twice, uint32_t object)
{
    uint32_t key = twice->everywhere;
    for (; object != 0 && key == 0; object = index->nodes[object].parent)
        key = twice->of_object[object];
    return key;
}

void oak_twice_refuse(struct oak_arena *arena, const struct oak_index *index, const struct oak_twice *twice,
                      oak_findings *findings)
{
    for (size_t i = 0; i < findings->count && twice->of_object != NULL; i++) {
        struct oak_finding *const f = &findings->items[i];
        const uint32_t key = key_for(index, twice, f->target.object);
        if (key == 0)
            continue;
        const struct oak_node *const n = &index->nodes[key];
        f->outcome = OAK_REFUSED;
        f->reason = oak_arena_printf(arena, "key '%.*s' stands twice in one mapping", (int)n->name.len, n->name.ptr);
        f->evidence = n->key;
    }
}
