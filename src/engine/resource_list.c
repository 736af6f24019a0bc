/* Reads the outer parts of a ResourceList, and writes its results. What is in the items is a matter of the pass, which sees a
 * list of objects. */
#include "engine/resource_list.h"

/* ---- reading ---- */

static bool is_known_version(oak_str version)
{
    static const oak_str known[] = { { "config.kubernetes.io/v1", 23 }, { "config.kubernetes.io/v1beta1", 28 },
                                     { "config.kubernetes.io/v1alpha1", 29 } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (oak_str_eq(known[i], version))
            return true;
    return false;
}

static bool fail_other(const struct oak_index *index, struct oak_error *err)
{
    enum { SHOWN = 60 };
    const oak_str version = oak_node_text(index, index->root, OAK_STR("apiVersion"));
    const oak_str kind = oak_node_text(index, index->root, OAK_STR("kind"));
    if (version.len + kind.len == 0)
        return oak_fail(err, OAK_SYNTAX, index->document, "a ResourceList of config.kubernetes.io/v1 is expected");
    return oak_fail(err, OAK_SYNTAX, index->document, "a ResourceList of config.kubernetes.io/v1 is expected, not '%.*s%s%.*s'",
                    version.len < SHOWN ? (int)version.len : SHOWN, version.ptr, version.len > 0 && kind.len > 0 ? " " : "",
                    kind.len < SHOWN ? (int)kind.len : SHOWN, kind.ptr);
}

static bool find_document(struct oak_arena *arena, oak_str text, oak_span *out, struct oak_error *err)
{
    oak_span other;
    const size_t count = oak_split_count(arena, text, out, &other);
    if (count == 0)
        return oak_fail(err, OAK_SYNTAX, (oak_span){ 0, text.len }, "a ResourceList is expected, and there is nothing");
    return count == 1 || oak_fail(err, OAK_SYNTAX, other, "one ResourceList is expected, and here starts another document");
}

/* A part that is there is a list, or nothing. */
static bool find_list(const struct oak_index *index, oak_str key, uint32_t *out, struct oak_error *err)
{
    *out = oak_node_get(index, index->root, key);
    if (*out == 0 || oak_node_is_null(index, *out) || index->nodes[oak_node_real(index, *out)].kind == OAK_SEQUENCE)
        return true;
    return oak_fail(err, OAK_SYNTAX, index->nodes[*out].span, "a list is expected at '%.*s'", (int)key.len, key.ptr);
}

/* Of a key that stands twice, readers take one or the other. */
static bool check_keys(const struct oak_index *index, struct oak_error *err)
{
    for (uint32_t i = index->nodes[index->root].child; i != 0; i = index->nodes[i].next)
        if (oak_node_get(index, index->root, index->nodes[i].name) != i)
            return oak_fail(err, OAK_SYNTAX, index->nodes[i].key, "key '%.*s' stands twice in the ResourceList",
                            index->nodes[i].name.len < 60 ? (int)index->nodes[i].name.len : 60, index->nodes[i].name.ptr);
    return true;
}

bool oak_resource_list_read(struct oak_arena *arena, oak_str text, struct oak_resource_list *out, struct oak_error *err)
{
    struct oak_index *const index = &out->index;
    oak_span document;
    *out = (struct oak_resource_list){ .items = 0 };
    if (!oak_text_check(text, err) || !find_document(arena, text, &document, err) ||
        !oak_index_parse(arena, text, document, index, err))
        return false;
    if (index->root == 0 || index->nodes[index->root].kind != OAK_MAPPING ||
        !oak_str_eq(oak_node_text(index, index->root, OAK_STR("kind")), OAK_STR("ResourceList")) ||
        !is_known_version(oak_node_text(index, index->root, OAK_STR("apiVersion"))))
        return fail_other(index, err);
    out->config = oak_node_get(index, index->root, OAK_STR("functionConfig"));
    return check_keys(index, err) && find_list(index, OAK_STR("items"), &out->items, err) &&
           find_list(index, OAK_STR("results"), &out->results, err);
}

/* ---- items ---- */

static uint32_t first_item(const struct oak_resource_list *list)
{
    const uint32_t items = list->items != 0 ? oak_node_real(&list->index, list->items) : 0;
    return items != 0 && list->index.nodes[items].kind == OAK_SEQUENCE ? list->index.nodes[items].child : 0;
}

bool oak_resource_list_has_items(const struct oak_resource_list *list)
{
    return first_item(list) != 0;
}

uint32_t oak_resource_list_item(const struct oak_resource_list *list, size_t number, struct oak_item_cursor *cursor)
{
    if (cursor->node == 0 || number < cursor->number)
        *cursor = (struct oak_item_cursor){ first_item(list), 0 };
    while (cursor->node != 0 && cursor->number < number) {
        cursor->node = list->index.nodes[cursor->node].next;
        cursor->number++;
    }
    return cursor->node != 0 ? oak_node_real(&list->index, cursor->node) : 0;
}

uint32_t oak_resource_list_item_at(const struct oak_resource_list *list, size_t offset, struct oak_item_cursor *cursor)
{
    const struct oak_node *const nodes = list->index.nodes;
    if (cursor->node == 0 || nodes[cursor->node].entry > offset)
        *cursor = (struct oak_item_cursor){ first_item(list), 0 };
    while (cursor->node != 0 && nodes[cursor->node].next != 0 && nodes[nodes[cursor->node].next].entry <= offset) {
        cursor->node = nodes[cursor->node].next;
        cursor->number++;
    }
    const bool is_inside = cursor->node != 0 && nodes[cursor->node].entry <= offset && offset <= nodes[cursor->node].span.end;
    return is_inside ? oak_node_real(&list->index, cursor->node) : 0;
}

/* ---- results ---- */

/* As one entry, if the key is not there yet; else one by one. */
static struct oak_change *changes_for(struct oak_arena *arena, const struct oak_resource_list *list,
                                      const oak_value_list *results, size_t *count)
{
    *count = list->results != 0 ? results->count : 1;
    struct oak_change *const changes = oak_arena_alloc(arena, (*count + 1) * sizeof *changes);
    for (size_t i = 0; i < results->count && list->results != 0; i++)
        changes[i] = (struct oak_change){ .op = OAK_APPEND, .node = list->results, .value = results->items[i] };
    if (list->results != 0)
        return changes;
    struct oak_value *const all = oak_arena_alloc(arena, sizeof *all);
    *all = (struct oak_value){ .kind = OAK_SEQUENCE, .key = OAK_STR("results") };
    struct oak_value **tail = &all->child;
    for (size_t i = 0; i < results->count; i++) {
        *tail = results->items[i];
        tail = &(*tail)->next;
    }
    changes[0] = (struct oak_change){ .op = OAK_ADD, .node = list->index.root, .value = all };
    return changes;
}

bool oak_resource_list_add(struct oak_arena *arena, const struct oak_resource_list *list, const oak_value_list *results,
                           oak_str *out, struct oak_error *err)
{
    const struct oak_index *const index = &list->index;
    struct oak_resource_list after;
    oak_edit_list edits;
    size_t count;
    if (results->count == 0) {
        *out = index->text;
        return true;
    }
    const struct oak_change *const changes = changes_for(arena, list, results, &count);
    return oak_changes_to_edits(arena, index, changes, count, &edits, err) &&
           oak_edits_apply(arena, index->text, edits.items, edits.count, out, err) &&
           oak_resource_list_read(arena, *out, &after, err) &&
           oak_changes_verify(arena, index, &after.index, changes, count, err);
}
