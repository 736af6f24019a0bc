/* Values: what a change writes and a patch compares with. */
#include <oakum/yaml.h>

#include "yaml/scalar.h"

#include <string.h>

static struct oak_value *value_within(struct oak_arena *arena, const struct oak_index *index, uint32_t node, int depth)
{
    const struct oak_node *const n = &index->nodes[oak_node_real(index, node)];
    struct oak_value *const value = oak_arena_alloc(arena, sizeof *value);
    bool bool_value;
    int64_t int_value;
    value->key = index->nodes[node].name;
    value->kind = n->kind == OAK_NULL ? OAK_SCALAR : n->kind;
    value->text = n->value;
    value->type = n->kind == OAK_SCALAR || n->kind == OAK_NULL
                      ? oak_node_type(index, node, &bool_value, &int_value)
                      : OAK_TYPE_STRING;
    struct oak_value **tail = &value->child;
    for (uint32_t i = n->kind == OAK_SCALAR || depth == 0 ? 0 : n->child; i != 0; i = index->nodes[i].next) {
        *tail = value_within(arena, index, i, depth - 1);
        tail = &(*tail)->next;
    }
    return value;
}

struct oak_value *oak_value_of(struct oak_arena *arena, const struct oak_index *index, uint32_t node)
{
    struct oak_value *const value = value_within(arena, index, node, OAK_MAX_DEPTH);
    value->key = (oak_str){ "", 0 };
    return value;
}

bool oak_value_eq(const struct oak_value *a, const struct oak_value *b)
{
    if (a->kind != b->kind || a->type != b->type || !oak_str_eq(a->text, b->text))
        return false;
    const struct oak_value *x = a->child, *y = b->child;
    for (; x != NULL && y != NULL; x = x->next, y = y->next)
        if (!oak_str_eq(x->key, y->key) || !oak_value_eq(x, y))
            return false;
    return x == y;
}

static bool scalar_is(const struct oak_value *value, const struct oak_index *index, uint32_t node)
{
    /* Cheaper than its type, and nearly always the answer. */
    if (value->type == OAK_TYPE_STRING && !oak_str_eq(index->nodes[oak_node_real(index, node)].value, value->text))
        return false;
    bool want_bool = false, have_bool = false;
    int64_t want_int = 0, have_int = 0;
    if (oak_node_type(index, node, &have_bool, &have_int) != value->type)
        return false;
    if (value->type == OAK_TYPE_BOOL || value->type == OAK_TYPE_INT) {
        oak_scalar_type(value->text, &want_bool, &want_int);
        return want_bool == have_bool && want_int == have_int;
    }
    oak_str text;
    return value->type == OAK_TYPE_NULL || (oak_node_scalar(index, node, &text) && oak_str_eq(text, value->text));
}

bool oak_value_is(const struct oak_value *value, const struct oak_index *index, uint32_t node)
{
    const struct oak_node *const n = &index->nodes[oak_node_real(index, node)];
    if (value->kind == OAK_SCALAR)
        return (n->kind == OAK_SCALAR || n->kind == OAK_NULL) && scalar_is(value, index, node);
    if (n->kind != value->kind)
        return false;
    const struct oak_value *want = value->child;
    uint32_t have = n->child;
    for (; want != NULL && have != 0; want = want->next, have = index->nodes[have].next)
        if (!oak_str_eq(want->key, index->nodes[have].name) || !oak_value_is(want, index, have))
            return false;
    return want == NULL && have == 0;
}

bool oak_value_is_part(const struct oak_value *value, const struct oak_index *index, uint32_t node)
{
    const uint32_t real = oak_node_real(index, node);
    if (value->kind != OAK_MAPPING || index->nodes[real].kind != OAK_MAPPING)
        return false;
    for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
        const uint32_t have = oak_node_get(index, real, v->key);
        if (have == 0 || !oak_value_is(v, index, have))
            return false;
    }
    return true;
}

static void print_value(struct oak_buf *out, const struct oak_value *value)
{
    if (value->kind == OAK_SCALAR) {
        oak_buf_add(out, value->type == OAK_TYPE_STRING ? oak_scalar_spell(out->arena, value->text, OAK_PLAIN)
                                                       : value->text);
        return;
    }
    const bool is_mapping = value->kind == OAK_MAPPING;
    oak_buf_add(out, is_mapping ? OAK_STR("{") : OAK_STR("["));
    for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
        if (is_mapping)
            oak_buf_add_all(out, (oak_str[]){ v->key, OAK_STR(": ") }, 2);
        print_value(out, v);
        if (v->next != NULL)
            oak_buf_add(out, OAK_STR(", "));
    }
    oak_buf_add(out, is_mapping ? OAK_STR("}") : OAK_STR("]"));
}

oak_str oak_value_print(struct oak_arena *arena, const struct oak_value *value)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    print_value(&out, value);
    return oak_buf_str(&out);
}
