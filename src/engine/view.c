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

const struct oak_target *oak_view_target(const struct oak_checked *c, size_t view, size_t number)
{
    const oak_targets *const first = &c->views[0].targets, *const later = &c->views[view].targets;
    if (first->count == later->count)
        return &later->items[number];
    size_t nth = 0;
    for (size_t i = 0; i < number; i++)
        nth += oak_target_is_same(&first->items[i], &first->items[number]);
    for (size_t i = 0; i < later->count; i++)
        if (oak_target_is_same(&later->items[i], &first->items[number]) && nth-- == 0)
            return &later->items[i];
    return NULL;
}
