/* The strictest level that the pods of an object meet, as the document is and as it will be. */
#include "engine/engine.h"

static enum oak_profile level_of(const oak_findings *found, uint32_t object)
{
    enum oak_profile level = OAK_RESTRICTED;
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].target.object == object && found->items[i].rule->level <= level)
            level = found->items[i].rule->level - 1;
    return level;
}

void oak_standings_add(const struct oak_gathering *g, size_t document, oak_standings *out)
{
    const oak_findings before = oak_observe(g, g->before);
    const oak_findings after = g->after == g->before ? before : oak_observe(g, g->after);
    const bool has_actions = oak_has_actions(g);
    size_t number = 0;
    for (size_t i = 0; i < g->before->targets.count; i++) {
        const struct oak_target *const o = &g->before->targets.items[i];
        if (o->kind != OAK_OBJECT)
            continue;
        *oak_push(g->arena, out) = (struct oak_standing){
            .span = g->before->index->nodes[o->node].span, .document = document, .kind = o->object_kind,
            .name = o->object_name,
            .namespace = oak_target_is(o, OAK_STR("Namespace")) ? o->object_name : o->namespace,
            .has_pods = oak_is_workload(g, o), .is_known = !has_actions || oak_action_in(g, o) == 0,
            .before = level_of(&before, o->node),
            .after = level_of(&after, oak_object_number(&g->after->targets, number++)), .node = o->node };
    }
}
