/* The `functionConfig` of a ResourceList → struct oak_function_config. A host hands over what stands in the user's repository, so
 * a typo is as much an error here as in the file. */
#include "config/keys.h"

static bool skip(struct oak_reader *r, uint32_t node, void *to)
{
    (void)r, (void)node, (void)to;
    return true;
}

static bool read_keys(struct oak_reader *r, uint32_t node, void *to)
{
    return oak_node_is_null(r->index, node) || oak_keys_read(r, node, oak_function_keys, to);
}

/* Values of a ConfigMap are single texts: several ids are separated by commas, as on the command line. */
static bool split_ids(struct oak_reader *r, uint32_t node, oak_ids *ids)
{
    oak_ids all = { 0 };
    for (size_t i = 0; i < ids->count; i++) {
        oak_str id, rest = ids->items[i];
        while (rest.len > 0) {
            oak_str_cut(rest, ',', &id, &rest);
            id = oak_str_trim(id);
            if (id.len == 0)
                return oak_reader_fail(r, node, "ids separated by commas are expected, not", ids->items[i]);
            *oak_push(r->arena, &all) = id;
        }
    }
    *ids = all;
    return true;
}

static bool read_data(struct oak_reader *r, uint32_t node, void *to)
{
    struct oak_config *const config = to;
    oak_ids *const lists[] = { &config->select, &config->also, &config->ignore, &config->force };
    if (!read_keys(r, node, to))
        return false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!split_ids(r, node, lists[i]))
            return false;
    return true;
}

static const struct oak_key map_keys[] = { { "apiVersion", skip, 0 }, { "kind", skip, 0 },      { "metadata", skip, 0 },
                                           { "data", read_data, 0 },  { "immutable", skip, 0 }, { NULL, NULL, 0 } };
static const struct oak_key own_keys[] = { { "apiVersion", skip, 0 }, { "kind", skip, 0 }, { "metadata", skip, 0 },
                                           { "spec", read_keys, 0 }, { NULL, NULL, 0 } };

bool oak_function_config_read(struct oak_arena *arena, const struct oak_index *index, uint32_t node,
                              struct oak_function_config *out, struct oak_error *err)
{
    struct oak_reader r = { .arena = arena, .index = index, .err = err };
    *out = (struct oak_function_config){ .is_check = false };
    if (node == 0 || oak_node_is_null(index, node))
        return true;
    if (index->nodes[node].kind != OAK_MAPPING)
        return oak_reader_fail(&r, node, "an object is expected at", index->nodes[node].name);
    const oak_str kind = oak_node_text(index, node, OAK_STR("kind")), version = oak_node_text(index, node, OAK_STR("apiVersion"));
    if (oak_str_eq(kind, OAK_STR("ConfigMap")) && oak_str_eq(version, OAK_STR("v1")))
        return oak_keys_read(&r, node, map_keys, out);
    if (oak_str_eq(kind, OAK_STR("Harden")) && oak_str_eq(version, OAK_STR("oakum.dev/v1alpha1")))
        return oak_keys_read(&r, node, own_keys, out);
    const oak_str given = oak_arena_printf(arena, "%.*s %.*s", (int)version.len, version.ptr, (int)kind.len, kind.ptr);
    return oak_reader_fail(&r, node, "functionConfig is a 'v1 ConfigMap' or an 'oakum.dev/v1alpha1 Harden', not", given);
}
