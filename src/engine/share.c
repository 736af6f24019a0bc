/* Findings that hang together end alike: a change and its companions, a change and what must happen first. */
#include "engine/engine.h"

#include "patch/when.h"

/* The nodes that the needs of a finding are about. */
static oak_node_list needed_nodes(const struct oak_checked *c, const struct oak_finding *f)
{
    oak_node_list all = { 0 };
    for (size_t i = 0; i < f->rule->needs.count; i++) {
        const oak_terms *const terms = &f->rule->needs.items[i].when.groups.items[0];
        for (size_t k = 0; k < terms->count; k++) {
            const oak_node_list nodes = oak_field_find(c->arena, c->views[0].index, &f->target, &terms->items[k].field);
            for (size_t m = 0; m < nodes.count; m++)
                *oak_push(c->arena, &all) = nodes.items[m];
        }
    }
    return all;
}

static bool has_node(const oak_node_list *nodes, uint32_t node)
{
    for (size_t i = 0; i < nodes->count && node != 0; i++)
        if (nodes->items[i] == node)
            return true;
    return false;
}

/* A need that isn't met yet shares the outcome of the finding that could meet it: one that wants to change the same node. */
static void share_with_needs(struct oak_checked *c)
{
    for (size_t i = 0; i < c->findings.count; i++) {
        struct oak_finding *const f = &c->findings.items[i];
        if (!f->needs_pending)
            continue;
        const oak_node_list nodes = needed_nodes(c, f);
        for (size_t k = 0; k < c->findings.count; k++) {
            const struct oak_finding *const g = &c->findings.items[k];
            if (g->outcome == OAK_FIXED || !has_node(&nodes, g->node))
                continue;
            f->outcome = g->outcome;
            f->evidence = g->evidence;
        }
    }
}

/* A companion that another finding leaves as it is, is left as it is: then so is the whole change. */
static void share_with_companions(struct oak_checked *c)
{
    for (size_t i = 0; i < c->findings.count; i++) {
        struct oak_finding *const f = &c->findings.items[i];
        for (size_t k = 1; k < f->wishes.count && f->outcome == OAK_FIXED; k++) {
            const struct oak_wish *const w = &f->wishes.items[k];
            for (size_t m = 0; m < c->findings.count && w->missing_count == 0; m++) {
                const struct oak_finding *const g = &c->findings.items[m];
                if (g->node != w->node || g->outcome == OAK_FIXED || g->needs_pending)
                    continue;
                f->outcome = g->outcome;
                f->reason = g->reason;
                f->evidence = g->evidence;
                break;
            }
        }
    }
}

void oak_share_outcomes(struct oak_checked *c)
{
    share_with_companions(c);
    share_with_needs(c);
}
