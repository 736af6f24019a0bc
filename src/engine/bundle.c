/* Which edits are one fix. Several findings may share an edit (five keys of one securityContext that is not there yet), and a finding
 * may need several. What hangs together through either is applied together, so that a viewer can offer fixes one by one: any of
 * them alone leaves a manifest that is right, and all of them give what `fix` gives. */
#include "engine/engine.h"


struct bundler {
    struct oak_arena *arena;
    const struct oak_index *index;
    const struct oak_bundled *of;
    uint32_t *edit_of;  /* by node: number of its first edit plus one; 0: none */
    uint32_t *together; /* by edit: another edit that it goes with, or itself (union by root) */
};

static uint32_t root_of(const struct bundler *b, uint32_t edit)
{
    while (b->together[edit] != edit) {
        b->together[edit] = b->together[b->together[edit]];
        edit = b->together[edit];
    }
    return edit;
}

static void join(struct bundler *b, uint32_t one, uint32_t other)
{
    const uint32_t x = root_of(b, one), y = root_of(b, other);
    b->together[x > y ? x : y] = x > y ? y : x;
}

/* Joins what is numbered from one, 0 for nothing, to a growing chain. */
static void chain(struct bundler *b, uint32_t *first, uint32_t edit)
{
    if (edit != 0 && *first != 0)
        join(b, *first - 1, edit - 1);
    if (*first == 0)
        *first = edit;
}

/* Edits of one node go together, and those that touch: nobody could tell in which order to put them. */
static void join_edits(struct bundler *b)
{
    const oak_edit_list *const edits = b->of->edits;
    for (uint32_t i = 0; i < edits->count; i++) {
        const struct oak_edit *const e = &edits->items[i];
        b->together[i] = i;
        if (b->edit_of[e->owner] == 0)
            b->edit_of[e->owner] = i + 1;
        else
            join(b, b->edit_of[e->owner] - 1, i);
        if (i > 0 && edits->items[i - 1].span.end >= e->span.start)
            join(b, i - 1, i);
    }
}

/* An edit of the node, or of the nearest thing that holds it: what goes may take with it what it leaves empty. */
static uint32_t edit_at(const struct bundler *b, uint32_t node)
{
    while (node != 0 && b->edit_of[node] == 0)
        node = b->index->nodes[node].parent;
    return b->edit_of[node];
}

/* One of the finding's edits, numbered from one. 0: there is none. */
static uint32_t join_wishes(struct bundler *b, const struct oak_finding *f, bool *is_covered)
{
    uint32_t first = 0;
    for (size_t i = 0; i < f->wishes.count; i++) {
        const struct oak_wish *const w = &f->wishes.items[i];
        *is_covered = *is_covered || w->is_covered;
        chain(b, &first, edit_at(b, w->op == OAK_REMOVE ? b->index->nodes[w->node].parent : w->node));
    }
    if (f->wishes.count == 0) /* it goes with what holds it */
        first = edit_at(b, f->node != 0 ? f->node : f->target.node);
    /* What is written at an anchor serves those that merge it: with that about, the document is one fix, and any edit is of it. */
    return first == 0 && *is_covered ? 1 : first;
}

/* What hangs on others of its object goes with all of them: which of them it is, the conditions of a rule do not say. */
static void join_objects(struct bundler *b, const uint32_t *edits)
{
    const oak_findings *const all = b->of->findings;
    bool *const hangs = oak_arena_alloc(b->arena, b->index->count * sizeof *hangs);
    bool any_hangs = false;
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].hangs && edits[i] != 0)
            any_hangs = hangs[all->items[i].target.object] = true;
    if (!any_hangs)
        return;
    uint32_t *const first = oak_arena_alloc(b->arena, b->index->count * sizeof *first);
    for (size_t i = 0; i < all->count; i++)
        if (hangs[all->items[i].target.object])
            chain(b, &first[all->items[i].target.object], edits[i]);
}

static void number(struct bundler *b, const uint32_t *edit_of_finding)
{
    oak_edit_list *const edits = b->of->edits;
    uint32_t *const numbers = oak_arena_alloc(b->arena, edits->count * sizeof *numbers);
    for (uint32_t i = 0; i < edits->count; i++) {
        const uint32_t root = root_of(b, i);
        if (numbers[root] == 0)
            numbers[root] = ++*b->of->count;
        edits->items[i].owner = numbers[root];
    }
    for (size_t i = 0; i < b->of->findings->count; i++)
        if (edit_of_finding[i] != 0)
            b->of->findings->items[i].fix = edits->items[edit_of_finding[i] - 1].owner;
}

void oak_bundle(struct oak_arena *arena, const struct oak_index *index, const struct oak_bundled *of)
{
    struct bundler b = { .arena = arena, .index = index, .of = of };
    if (of->edits->count == 0)
        return;
    b.edit_of = oak_arena_alloc(arena, index->count * sizeof *b.edit_of);
    b.together = oak_arena_alloc(arena, of->edits->count * sizeof *b.together);
    join_edits(&b);
    uint32_t *const edits = oak_arena_alloc(arena, of->findings->count * sizeof *edits);
    bool is_covered = false;
    for (size_t i = 0; i < of->findings->count; i++)
        if (of->findings->items[i].outcome == OAK_FIXED)
            edits[i] = join_wishes(&b, &of->findings->items[i], &is_covered);
    for (uint32_t i = 1; i < of->edits->count && is_covered; i++)
        join(&b, 0, i);
    join_objects(&b, edits);
    number(&b, edits);
}
