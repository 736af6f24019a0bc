/* Findings that hang together end alike: a change and its companions, a change and what must happen first. */
#include "engine/engine.h"

#include "patch/when.h"

static void add_nodes_of(const struct oak_checked *c, const struct oak_finding *f, const oak_terms *terms, oak_node_list *to)
{
    for (size_t i = 0; i < terms->count; i++) {
        const oak_node_list nodes = oak_field_find(c->arena, c->views[0].index, &f->target, &terms->items[i].field);
        for (size_t k = 0; k < nodes.count; k++)
            *oak_push(c->arena, to) = nodes.items[k];
    }
}

/* The nodes that the needs of a finding are about. */
static oak_node_list needed_nodes(const struct oak_checked *c, const struct oak_finding *f)
{
    oak_node_list all = { 0 };
    for (size_t i = 0; i < f->rule->needs.count; i++) {
        const struct oak_condition *const when = &f->rule->needs.items[i].when;
        for (size_t g = 0; g < when->groups.count; g++)
            add_nodes_of(c, f, &when->groups.items[g], &all);
    }
    return all;
}

/* Findings that stay as they are, by node: numbers plus one, 0 for none. */
struct staying {
    uint32_t *first; /* that waits for nothing */
    uint32_t *last;
};

static void add_staying(struct staying *s, const oak_findings *findings, size_t number)
{
    const struct oak_finding *const f = &findings->items[number];
    if (!f->needs_pending && s->first[f->node] == 0)
        s->first[f->node] = (uint32_t)number + 1;
    if (s->last[f->node] < number + 1)
        s->last[f->node] = (uint32_t)number + 1;
}

static struct staying find_staying(const struct oak_checked *c)
{
    const size_t size = c->views[0].index->count * sizeof(uint32_t);
    struct staying s = { oak_arena_alloc(c->arena, size), oak_arena_alloc(c->arena, size) };
    for (size_t i = 0; i < c->findings.count; i++)
        if (c->findings.items[i].outcome != OAK_FIXED)
            add_staying(&s, &c->findings, i);
    return s;
}

/* A need that isn't met yet shares the outcome of the finding that could meet it: one that wants to change the same node. */
static void share_with_needs(struct oak_checked *c, const struct staying *s)
{
    for (size_t i = 0; i < c->findings.count; i++) {
        struct oak_finding *const f = &c->findings.items[i];
        if (!f->needs_pending)
            continue;
        uint32_t last = 0;
        const oak_node_list nodes = needed_nodes(c, f);
        for (size_t k = 0; k < nodes.count; k++)
            if (nodes.items[k] != 0 && s->last[nodes.items[k]] > last)
                last = s->last[nodes.items[k]];
        if (last == 0)
            continue;
        f->outcome = c->findings.items[last - 1].outcome;
        f->evidence = c->findings.items[last - 1].span; /* what stays */
    }
}

/* A companion that another finding leaves as it is, is left as it is: then so is the whole change. */
static void share_with_companions(struct oak_checked *c, struct staying *s)
{
    for (size_t i = 0; i < c->findings.count; i++) {
        struct oak_finding *const f = &c->findings.items[i];
        for (size_t k = 1; k < f->wishes.count && f->outcome == OAK_FIXED; k++) {
            const struct oak_wish *const w = &f->wishes.items[k];
            const uint32_t number = w->missing_count == 0 ? s->first[w->node] : 0;
            if (number == 0)
                continue;
            const struct oak_finding *const g = &c->findings.items[number - 1];
            f->outcome = g->outcome;
            f->reason = g->reason;
            f->evidence = g->evidence;
            add_staying(s, &c->findings, i);
        }
    }
}

void oak_share_outcomes(struct oak_checked *c)
{
    bool any_stays = false;
    for (size_t i = 0; i < c->findings.count; i++)
        any_stays = any_stays || c->findings.items[i].outcome != OAK_FIXED;
    if (!any_stays)
        return;
    struct staying s = find_staying(c);
    share_with_companions(c, &s);
    share_with_needs(c, &s);
}
