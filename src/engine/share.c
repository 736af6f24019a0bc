/* Findings that hang together end alike: a change and its companions, a change and what must happen first. */
#include "engine/engine.h"

#include "patch/when.h"

/* By node: one more than the number of a finding that leaves it as it is; 0 if there is none. */
static size_t *unfixed_by_node(const struct oak_checked *c, bool with_pending)
{
    size_t *const numbers = oak_arena_alloc(c->arena, c->views[0].index->count * sizeof *numbers);
    for (size_t i = 0; i < c->findings.count; i++) {
        const struct oak_finding *const f = &c->findings.items[i];
        if (f->node != 0 && f->outcome != OAK_FIXED && (with_pending || !f->needs_pending))
            numbers[f->node] = i + 1;
    }
    return numbers;
}

/* A need that isn't met yet shares the outcome of the finding that could meet it: one that wants to change the same node. */
static void share_with_need(struct oak_checked *c, struct oak_finding *f, const struct oak_reason *need,
                            const size_t *unfixed)
{
    const oak_terms *const terms = &need->when.groups.items[0];
    for (size_t k = 0; k < terms->count; k++) {
        const oak_node_list nodes = oak_field_find(c->arena, c->views[0].index, &f->target, &terms->items[k].field);
        for (size_t i = 0; i < nodes.count; i++) {
            const size_t number = unfixed[nodes.items[i]];
            if (number == 0)
                continue;
            f->outcome = c->findings.items[number - 1].outcome;
            f->evidence = c->findings.items[number - 1].evidence;
        }
    }
}

static void share_with_needs(struct oak_checked *c)
{
    const size_t *unfixed = NULL;
    for (size_t i = 0; i < c->findings.count; i++) {
        struct oak_finding *const f = &c->findings.items[i];
        if (!f->needs_pending)
            continue;
        if (unfixed == NULL)
            unfixed = unfixed_by_node(c, true);
        for (size_t k = 0; k < f->rule->needs.count; k++)
            share_with_need(c, f, &f->rule->needs.items[k], unfixed);
    }
}

/* A companion that another finding leaves as it is, is left as it is: then so is the whole change. */
static void share_with_companions(struct oak_checked *c)
{
    const size_t *unfixed = NULL;
    for (size_t i = 0; i < c->findings.count; i++) {
        struct oak_finding *const f = &c->findings.items[i];
        for (size_t k = 1; k < f->wishes.count && f->outcome == OAK_FIXED; k++) {
            if (unfixed == NULL)
                unfixed = unfixed_by_node(c, false);
            const size_t number = f->wishes.items[k].missing_count == 0 ? unfixed[f->wishes.items[k].node] : 0;
            if (number == 0)
                continue;
            f->outcome = c->findings.items[number - 1].outcome;
            f->reason = c->findings.items[number - 1].reason;
            f->evidence = c->findings.items[number - 1].evidence;
        }
    }
}

void oak_share_outcomes(struct oak_checked *c)
{
    share_with_companions(c);
    share_with_needs(c);
}
