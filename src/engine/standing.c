/* The strictest level that the pods of an object meet, as the document is and as it will be. Work grows with the document: a list
 * may hold thousands of objects. */
#include "engine/engine.h"

#include <assert.h>

/* By node: the number of the object that it is, from 1; 0: none. */
static size_t *number_objects(struct oak_arena *arena, const struct oak_view *view)
{
    size_t *const numbers = oak_arena_alloc(arena, (view->index->count + 1) * sizeof *numbers);
    size_t count = 0;
    for (size_t i = 0; i < view->targets.count; i++)
        if (view->targets.items[i].kind == OAK_OBJECT)
            numbers[view->targets.items[i].node] = ++count;
    return numbers;
}

/* The standings of one document. */
struct own {
    struct oak_result *result;
    size_t first;
};

/* That of an object by its number; NULL for 0. */
static struct oak_standing *standing_of(const struct own *own, size_t number)
{
    return number > 0 ? &own->result->standings.items[own->first + number - 1] : NULL;
}

static void lower(enum oak_profile *level, const struct oak_rule *refused_by)
{
    if (refused_by->level <= *level)
        *level = refused_by->level - 1;
}

static void add_objects(const struct oak_gathering *g, size_t document, oak_standings *out)
{
    const bool has_actions = oak_has_actions(g);
    for (size_t i = 0; i < g->before->targets.count; i++) {
        const struct oak_target *const o = &g->before->targets.items[i];
        if (o->kind == OAK_OBJECT)
            *oak_push(g->arena, out) = (struct oak_standing){
                .span = g->before->index->nodes[o->node].span, .document = document, .kind = o->object_kind,
                .name = o->object_name,
                .namespace = oak_target_is(o, OAK_STR("Namespace")) ? o->object_name : o->namespace,
                .is_known = !has_actions || oak_action_in(g, o) == 0, .before = OAK_RESTRICTED, .after = OAK_RESTRICTED };
    }
}

static void find_pods(const struct own *own, const oak_targets *targets, const size_t *numbers)
{
    for (size_t i = 0; i < targets->count; i++) {
        struct oak_standing *const s = standing_of(own, numbers[targets->items[i].object]);
        if (targets->items[i].kind != OAK_POD || s == NULL)
            continue;
        s->has_pods = true;
        s->is_known = s->is_known && !targets->items[i].is_part;
    }
}

static void lower_all(const struct own *own, const oak_findings *found, const size_t *numbers, bool is_after)
{
    for (size_t i = 0; i < found->count; i++) {
        struct oak_standing *const s = standing_of(own, numbers[found->items[i].target.object]);
        if (s != NULL)
            lower(is_after ? &s->after : &s->before, found->items[i].rule);
    }
}

void oak_standings_add(const struct oak_gathering *g, size_t document, struct oak_result *result)
{
    const struct own own = { result, result->standings.count };
    const size_t *const before = number_objects(g->arena, g->before), *const after = number_objects(g->arena, g->after);
    const oak_findings found = oak_observe(g, g->before);
    const oak_findings left = g->after == g->before ? found : oak_observe(g, g->after);
    add_objects(g, document, &result->standings);
    find_pods(&own, &g->before->targets, before);
    lower_all(&own, &found, before, false);
    lower_all(&own, &left, after, true);
    for (size_t i = result->findings.count; i-- > 0 && result->findings.items[i].document == document;) {
        struct oak_finding *const f = &result->findings.items[i];
        assert(before[f->target.object] > 0);
        f->standing = own.first + before[f->target.object] - 1;
    }
}
