/* A document and what earlier plans would make of it: which target of the one is which of the other. */
#include "engine/engine.h"

#include <stdlib.h>

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
    view.keys = oak_list_room(arena, view.targets.count * OAK_SCOPES, sizeof *view.keys);
    for (size_t i = 0; i < view.targets.count; i++)
        oak_scope_keys(index, &view.targets.items[i], view.keys + i * OAK_SCOPES);
    return view;
}

static int by_names(const struct oak_target *a, const struct oak_target *b)
{
    const oak_str x[] = { a->name, a->container_name, a->object_kind, a->object_name };
    const oak_str y[] = { b->name, b->container_name, b->object_kind, b->object_name };
    int order = (a->kind > b->kind) - (a->kind < b->kind);
    for (size_t i = 0; i < sizeof x / sizeof *x && order == 0; i++)
        order = oak_str_cmp(x[i], y[i]);
    return order;
}

static int by_names_and_place(const void *a, const void *b)
{
    const struct oak_target *const x = *(const struct oak_target *const *)a, *const y = *(const struct oak_target *const *)b;
    const int order = by_names(x, y);
    return order != 0 ? order : (x > y) - (x < y);
}

static const struct oak_target **sorted(struct oak_arena *arena, const oak_targets *targets)
{
    const struct oak_target **const all = oak_list_room(arena, targets->count + 1, sizeof *all);
    for (size_t i = 0; i < targets->count; i++)
        all[i] = &targets->items[i];
    if (targets->count > 1)
        qsort(all, targets->count, sizeof *all, by_names_and_place);
    return all;
}

/* The same targets in the same order: nearly always, as most plans change fields. */
static bool are_same(const oak_targets *a, const oak_targets *b)
{
    size_t i = 0;
    while (i < a->count && i < b->count && oak_target_is_same(&a->items[i], &b->items[i]))
        i++;
    return i == a->count && i == b->count;
}

void oak_view_follow(struct oak_arena *arena, const struct oak_view *first, struct oak_view *later)
{
    const oak_targets *const from = &first->targets, *const to = &later->targets;
    later->of_first = NULL;
    if (are_same(from, to))
        return;
    size_t *const numbers = oak_list_room(arena, from->count + 1, sizeof *numbers);
    const struct oak_target **const old = sorted(arena, from), **const new = sorted(arena, to);
    for (size_t i = 0, k = 0; i < from->count; i++) {
        while (k < to->count && by_names(new[k], old[i]) < 0)
            k++;
        const bool is_there = k < to->count && by_names(new[k], old[i]) == 0;
        numbers[old[i] - from->items] = is_there ? (size_t)(new[k++] - to->items) : to->count;
    }
    later->of_first = numbers;
}

bool oak_view_spot(const struct oak_checked *c, size_t view, size_t number, struct oak_spot *out)
{
    const struct oak_view *const v = &c->views[view];
    const size_t at = v->of_first != NULL ? v->of_first[number] : number;
    if (at == v->targets.count)
        return false;
    const struct oak_target *const t = &v->targets.items[at];
    *out = (struct oak_spot){ .index = v->index, .target = t };
    if (v->said != NULL) {
        out->keys = v->keys + at * OAK_SCOPES;
        const size_t at_whom[OAK_REACHES] = { at, t->pod != 0 ? t->pod_number : at, t->container != 0 ? t->container_number : at };
        for (size_t i = 0; i < OAK_REACHES; i++)
            out->said[i] = v->said + at_whom[i] * v->said_size;
    }
    return true;
}
