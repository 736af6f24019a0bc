/* Findings → the changes that they want together. Wishes are merged by place before they are text: five keys of one
 * securityContext that is not there yet are one entry. Two wishes that disagree about a place are a conflict: neither
 * is granted, whatever the order of files or patches. */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

/* One wish for one single value, or for the removal of a node or the growth of a list. */
struct leaf {
    size_t finding;
    struct oak_wish *wish;
    uint32_t node;
    const oak_str *keys; /* below node, to the value */
    size_t key_count;
    const struct oak_value *value;
    oak_str patch; /* its id: new keys of one mapping stand in the order of the patches */
    size_t order;
};

struct planner {
    struct oak_arena *arena;
    const struct oak_index *index;
    oak_findings *findings;
    OAK_LIST(struct leaf) leaves;
    bool refused_some;
};

static void refuse(struct planner *p, size_t finding, oak_str reason, oak_span evidence)
{
    struct oak_finding *const f = &p->findings->items[finding];
    if (f->outcome != OAK_FIXED)
        return;
    f->outcome = OAK_REFUSED;
    f->reason = reason;
    f->evidence = evidence;
    p->refused_some = true;
}

/* ---- leaves ---- */

static void add_leaves(struct planner *p, struct leaf base, const struct oak_value *value)
{
    if (base.wish->op == OAK_SET && value->kind == OAK_MAPPING) {
        for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
            struct leaf inner = base;
            oak_str *const keys = oak_arena_alloc(p->arena, (base.key_count + 1) * sizeof *keys);
            if (base.key_count > 0)
                memcpy(keys, base.keys, base.key_count * sizeof *keys);
            keys[base.key_count] = v->key;
            inner.keys = keys;
            inner.key_count++;
            add_leaves(p, inner, v);
        }
        return;
    }
    base.value = value;
    base.order = p->leaves.count;
    *oak_push(p->arena, &p->leaves) = base;
}

static int by_node(const void *a, const void *b)
{
    const struct leaf *const x = a, *const y = b;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    const int by_patch = oak_str_cmp(x->patch, y->patch);
    if (by_patch != 0)
        return by_patch;
    return (x->order > y->order) - (x->order < y->order);
}

static void collect(struct planner *p)
{
    p->leaves.count = 0;
    for (size_t i = 0; i < p->findings->count; i++) {
        struct oak_finding *const f = &p->findings->items[i];
        for (size_t k = 0; k < f->wishes.count && f->outcome == OAK_FIXED; k++) {
            struct oak_wish *const w = &f->wishes.items[k];
            w->is_covered = false;
            add_leaves(p, (struct leaf){ .finding = i, .wish = w, .node = w->node, .keys = w->missing,
                                         .patch = f->rule->patch->id,
                                         .key_count = w->missing_count }, w->value);
        }
    }
    if (p->leaves.count > 0)
        qsort(p->leaves.items, p->leaves.count, sizeof *p->leaves.items, by_node);
}

/* ---- agreement ---- */

static bool same_keys(const struct leaf *a, const struct leaf *b)
{
    if (a->key_count != b->key_count)
        return false;
    for (size_t i = 0; i < a->key_count; i++)
        if (!oak_str_eq(a->keys[i], b->keys[i]))
            return false;
    return true;
}

/* Does one end inside the other: {a: 1} and {a: {b: 1}}? */
static bool is_prefix(const struct leaf *a, const struct leaf *b)
{
    if (a->key_count >= b->key_count)
        return false;
    for (size_t i = 0; i < a->key_count; i++)
        if (!oak_str_eq(a->keys[i], b->keys[i]))
            return false;
    return true;
}

static bool same_wish(const struct leaf *a, const struct leaf *b)
{
    if (a->wish->op != b->wish->op || !same_keys(a, b))
        return false;
    return a->wish->op == OAK_REMOVE || oak_value_eq(a->value, b->value);
}

static bool is_inside(const struct oak_index *index, uint32_t node, uint32_t outer)
{
    while (node != 0 && node != outer)
        node = index->nodes[node].parent;
    return node == outer;
}

/* Two leaves of one node, or one inside a node that the other removes. */
static bool disagree(const struct leaf *a, const struct leaf *b)
{
    if (a->wish->gives_way || b->wish->gives_way)
        return false;
    if (a->node != b->node)
        return true;
    if (a->wish->op == OAK_APPEND && b->wish->op == OAK_APPEND)
        return false;
    if (a->wish->op != b->wish->op)
        return true;
    return is_prefix(a, b) || is_prefix(b, a) || (same_keys(a, b) && !same_wish(a, b));
}

static oak_str conflict_reason(struct planner *p, size_t other)
{
    const oak_str id = p->findings->items[other].rule->patch->id;
    return oak_arena_printf(p->arena, "conflict: '%.*s' wants something else at the same place", (int)id.len, id.ptr);
}

static void refuse_both(struct planner *p, const struct leaf *a, const struct leaf *b)
{
    const oak_span none = { 0, 0 };
    if (a->finding == b->finding || !disagree(a, b))
        return;
    refuse(p, a->finding, conflict_reason(p, b->finding), none);
    refuse(p, b->finding, conflict_reason(p, a->finding), none);
}

/* The first leaf at a node or behind it: they are sorted by node. */
static size_t first_leaf_at(const struct planner *p, uint32_t node)
{
    size_t low = 0, high = p->leaves.count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (p->leaves.items[middle].node < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What is removed must not be edited inside. */
static void refuse_inside_removed(struct planner *p, const struct leaf *inner)
{
    for (uint32_t node = p->index->nodes[inner->node].parent; node != 0; node = p->index->nodes[node].parent)
        for (size_t i = first_leaf_at(p, node); i < p->leaves.count && p->leaves.items[i].node == node; i++)
            if (p->leaves.items[i].wish->op == OAK_REMOVE)
                refuse_both(p, &p->leaves.items[i], inner);
}

static void refuse_conflicts(struct planner *p)
{
    bool has_removal = false;
    for (size_t i = 0; i < p->leaves.count; i++)
        has_removal = has_removal || p->leaves.items[i].wish->op == OAK_REMOVE;
    for (size_t i = 0; i < p->leaves.count; i++) {
        const struct leaf *const a = &p->leaves.items[i];
        for (size_t k = i + 1; k < p->leaves.count && p->leaves.items[k].node == a->node; k++)
            refuse_both(p, a, &p->leaves.items[k]);
        if (has_removal)
            refuse_inside_removed(p, a);
    }
}

static void refuse_obstacles(struct planner *p)
{
    for (size_t i = 0; i < p->leaves.count; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        struct oak_change change = { .op = l->wish->op, .node = l->node, .value = l->value };
        if (l->wish->op == OAK_SET && l->key_count > 0)
            change.op = OAK_ADD;
        const char *const obstacle = oak_change_obstacle(p->index, &change);
        if (obstacle != NULL)
            refuse(p, l->finding, oak_arena_printf(p->arena, "the text can't be edited here: %s", obstacle),
                   p->index->nodes[l->node].span);
    }
}

/* ---- aliases ---- */

/* Does the mapping `m` merge the mapping `base`? */
static bool merges(const struct oak_index *index, uint32_t m, uint32_t base)
{
    for (uint32_t i = index->nodes[m].child; i != 0; i = index->nodes[i].next) {
        if (!oak_str_eq(index->nodes[i].name, OAK_STR("<<")))
            continue;
        if (oak_node_real(index, i) == base)
            return true;
        for (uint32_t k = index->nodes[oak_node_real(index, i)].child; k != 0; k = index->nodes[k].next)
            if (oak_node_real(index, k) == base)
                return true;
    }
    return false;
}

/* Counts who wants what `l` wants at its node; with `cover`, those that merge it take it from there. */
static uint32_t count_agreeing(struct planner *p, const struct leaf *l, bool cover)
{
    uint32_t count = 0;
    for (size_t i = 0; i < p->leaves.count; i++) {
        const struct leaf *const other = &p->leaves.items[i];
        if (!same_wish(l, other))
            continue;
        if (other->node == l->node) {
            count++;
        } else if (l->key_count > 0 && merges(p->index, other->node, l->node)) {
            count++;
            if (cover)
                other->wish->is_covered = true;
        }
    }
    return count;
}

static uint32_t inner_alias(const struct oak_index *index, uint32_t node)
{
    for (uint32_t i = node + 1; i < index->count; i++)
        if (index->nodes[i].kind == OAK_ALIAS && is_inside(index, index->nodes[i].target, node) &&
            !is_inside(index, i, node))
            return i;
    return 0;
}

/* A node that aliases repeat is edited once, if every one of them wants it. */
static void refuse_shared(struct planner *p)
{
    if (p->index->alias_count == 0)
        return;
    for (size_t i = 0; i < p->leaves.count; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        if (l->wish->is_covered)
            continue;
        const uint32_t uses = oak_node_uses(p->index, l->node);
        uint32_t alias = uses > count_agreeing(p, l, false) ? oak_node_alias(p->index, l->node) : 0;
        if (alias == 0 && l->wish->op == OAK_REMOVE)
            alias = inner_alias(p->index, l->node);
        if (alias != 0) {
            const oak_str name = p->index->nodes[alias].value;
            refuse(p, l->finding, oak_arena_printf(p->arena, "the alias '*%.*s' repeats this where the change is not "
                                                   "wanted", (int)name.len, name.ptr), p->index->nodes[alias].span);
        } else if (uses > 1) {
            count_agreeing(p, l, true);
        }
    }
}

/* ---- changes ---- */

/* The member `key` of a mapping value, made if it is not there. */
static struct oak_value *member(struct planner *p, struct oak_value *mapping, oak_str key)
{
    struct oak_value **tail = &mapping->child;
    for (; *tail != NULL; tail = &(*tail)->next)
        if (oak_str_eq((*tail)->key, key))
            return *tail;
    *tail = oak_arena_alloc(p->arena, sizeof **tail);
    **tail = (struct oak_value){ .kind = OAK_MAPPING, .type = OAK_TYPE_STRING, .key = key };
    return *tail;
}

/* A wish that gives way yields to any other at its place, and to what holds or fills it. [from, to): the leaves of its node. */
static bool is_outdone(const struct planner *p, const struct leaf *l, size_t from, size_t to)
{
    for (size_t i = from; i < to && l->wish->gives_way; i++) {
        const struct leaf *const other = &p->leaves.items[i];
        if (other->wish->op == l->wish->op && !other->wish->gives_way &&
            (same_keys(l, other) || is_prefix(l, other) || is_prefix(other, l)))
            return true;
    }
    return false;
}

static void put_leaf(struct planner *p, struct oak_value *whole, const struct leaf *l)
{
    struct oak_value *at = whole;
    for (size_t i = 0; i < l->key_count; i++)
        at = member(p, at, l->keys[i]);
    const oak_str key = at->key;
    struct oak_value *const next = at->next;
    if (at->kind == OAK_MAPPING && at->child == NULL) {
        *at = *l->value;
        at->key = key;
        at->next = next;
    }
}

static void add_node_changes(struct planner *p, size_t from, size_t to, oak_change_list *out)
{
    struct oak_value *const whole = oak_arena_alloc(p->arena, sizeof *whole);
    *whole = (struct oak_value){ .kind = OAK_MAPPING };
    oak_str before = { "", 0 };
    for (size_t i = from; i < to; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        l->wish->is_outdone = is_outdone(p, l, from, to);
        if (l->wish->is_covered || l->wish->is_outdone)
            continue;
        if (l->wish->op == OAK_SET && l->key_count > 0) {
            put_leaf(p, whole, l);
            before = l->wish->before;
            continue;
        }
        bool is_known = false;
        for (size_t k = from; k < i; k++)
            is_known = is_known || (same_wish(l, &p->leaves.items[k]) && !p->leaves.items[k].wish->is_outdone);
        if (!is_known)
            *oak_push(p->arena, out) = (struct oak_change){ .op = l->wish->op, .node = l->node, .value = l->value };
    }
    for (const struct oak_value *v = whole->child; v != NULL; v = v->next)
        *oak_push(p->arena, out) = (struct oak_change){ OAK_ADD, p->leaves.items[from].node, v, before };
}

oak_change_list oak_plan(struct oak_arena *arena, const struct oak_index *index, oak_findings *findings)
{
    struct planner p = { .arena = arena, .index = index, .findings = findings };
    do {
        p.refused_some = false;
        collect(&p);
        refuse_obstacles(&p);
        refuse_conflicts(&p);
        if (!p.refused_some)
            refuse_shared(&p);
    } while (p.refused_some);

    oak_change_list changes = { 0 };
    for (size_t from = 0, to = 0; from < p.leaves.count; from = to) {
        while (to < p.leaves.count && p.leaves.items[to].node == p.leaves.items[from].node)
            to++;
        add_node_changes(&p, from, to, &changes);
    }
    return changes;
}
