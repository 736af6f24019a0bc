/* What `kubectl get -o yaml` prints → objects, each a document of its own, without what only the server writes. Knows how kubectl
 * lays out a list: an item starts with a dash in the first column, and all its other lines are indented by two blanks. */
#include "engine/served.h"

#include <oakum/yaml.h>

#include <string.h>

/* ---- cutting ---- */

static oak_str next_line(oak_str *rest)
{
    const char *const end = memchr(rest->ptr, '\n', rest->len);
    const size_t len = end != NULL ? (size_t)(end - rest->ptr) + 1 : rest->len;
    const oak_str line = { rest->ptr, len };
    rest->ptr += len;
    rest->len -= len;
    return line;
}

/* Does an item go on in the line at which the rest begins? Text may have empty lines. */
static bool goes_on(oak_str rest)
{
    return oak_str_starts(rest, OAK_STR("  ")) || oak_str_starts(rest, OAK_STR("\n"));
}

static bool is_list(oak_str text)
{
    oak_str line, rest = text;
    for (bool has_items = false; rest.len > 0;) {
        line = next_line(&rest);
        has_items = has_items || oak_str_starts(line, OAK_STR("items:"));
        if (has_items && oak_str_starts(line, OAK_STR("kind: List")))
            return true;
    }
    return false;
}

/* The lines of an item become a document: two columns to the left. */
static oak_str shift(struct oak_arena *arena, oak_str item)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    while (item.len > 0) {
        const oak_str line = next_line(&item);
        oak_buf_add(&out, line.len > 2 ? oak_str_span(line, (oak_span){ 2, line.len }) : OAK_STR("\n"));
    }
    return oak_buf_str(&out);
}

static bool parse(struct oak_arena *arena, oak_str text, struct oak_index *index, struct oak_error *err)
{
    return oak_text_check(text, err) && oak_index_parse(arena, text, (oak_span){ 0, text.len }, index, err);
}

/* Does the document say what the item says? */
static bool is_same(struct oak_arena *arena, oak_str item, const struct oak_index *object, struct oak_error *err)
{
    struct oak_index list;
    if (!parse(arena, item, &list, err))
        return false;
    const struct oak_node *const root = &list.nodes[list.root];
    if (list.root == 0 || root->kind != OAK_SEQUENCE || root->count != 1 || object->alias_count > 0 ||
        !oak_value_eq(oak_value_of(arena, &list, root->child), oak_value_of(arena, object, object->root)))
        return oak_fail(err, OAK_SYNTAX, (oak_span){ 0, 0 }, "a list is not written as kubectl writes it");
    return true;
}

/* ---- what an object says of itself ---- */

static oak_str scalar_at(const struct oak_index *index, uint32_t mapping, const char *key)
{
    oak_str value;
    const uint32_t node = mapping != 0 ? oak_node_get(index, mapping, oak_str_from(key)) : 0;
    return node != 0 && oak_node_scalar(index, node, &value) ? value : OAK_STR("");
}

static void read_owner(const struct oak_index *index, uint32_t metadata, struct oak_served *out)
{
    const uint32_t owners = metadata != 0 ? oak_node_get(index, metadata, OAK_STR("ownerReferences")) : 0;
    if (owners == 0 || index->nodes[owners].kind != OAK_SEQUENCE)
        return;
    for (uint32_t owner = index->nodes[owners].child; owner != 0; owner = index->nodes[owner].next) {
        if (index->nodes[owner].kind != OAK_MAPPING || !oak_str_eq(scalar_at(index, owner, "controller"), OAK_STR("true")))
            continue;
        out->owner_kind = scalar_at(index, owner, "kind");
        out->owner_name = scalar_at(index, owner, "name");
    }
}

static bool read_object(const struct oak_index *index, struct oak_served *out, struct oak_error *err)
{
    oak_str group, version;
    if (index->root == 0 || index->nodes[index->root].kind != OAK_MAPPING)
        return oak_fail(err, OAK_SYNTAX, (oak_span){ 0, 0 }, "an object is expected");
    const uint32_t metadata = oak_node_get(index, index->root, OAK_STR("metadata"));
    const uint32_t names = metadata != 0 && index->nodes[metadata].kind == OAK_MAPPING ? metadata : 0;
    out->group = oak_str_cut(scalar_at(index, index->root, "apiVersion"), '/', &group, &version) ? group : OAK_STR("");
    out->kind = scalar_at(index, index->root, "kind");
    out->name = scalar_at(index, names, "name");
    out->namespace = scalar_at(index, names, "namespace");
    read_owner(index, names, out);
    return true;
}

static void keep(struct oak_arena *arena, struct oak_served *o)
{
    oak_str *const texts[] = { &o->kind, &o->group, &o->name, &o->namespace, &o->owner_kind, &o->owner_name };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = oak_arena_str(arena, *texts[i]);
}

/* `scratch` takes the indexes: there may be thousands of objects. */
static bool add_object(struct oak_arena *arena, oak_str text, oak_str item, oak_served_list *list, struct oak_error *err)
{
    struct oak_index index;
    struct oak_arena scratch;
    struct oak_served *const out = oak_push(arena, list);
    out->text = text;
    oak_arena_init(&scratch);
    const bool ok = parse(&scratch, text, &index, err) && (item.len == 0 || is_same(&scratch, item, &index, err)) &&
                    read_object(&index, out, err);
    if (ok)
        keep(arena, out);
    oak_arena_free(&scratch);
    return ok;
}

static bool read_list(struct oak_arena *arena, oak_str rest, oak_served_list *out, struct oak_error *err)
{
    while (rest.len > 0 && !oak_str_starts(rest, OAK_STR("items:")))
        next_line(&rest);
    next_line(&rest);
    while (rest.len > 0 && oak_str_starts(rest, OAK_STR("- "))) {
        oak_str item = { rest.ptr, 0 };
        do
            item.len += next_line(&rest).len;
        while (goes_on(rest));
        if (!add_object(arena, shift(arena, item), item, out, err))
            return false;
    }
    /* Behind the items come the list's own kind and metadata. */
    if (!oak_str_starts(rest, OAK_STR("kind: List")))
        return oak_fail(err, OAK_SYNTAX, (oak_span){ 0, 0 }, "a list is not written as kubectl writes it");
    return true;
}

bool oak_served_read(struct oak_arena *arena, oak_str text, oak_served_list *out, struct oak_error *err)
{
    *out = (oak_served_list){ 0 };
    return is_list(text) ? read_list(arena, text, out, err) : add_object(arena, text, OAK_STR(""), out, err);
}

/* ---- what only the server writes ---- */

static const struct {
    const char *outer, *inner, *key; /* of the object, of that, the entry */
} noise[] = {
    { "metadata", NULL, "creationTimestamp" }, { "metadata", NULL, "generation" }, { "metadata", NULL, "managedFields" },
    { "metadata", NULL, "resourceVersion" }, { "metadata", NULL, "selfLink" }, { "metadata", NULL, "uid" },
    { "metadata", NULL, "deletionTimestamp" }, { "metadata", NULL, "deletionGracePeriodSeconds" },
    { "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration" },
    { "metadata", "annotations", "deployment.kubernetes.io/revision" },
    { "metadata", "annotations", "deprecated.daemonset.template.generation" },
    { NULL, NULL, "status" },
};

static uint32_t find_below(const struct oak_index *index, uint32_t mapping, const char *key)
{
    if (key == NULL)
        return mapping;
    if (mapping == 0 || index->nodes[mapping].kind != OAK_MAPPING)
        return 0;
    return oak_node_get(index, mapping, oak_str_from(key));
}

static bool clean(struct oak_arena *scratch, oak_str text, oak_str *out, struct oak_error *err)
{
    struct oak_index before, after;
    OAK_LIST(struct oak_change) changes = { 0 };
    oak_edit_list edits;
    if (!parse(scratch, text, &before, err))
        return false;
    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++) {
        const uint32_t outer = find_below(&before, find_below(&before, before.root, noise[i].outer), noise[i].inner);
        const uint32_t node = find_below(&before, outer, noise[i].key);
        if (node != 0)
            *oak_push(scratch, &changes) = (struct oak_change){ .op = OAK_REMOVE, .node = node };
    }
    return oak_changes_to_edits(scratch, &before, changes.items, changes.count, &edits, err) &&
           oak_edits_apply(scratch, text, edits.items, edits.count, out, err) && parse(scratch, *out, &after, err) &&
           oak_changes_verify(scratch, &before, &after, changes.items, changes.count, err);
}

bool oak_served_clean(struct oak_arena *arena, oak_str text, oak_str *out, struct oak_error *err)
{
    struct oak_arena scratch;
    oak_arena_init(&scratch);
    const bool ok = clean(&scratch, text, out, err);
    if (ok)
        *out = oak_arena_str(arena, *out);
    oak_arena_free(&scratch);
    return ok;
}
