/* What looks like a pod, in a kind that nobody has told us of: a mapping with a list `containers` in which something has a
 * name and an image. It is reported; only with `guesses` it is taken for one. */
#include "kube/finder.h"

struct shape {
    struct oak_finder *f;
    const struct oak_target *object;
};

static bool has_key(const struct oak_finder *f, uint32_t mapping, oak_str key)
{
    const uint32_t node = oak_node_get(f->index, mapping, key);
    return node != 0 && !oak_node_is_null(f->index, node);
}

static bool is_pod(const struct oak_finder *f, uint32_t mapping)
{
    const uint32_t containers = oak_node_get(f->index, mapping, OAK_STR("containers"));
    const uint32_t real = containers != 0 ? oak_node_real(f->index, containers) : 0;
    if (real == 0 || f->index->nodes[real].kind != OAK_SEQUENCE)
        return false;
    for (uint32_t i = f->index->nodes[real].child; i != 0; i = f->index->nodes[i].next) {
        const uint32_t item = oak_node_real(f->index, i);
        if (oak_finder_is_mapping(f, item) && has_key(f, item, OAK_STR("name")) && has_key(f, item, OAK_STR("image")))
            return true;
    }
    return false;
}

/* Why nothing is known of it: the kind is new to us, or mistyped. */
static const char *why_unread(const struct shape *s)
{
    const struct oak_kinds *const kinds = s->f->kinds;
    struct oak_nearest nearest = { .wanted = s->object->object_kind };
    for (size_t i = 0; i < kinds->count; i++)
        if (oak_str_eq(kinds->items[i].group, s->object->group) && kinds->items[i].rows.count > 0)
            oak_nearest_try(&nearest, kinds->items[i].kind);
    if (nearest.found.len == 0)
        return "looks like a pod, but the kind is not known: --guess takes it for one";
    return oak_arena_printf(s->f->arena, "looks like a pod, but the kind is not known: did you mean %.*s? --guess takes it for one",
                            (int)nearest.found.len, nearest.found.ptr).ptr;
}

static void add(struct shape *s, uint32_t node, const oak_route *route, uint32_t above)
{
    struct oak_target t = *s->object;
    const bool is_spec = route->count > 0 && oak_str_eq(route->items[route->count - 1].key, OAK_STR("spec"));
    t.kind = OAK_UNREAD;
    t.node = node;
    t.route = oak_finder_route(s->f, route, 0);
    if (!s->f->kinds->guesses) {
        t.word = why_unread(s);
        *oak_push(s->f->arena, &s->f->targets) = t;
        return;
    }
    t.template = is_spec ? above : 0;
    oak_finder_add_pod(s->f, &t);
}

/* Aliases are not followed: what they repeat is seen where it stands. Depth is that of the document, which is bounded. */
static void search(struct shape *s, uint32_t node, oak_route *route, uint32_t above)
{
    const struct oak_node *const n = &s->f->index->nodes[node];
    if (n->kind == OAK_MAPPING && is_pod(s->f, node)) {
        add(s, node, route, above);
        return;
    }
    size_t i = 0;
    for (uint32_t child = n->child; child != 0; child = s->f->index->nodes[child].next, i++) {
        const struct oak_node *const c = &s->f->index->nodes[child];
        if (c->kind != OAK_MAPPING && c->kind != OAK_SEQUENCE)
            continue;
        *oak_push(s->f->arena, route) = n->kind == OAK_SEQUENCE ? (struct oak_seg){ { 0 }, i } : (struct oak_seg){ c->name, 0 };
        search(s, child, route, node);
        route->count--;
    }
}

void oak_shapes_find(struct oak_finder *f, const struct oak_target *object)
{
    const struct oak_target copy = *object;
    struct shape s = { f, &copy };
    oak_route route = oak_finder_route(f, &copy.route, 8);
    search(&s, copy.node, &route, 0);
}
