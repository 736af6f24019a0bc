/* A document and what earlier plans would make of it: which target of the one is which of the other. */
#include "engine/engine.h"

bool oak_target_is_same(const struct oak_target *a, const struct oak_target *b)
{
    return a->kind == b->kind && oak_str_eq(a->name, b->name) && oak_str_eq(a->container_name, b->container_name) &&
           oak_str_eq(a->object_kind, b->object_kind) && oak_str_eq(a->object_name, b->object_name);
}

static bool same_keys(const oak_route *a, const oak_route *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!oak_str_eq(a->items[i].key, b->items[i].key))
            return false;
    return true;
}

bool oak_finding_is_alike(const struct oak_finding *f, const struct oak_patch *patch, const struct oak_target *target,
                          const oak_route *route)
{
    return f->rule->patch == patch && oak_target_is_same(&f->target, target) && same_keys(&f->route, route);
}

struct oak_view oak_view_make(struct oak_arena *arena, const struct oak_run *run, const struct oak_index *index)
{
    struct oak_view view = { .index = index, .targets = oak_targets_find(arena, index, &run->kinds) };
    view.said_size = oak_said_size(run->patches);
    view.said = oak_arena_alloc(arena, view.targets.count * view.said_size * sizeof *view.said);
    return view;
}

/* The number in `later` of what is target `number` of `first`; the end of `later` if it is gone. */
static size_t later_number(const oak_targets *first, const oak_targets *later, size_t number)
{
    if (first->count == later->count)
        return number;
    size_t nth = 0;
    for (size_t i = 0; i < number; i++)
        nth += oak_target_is_same(&first->items[i], &first->items[number]);
    size_t at = 0;
    while (at < later->count && !(oak_target_is_same(&later->items[at], &first->items[number]) && nth-- == 0))
        at++;
    return at;
}

bool oak_view_spot(const struct oak_checked *c, size_t view, size_t number, struct oak_spot *out)
{
    const struct oak_view *const v = &c->views[view];
    const size_t at = later_number(&c->views[0].targets, &v->targets, number);
    if (at == v->targets.count)
        return false;
    const struct oak_target *const t = &v->targets.items[at];
    *out = (struct oak_spot){ .index = v->index, .target = t };
    if (v->said != NULL) {
        out->said = v->said + at * v->said_size;
        out->said_of_pod = t->pod != 0 ? v->said + t->pod_number * v->said_size : out->said;
    }
    return true;
}
