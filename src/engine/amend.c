/* Two texts → the patches that lead from one to the other. They come from comparing the data of both, not from the plan: what
 * the patch does is what the edits did, whichever way they went. */
#include "engine/amend.h"

#include <string.h>

enum { MAX_VALUES = 1000000 }; /* of one document, aliases expanded */

const char *oak_amend_type_name(enum oak_amend_type type)
{
    return type == OAK_AMEND_STRATEGIC ? "strategic" : "json";
}

/* ---- data ---- */

struct reader {
    struct oak_arena *arena;
    const struct oak_index *index;
    size_t left; /* values that may still come */
};

static const struct oak_value *member(const struct oak_value *mapping, oak_str key)
{
    const struct oak_value *v = mapping != NULL && mapping->kind == OAK_MAPPING ? mapping->child : NULL;
    while (v != NULL && !oak_str_eq(v->key, key))
        v = v->next;
    return v;
}

/* The same, looked for first where it is if both mappings have one order. */
static const struct oak_value *match(const struct oak_value *mapping, const struct oak_value *guess, oak_str key)
{
    return guess != NULL && oak_str_eq(guess->key, key) ? guess : member(mapping, key);
}

static const struct oak_value *behind(const struct oak_value *v, const struct oak_value *otherwise)
{
    return v != NULL ? v->next : otherwise;
}

static size_t count_of(const struct oak_value *list)
{
    size_t count = 0;
    for (const struct oak_value *v = list->child; v != NULL; v = v->next)
        count++;
    return count;
}

static struct oak_value *copy(struct oak_arena *arena, const struct oak_value *value, oak_str key)
{
    struct oak_value *const out = oak_arena_alloc(arena, sizeof *out);
    *out = *value;
    out->key = key;
    out->next = NULL;
    return out;
}

static void append(struct oak_value *to, struct oak_value *value)
{
    struct oak_value **tail = &to->child;
    while (*tail != NULL)
        tail = &(*tail)->next;
    *tail = value;
}

/* What `<<` brings stands behind the mapping's own entries, and gives way to them. */
static void merge(struct reader *r, struct oak_value *into, const struct oak_value *from)
{
    if (from->kind == OAK_SEQUENCE)
        for (const struct oak_value *v = from->child; v != NULL; v = v->next)
            merge(r, into, v);
    for (const struct oak_value *v = from->kind == OAK_MAPPING ? from->child : NULL; v != NULL; v = v->next)
        if (member(into, v->key) == NULL)
            append(into, copy(r->arena, v, v->key));
}

/* NULL: too many. Depth is bounded: deeper documents are not parsed, and an alias leads to what stands before it. */
static struct oak_value *read_value(struct reader *r, uint32_t node)
{
    const struct oak_node *const n = &r->index->nodes[oak_node_real(r->index, node)];
    struct oak_value *const out = oak_arena_alloc(r->arena, sizeof *out);
    bool bool_value;
    int64_t int_value;
    if (r->left-- == 0) {
        r->left = 0;
        return NULL;
    }
    out->key = r->index->nodes[node].name;
    out->kind = n->kind == OAK_NULL ? OAK_SCALAR : n->kind;
    if (out->kind == OAK_SCALAR) {
        out->type = oak_node_type(r->index, node, &bool_value, &int_value);
        out->text = n->value;
        return out;
    }
    struct oak_value **tail = &out->child;
    struct oak_value *merged = NULL;
    for (uint32_t i = n->child; i != 0; i = r->index->nodes[i].next) {
        struct oak_value *const value = read_value(r, i);
        if (value == NULL)
            return NULL;
        if (n->kind == OAK_MAPPING && oak_str_eq(value->key, OAK_STR("<<"))) {
            merged = value;
            continue;
        }
        *tail = value;
        tail = &value->next;
    }
    if (merged != NULL)
        merge(r, out, merged);
    return out;
}

static bool is_same(const struct oak_value *a, const struct oak_value *b)
{
    if (a->kind != b->kind || a->type != b->type || !oak_str_eq(a->text, b->text))
        return false;
    if (a->kind != OAK_MAPPING)
        return oak_value_eq(a, b);
    const struct oak_value *guess = b->child;
    for (const struct oak_value *v = a->child; v != NULL; v = v->next) {
        const struct oak_value *const other = match(b, guess, v->key);
        if (other == NULL || !is_same(v, other))
            return false;
        guess = other->next;
    }
    return count_of(a) == count_of(b);
}

/* ---- making values ---- */

static struct oak_value *make(struct oak_arena *arena, enum oak_node_kind kind, oak_str key)
{
    struct oak_value *const out = oak_arena_alloc(arena, sizeof *out);
    *out = (struct oak_value){ .kind = kind, .type = OAK_TYPE_STRING, .key = key };
    return out;
}

static struct oak_value *make_text(struct oak_arena *arena, const char *key, oak_str text)
{
    struct oak_value *const out = make(arena, OAK_SCALAR, oak_str_from(key));
    out->text = text;
    return out;
}

static struct oak_value *make_null(struct oak_arena *arena, oak_str key)
{
    struct oak_value *const out = make(arena, OAK_SCALAR, key);
    out->type = OAK_TYPE_NULL;
    out->text = OAK_STR("null");
    return out;
}

/* ---- strategic merge ---- */

/* How the built-in kinds merge the lists that fixes change: by a key, or (NULL) as a whole. Of other lists nothing is known. */
static const struct {
    const char *list, *key;
} lists[] = {
    { "containers", "name" }, { "initContainers", "name" }, { "ephemeralContainers", "name" }, { "volumes", "name" },
    { "volumeMounts", "mountPath" }, { "ports", "containerPort" },
    { "add", NULL }, { "drop", NULL }, { "sysctls", NULL }, { "supplementalGroups", NULL },
};

static bool find_list(oak_str name, const char **key)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (oak_str_eq(name, oak_str_from(lists[i].list))) {
            *key = lists[i].key;
            return true;
        }
    return false;
}

static struct oak_value *strategic(struct oak_arena *arena, const struct oak_value *a, const struct oak_value *b);

static struct oak_value *strategic_mapping(struct oak_arena *arena, const struct oak_value *a, const struct oak_value *b)
{
    struct oak_value *const out = make(arena, OAK_MAPPING, b->key);
    const struct oak_value *guess = b->child;
    for (const struct oak_value *v = a->child; v != NULL; v = v->next) {
        const struct oak_value *const new = match(b, guess, v->key);
        guess = behind(new, guess);
        if (new == NULL)
            append(out, make_null(arena, v->key));
    }
    guess = a->child;
    for (const struct oak_value *v = b->child; v != NULL; v = v->next) {
        const struct oak_value *const old = match(a, guess, v->key);
        guess = behind(old, guess);
        if (old != NULL && is_same(old, v))
            continue;
        struct oak_value *const part = old != NULL ? strategic(arena, old, v) : copy(arena, v, v->key);
        if (part == NULL)
            return NULL;
        append(out, part);
    }
    return out;
}

/* The items correspond, and their keys tell them apart: NULL otherwise. */
static struct oak_value *strategic_list(struct oak_arena *arena, const struct oak_value *a, const struct oak_value *b,
                                        const char *key)
{
    const oak_str name = oak_str_from(key);
    struct oak_value *const out = make(arena, OAK_SEQUENCE, b->key);
    const struct oak_value *x = a->child, *y = b->child;
    for (; x != NULL && y != NULL; x = x->next, y = y->next) {
        const struct oak_value *const id = member(x, name), *const new_id = member(y, name);
        if (id == NULL || new_id == NULL || id->kind != OAK_SCALAR || !is_same(id, new_id))
            return NULL;
        for (const struct oak_value *v = a->child; v != x; v = v->next)
            if (is_same(member(v, name), id))
                return NULL;
        if (is_same(x, y))
            continue;
        struct oak_value *const part = strategic_mapping(arena, x, y);
        if (part == NULL)
            return NULL;
        struct oak_value *const first = copy(arena, id, name);
        first->next = part->child;
        part->child = first;
        append(out, part);
    }
    return x == NULL && y == NULL ? out : NULL;
}

/* What makes `b` of `a`, under the key of `b`; NULL if a strategic merge cannot. */
static struct oak_value *strategic(struct oak_arena *arena, const struct oak_value *a, const struct oak_value *b)
{
    const char *key;
    if (a->kind == OAK_MAPPING && b->kind == OAK_MAPPING)
        return strategic_mapping(arena, a, b);
    if (a->kind == OAK_SEQUENCE || b->kind == OAK_SEQUENCE) {
        if (a->kind != b->kind || !find_list(b->key, &key))
            return NULL;
        if (key != NULL)
            return strategic_list(arena, a, b, key);
    }
    return copy(arena, b, b->key);
}

/* ---- JSON patch ---- */

struct writer {
    struct oak_arena *arena;
    struct oak_value *ops;
};

static void add_op(struct writer *w, const char *op, oak_str path, const struct oak_value *value)
{
    struct oak_value *const out = make(w->arena, OAK_MAPPING, OAK_STR(""));
    append(out, make_text(w->arena, "op", oak_str_from(op)));
    append(out, make_text(w->arena, "path", path));
    if (value != NULL)
        append(out, copy(w->arena, value, OAK_STR("value")));
    append(w->ops, out);
}

/* RFC 6901: `~` and `/` in a key are ~0 and ~1. */
static oak_str below(struct writer *w, oak_str path, oak_str key)
{
    struct oak_buf out;
    oak_buf_init(&out, w->arena);
    oak_buf_add_all(&out, (oak_str[]){ path, OAK_STR("/") }, 2);
    for (size_t i = 0; i < key.len; i++)
        oak_buf_add(&out, key.ptr[i] == '~'   ? OAK_STR("~0")
                          : key.ptr[i] == '/' ? OAK_STR("~1")
                                              : (oak_str){ key.ptr + i, 1 });
    return oak_buf_str(&out);
}

static void compare(struct writer *w, oak_str path, const struct oak_value *a, const struct oak_value *b);

static void compare_mappings(struct writer *w, oak_str path, const struct oak_value *a, const struct oak_value *b)
{
    const struct oak_value *guess = b->child;
    for (const struct oak_value *v = a->child; v != NULL; v = v->next) {
        const struct oak_value *const new = match(b, guess, v->key);
        guess = behind(new, guess);
        if (new != NULL) {
            compare(w, below(w, path, v->key), v, new);
            continue;
        }
        add_op(w, "test", below(w, path, v->key), v);
        add_op(w, "remove", below(w, path, v->key), NULL);
    }
    guess = a->child;
    for (const struct oak_value *v = b->child; v != NULL; v = v->next) {
        const struct oak_value *const old = match(a, guess, v->key);
        guess = behind(old, guess);
        if (old == NULL)
            add_op(w, "add", below(w, path, v->key), v);
    }
}

/* Whoever added a container meanwhile has moved the numbers: then the test fails, and nothing is patched. */
static void test_identity(struct writer *w, oak_str path, const struct oak_value *item)
{
    static const char *const keys[] = { "name", "mountPath", "containerPort" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct oak_value *const id = member(item, oak_str_from(keys[i]));
        if (id != NULL && id->kind == OAK_SCALAR) {
            add_op(w, "test", below(w, path, oak_str_from(keys[i])), id);
            return;
        }
    }
}

static void compare_items(struct writer *w, oak_str path, const struct oak_value *a, const struct oak_value *b)
{
    const struct oak_value *y = b->child;
    size_t i = 0;
    for (const struct oak_value *x = a->child; x != NULL; x = x->next, y = y->next, i++) {
        const oak_str at = below(w, path, oak_arena_printf(w->arena, "%zu", i));
        if (is_same(x, y))
            continue;
        test_identity(w, at, x);
        compare(w, at, x, y);
    }
}

static void compare(struct writer *w, oak_str path, const struct oak_value *a, const struct oak_value *b)
{
    if (is_same(a, b))
        return;
    if (a->kind == OAK_MAPPING && b->kind == OAK_MAPPING) {
        compare_mappings(w, path, a, b);
    } else if (a->kind == OAK_SEQUENCE && b->kind == OAK_SEQUENCE && count_of(a) == count_of(b)) {
        compare_items(w, path, a, b);
    } else {
        add_op(w, "test", path, a);
        add_op(w, "replace", path, b);
    }
}

/* ---- objects ---- */

/* Kinds that every kubectl knows the merge keys of, and kinds whose pods the API server lets nobody change. */
static const struct {
    const char *group, *kind, *obstacle;
} kinds[] = {
    { "", "Namespace", NULL }, { "", "PodTemplate", NULL }, { "", "ReplicationController", NULL },
    { "apps", "DaemonSet", NULL }, { "apps", "Deployment", NULL }, { "apps", "ReplicaSet", NULL },
    { "apps", "StatefulSet", NULL }, { "batch", "CronJob", NULL },
    { "", "Pod", "a Pod that exists cannot be changed: make it anew from the fixed object" },
    { "batch", "Job", "the pods of a Job that exists cannot be changed: make it anew from the fixed object" },
};

static oak_str text_of(const struct oak_value *mapping, const char *key)
{
    const struct oak_value *const v = member(mapping, oak_str_from(key));
    return v != NULL && v->kind == OAK_SCALAR ? v->text : OAK_STR("");
}

/* Whoever made the object keeps it as it was. */
static const char *owner_of(struct oak_arena *arena, const struct oak_value *metadata)
{
    const struct oak_value *const owners = member(metadata, OAK_STR("ownerReferences"));
    for (const struct oak_value *v = owners != NULL ? owners->child : NULL; v != NULL; v = v->next) {
        const oak_str kind = text_of(v, "kind"), name = text_of(v, "name");
        if (oak_str_eq(text_of(v, "controller"), OAK_STR("true")))
            return oak_arena_printf(arena, "%.*s '%.*s' made it and would undo the change: change that", (int)kind.len,
                                    kind.ptr, (int)name.len, name.ptr).ptr;
    }
    return NULL;
}

static void amend_object(struct oak_arena *arena, const struct oak_value *a, const struct oak_value *b, oak_amendments *list)
{
    const struct oak_value *const metadata = member(a, OAK_STR("metadata"));
    oak_str group, version;
    bool is_built_in = false;
    if (is_same(a, b))
        return;
    struct oak_amendment *const out = oak_push(arena, list);
    out->group = oak_str_cut(text_of(a, "apiVersion"), '/', &group, &version) ? group : OAK_STR("");
    out->kind = text_of(a, "kind");
    out->name = text_of(metadata, "name");
    out->namespace = text_of(metadata, "namespace");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (oak_str_eq(out->group, oak_str_from(kinds[i].group)) && oak_str_eq(out->kind, oak_str_from(kinds[i].kind))) {
            is_built_in = true;
            out->obstacle = kinds[i].obstacle;
        }
    const char *const owner = owner_of(arena, metadata);
    if (owner != NULL)
        out->obstacle = owner;
    if (out->name.len == 0 && out->obstacle == NULL)
        out->obstacle = "it has no name";
    out->patch = is_built_in ? strategic(arena, a, b) : NULL;
    out->type = OAK_AMEND_STRATEGIC;
    if (out->patch == NULL) {
        struct writer w = { arena, make(arena, OAK_SEQUENCE, OAK_STR("")) };
        compare(&w, OAK_STR(""), a, b);
        out->type = OAK_AMEND_JSON;
        out->patch = w.ops;
    }
}

static void amend_value(struct oak_arena *arena, const struct oak_value *a, const struct oak_value *b, oak_amendments *out)
{
    const struct oak_value *const old = member(a, OAK_STR("items")), *const new = member(b, OAK_STR("items"));
    if (!oak_str_ends(text_of(a, "kind"), OAK_STR("List")) || old == NULL || new == NULL || old->kind != OAK_SEQUENCE ||
        new->kind != OAK_SEQUENCE || count_of(old) != count_of(new)) {
        amend_object(arena, a, b, out);
        return;
    }
    const struct oak_value *y = new->child;
    for (const struct oak_value *x = old->child; x != NULL; x = x->next, y = y->next)
        amend_object(arena, x, y, out);
}

static bool read_document(struct oak_arena *arena, oak_str text, oak_span document, struct oak_value **out,
                          struct oak_error *err)
{
    struct oak_index index;
    struct reader r = { arena, &index, MAX_VALUES };
    if (!oak_index_parse(arena, text, document, &index, err))
        return false;
    *out = index.root != 0 ? read_value(&r, index.root) : make(arena, OAK_MAPPING, OAK_STR(""));
    return *out != NULL || oak_fail(err, OAK_SYNTAX, document, "this document is too large to make a patch of it");
}

static bool is_same_text(oak_str before, oak_span a, oak_str after, oak_span b)
{
    return oak_str_eq(oak_str_span(before, a), oak_str_span(after, b));
}

bool oak_amend(struct oak_arena *arena, oak_str before, oak_str after, oak_amendments *out, struct oak_error *err)
{
    const oak_documents old = oak_split(arena, before), new = oak_split(arena, after);
    *out = (oak_amendments){ 0 };
    if (old.count != new.count)
        return oak_fail(err, OAK_INTERNAL, (oak_span){ 0, 0 }, "a document came or went");
    for (size_t i = 0; i < old.count; i++) {
        struct oak_value *a, *b;
        const oak_span x = old.items[i].span, y = new.items[i].span;
        if (old.items[i].is_empty || is_same_text(before, x, after, y))
            continue;
        if (!read_document(arena, before, x, &a, err) || !read_document(arena, after, y, &b, err))
            return false;
        amend_value(arena, a, b, out);
    }
    return true;
}
