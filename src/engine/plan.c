/* Findings → the changes that they want together. Wishes are merged by place before they are text: five keys of one
 * securityContext that is not there yet are one entry. Two wishes that disagree about a place are a conflict: neither
 * is granted, whatever the order of files or patches. */
#include "engine/engine.h"

#include "yaml/job.h"

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
    oak_str patch; /* its id: new keys of one mapping stand in its order, simple values before what has something below it */
    size_t order;
    bool is_moot;  /* something that holds the node goes as a whole */
    bool borrows;  /* the node is an alias, or merges */
};

typedef OAK_LIST(const struct leaf *) some_leaves; /* not copied */

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
    base.borrows = p->index->nodes[base.node].kind == OAK_ALIAS ||
                   (p->index->merge_count > 0 && oak_node_get(p->index, base.node, OAK_STR("<<")) != 0);
    *oak_push(p->arena, &p->leaves) = base;
}

static int by_node(const void *a, const void *b)
{
    const struct leaf *const x = a, *const y = b;
    const bool x_goes = x->wish->op == OAK_REMOVE, y_goes = y->wish->op == OAK_REMOVE;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    if (x_goes != y_goes)
        return x_goes ? -1 : 1;
    if (x->key_count != y->key_count)
        return x->key_count < y->key_count ? -1 : 1;
    const int by_patch = oak_str_cmp(x->patch, y->patch);
    if (by_patch != 0)
        return by_patch;
    return (x->order > y->order) - (x->order < y->order);
}

static bool is_inside(const struct oak_index *index, uint32_t node, uint32_t outer)
{
    while (node != 0 && node != outer)
        node = index->nodes[node].parent;
    return node == outer;
}

/* What stands in a list item that goes needs no change any more. Nodes are numbered in order, and leaves sorted: those
 * inside follow what holds them. */
static void mark_moot(struct planner *p)
{
    uint32_t gone = 0;
    for (size_t i = 0; i < p->leaves.count; i++) {
        struct leaf *const l = &p->leaves.items[i];
        const bool is_key = l->node != gone || l->key_count > 0;
        const uint32_t parent = p->index->nodes[l->node].parent;
        l->is_moot = gone != 0 && is_key && is_inside(p->index, l->node, gone);
        if (!l->is_moot && l->wish->op == OAK_REMOVE && p->index->nodes[parent].kind == OAK_SEQUENCE)
            gone = l->node;
    }
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
    mark_moot(p);
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

/* Two leaves of one node, or a removal and what stands in it. */
static bool disagree(const struct leaf *a, const struct leaf *b)
{
    if (a->wish->gives_way || b->wish->gives_way)
        return false;
    if (a->node != b->node)
        return true;
    if (a->wish->grows && b->wish->grows && same_keys(a, b))
        return false;
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

/* Do both say the same, so that any third agrees with both or with neither? */
static bool are_twins(const struct leaf *a, const struct leaf *b)
{
    return a->wish->gives_way == b->wish->gives_way && a->wish->grows == b->wish->grows && same_wish(a, b);
}

/* The end of the leaves of one node, from `from` on, if nothing is removed there and all agree; `from` itself otherwise. Thousands of
 * pods may share a security context, and all want the same few things of it: each is compared with those few. */
static size_t skip_agreeing(struct planner *p, size_t from)
{
    some_leaves kinds = { 0 };
    size_t i = from;
    for (; i < p->leaves.count && p->leaves.items[i].node == p->leaves.items[from].node; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        size_t k = 0;
        while (k < kinds.count && !are_twins(kinds.items[k], l))
            k++;
        if (k < kinds.count)
            continue;
        for (k = 0; k < kinds.count; k++)
            if (disagree(kinds.items[k], l))
                return from;
        if (l->wish->op == OAK_REMOVE)
            return from;
        *oak_push(p->arena, &kinds) = l;
    }
    return i;
}

/* With those behind leaf `i`. Leaves are sorted by node, and at one node a removal comes first: what stands in a node that goes
 * follows it. */
static void refuse_conflicts_with(struct planner *p, size_t i)
{
    const oak_span none = { 0, 0 };
    for (size_t k = i + 1; k < p->leaves.count; k++) {
        const struct leaf *const a = &p->leaves.items[i], *const b = &p->leaves.items[k];
        const bool holds = a->wish->op == OAK_REMOVE && is_inside(p->index, b->node, a->node);
        if ((a->node != b->node && !holds) || a->is_moot)
            return;
        if (a->finding != b->finding && !b->is_moot && disagree(a, b)) {
            refuse(p, a->finding, conflict_reason(p, b->finding), none);
            refuse(p, b->finding, conflict_reason(p, a->finding), none);
        }
    }
}

static void refuse_conflicts(struct planner *p)
{
    uint32_t node = 0;
    for (size_t i = 0; i < p->leaves.count;) {
        const bool is_first = p->leaves.items[i].node != node;
        const size_t next = is_first ? skip_agreeing(p, i) : i;
        node = p->leaves.items[i].node;
        if (next == i)
            refuse_conflicts_with(p, i++);
        else
            i = next;
    }
}

static void refuse_obstacles(struct planner *p)
{
    for (size_t i = 0; i < p->leaves.count; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        struct oak_change change = { .op = l->wish->op, .node = l->node, .value = l->value };
        if (l->wish->op == OAK_SET && l->key_count > 0)
            change.op = OAK_ADD;
        const struct oak_node *const n = &p->index->nodes[l->node];
        const bool is_single = l->wish->op != OAK_REMOVE && n->kind == OAK_SCALAR && !oak_node_is_null(p->index, l->node) &&
                               (l->key_count > 0 || l->wish->op == OAK_APPEND || l->wish->grows);
        const char *const obstacle = l->is_moot  ? NULL
                                     : is_single ? "a single value stands where a mapping or list belongs"
                                                 : oak_change_obstacle(p->index, &change);
        if (obstacle != NULL)
            refuse(p, l->finding, oak_arena_printf(p->arena, "the text can't be edited here: %s", obstacle),
                   p->index->nodes[l->node].span);
    }
}

/* ---- what goes as well ---- */

bool *oak_find_going(struct oak_arena *arena, const struct oak_index *index, const oak_findings *findings)
{
    bool *const goes = oak_arena_alloc(arena, index->count * sizeof *goes);
    size_t *const left = oak_arena_alloc(arena, index->count * sizeof *left);
    for (uint32_t node = 1; node < index->count; node++)
        left[node] = index->nodes[node].count;
    for (size_t i = 0; i < findings->count; i++) {
        const struct oak_finding *const f = &findings->items[i];
        for (size_t k = 0; k < f->wishes.count && f->outcome == OAK_FIXED; k++) {
            const struct oak_wish *const w = &f->wishes.items[k];
            goes[w->node] = goes[w->node] || w->op == OAK_REMOVE;
            left[w->node] += w->op != OAK_REMOVE;
        }
    }
    for (uint32_t node = (uint32_t)index->count; node-- > 1;) {
        const struct oak_node *const n = &index->nodes[node];
        goes[node] = goes[node] || (n->count > 0 && left[node] == 0 && oak_node_may_go(index, node));
        left[n->parent] -= goes[node] && left[n->parent] > 0;
    }
    return goes;
}

/* Brackets that lose all that they hold go, too, and with them a comment behind the bracket or the comma. */
static void refuse_lost_comments(struct planner *p)
{
    const bool *goes = NULL;
    for (size_t i = 0; i < p->leaves.count; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        uint32_t node = p->index->nodes[l->node].parent;
        if (l->wish->op != OAK_REMOVE || l->is_moot || p->index->nodes[node].style != OAK_FLOW)
            continue;
        goes = goes != NULL ? goes : oak_find_going(p->arena, p->index, p->findings);
        for (; goes[node]; node = p->index->nodes[node].parent) {
            const struct oak_change change = { .op = OAK_REMOVE, .node = node };
            const char *const obstacle = oak_change_obstacle(p->index, &change);
            if (obstacle != NULL)
                refuse(p, l->finding, oak_arena_printf(p->arena, "the text can't be edited here: %s", obstacle),
                       p->index->nodes[node].span);
        }
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

/* Is `alias` an alias of the very scalar that `l` sets? */
static bool repeats(const struct oak_index *index, const struct leaf *l, uint32_t alias)
{
    return l->wish->op == OAK_SET && l->key_count == 0 && index->nodes[alias].kind == OAK_ALIAS &&
           oak_node_real(index, alias) == l->node;
}

/* Counts who wants what `l` wants at its node; with `cover`, those that merge or repeat it take it from there. */
static uint32_t count_agreeing(struct planner *p, const struct leaf *l, bool cover)
{
    uint32_t count = 0;
    for (size_t i = 0; i < p->leaves.count; i++) {
        const struct leaf *const other = &p->leaves.items[i];
        if ((other->node != l->node && !other->borrows) || !same_wish(l, other))
            continue;
        if (other->node == l->node) {
            count++;
        } else if (repeats(p->index, l, other->node) || (l->key_count > 0 && merges(p->index, other->node, l->node))) {
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
        if (l->wish->is_covered || l->is_moot)
            continue;
        const uint32_t uses = oak_node_uses(p->index, l->node);
        uint32_t alias = uses > 1 && uses > count_agreeing(p, l, false) ? oak_node_alias(p->index, l->node) : 0;
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

static bool is_removed(const struct planner *p, uint32_t node)
{
    for (size_t i = 0; i < p->leaves.count; i++)
        if (p->leaves.items[i].node == node && p->leaves.items[i].wish->op == OAK_REMOVE)
            return true;
    return false;
}

/* Where a key of one's own goes, the merged one shows. */
static void refuse_uncovering(struct planner *p)
{
    for (size_t i = 0; i < p->leaves.count && p->index->merge_count > 0; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        const struct oak_node *const n = &p->index->nodes[l->node];
        const bool is_member = l->wish->op == OAK_REMOVE && p->index->nodes[n->parent].kind == OAK_MAPPING;
        const uint32_t merge = is_member ? oak_node_get(p->index, n->parent, OAK_STR("<<")) : 0;
        const uint32_t shown = merge != 0 ? oak_node_merged(p->index, merge, n->name) : 0;
        if (shown != 0 && !is_removed(p, shown))
            refuse(p, l->finding, oak_arena_printf(p->arena, "without it, '%.*s' is what is merged here under the same key",
                                                   (int)n->name.len, n->name.ptr), p->index->nodes[shown].span);
    }
}

/* A merged mapping brings its keys whole: a key of one's own beside the merge would hide what the merged mapping gets under it, and
 * strict decoders refuse the pair. */
static void refuse_hiding(struct planner *p)
{
    some_leaves bases = { 0 };
    for (size_t i = 0; i < p->leaves.count && p->index->alias_count > 0; i++)
        if (p->leaves.items[i].key_count > 0 && p->index->nodes[p->leaves.items[i].node].anchor.len > 0)
            *oak_push(p->arena, &bases) = &p->leaves.items[i];
    for (size_t i = 0; i < p->leaves.count && bases.count > 0; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        if (l->key_count == 0 || l->wish->is_covered || oak_node_get(p->index, l->node, OAK_STR("<<")) == 0)
            continue;
        for (size_t k = 0; k < bases.count; k++) {
            const struct leaf *const base = bases.items[k];
            if (l->node != base->node && oak_str_eq(l->keys[0], base->keys[0]) && merges(p->index, l->node, base->node))
                refuse(p, l->finding, oak_arena_printf(p->arena, "'%.*s' would hide what is merged here under the same key",
                                                       (int)l->keys[0].len, l->keys[0].ptr), p->index->nodes[base->node].span);
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

/* Of the leaves [from, to) of a node, those that give way to none: of equal places the first. */
static some_leaves find_firm(const struct planner *p, size_t from, size_t to)
{
    some_leaves firm = { 0 };
    for (size_t i = from; i < to; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        size_t k = 0;
        while (k < firm.count && !(firm.items[k]->wish->op == l->wish->op && same_keys(firm.items[k], l)))
            k++;
        if (k == firm.count && !l->wish->gives_way)
            *oak_push(p->arena, &firm) = l;
    }
    return firm;
}

/* A wish that gives way yields to any other at its place, and to what holds or fills it. */
static bool is_outdone(const struct leaf *l, const some_leaves *firm)
{
    for (size_t i = 0; i < firm->count && l->wish->gives_way; i++) {
        const struct leaf *const other = firm->items[i];
        if (other->wish->op == l->wish->op && (same_keys(l, other) || is_prefix(l, other) || is_prefix(other, l)))
            return true;
    }
    return false;
}

/* Adds the items of `more` that `list` does not have yet. Copies: `more` is a patch's. */
static void grow(struct planner *p, struct oak_value *list, const struct oak_value *more)
{
    for (const struct oak_value *v = more->child; v != NULL; v = v->next) {
        struct oak_value **tail = &list->child;
        while (*tail != NULL && !oak_value_eq(*tail, v))
            tail = &(*tail)->next;
        if (*tail != NULL)
            continue;
        *tail = oak_arena_alloc(p->arena, sizeof **tail);
        **tail = *v;
        (*tail)->next = NULL;
    }
}

/* All that is appended to a node that holds nothing yet, as one list. */
static const struct oak_value *grown(struct planner *p, size_t from, size_t to)
{
    struct oak_value *const list = oak_arena_alloc(p->arena, sizeof *list);
    *list = (struct oak_value){ .kind = OAK_SEQUENCE, .type = OAK_TYPE_STRING };
    for (size_t i = from; i < to; i++)
        if (p->leaves.items[i].wish->grows && p->leaves.items[i].key_count == 0)
            grow(p, list, p->leaves.items[i].value);
    return list;
}

static void put_leaf(struct planner *p, struct oak_value *whole, const struct leaf *l)
{
    struct oak_value *at = whole;
    for (size_t i = 0; i < l->key_count; i++)
        at = member(p, at, l->keys[i]);
    const oak_str key = at->key;
    struct oak_value *const next = at->next;
    if (at->kind == OAK_SEQUENCE && l->wish->grows) {
        grow(p, at, l->value);
    } else if (at->kind == OAK_MAPPING && at->child == NULL) {
        *at = *l->value;
        at->key = key;
        at->next = next;
        if (l->wish->grows) {
            at->child = NULL;
            grow(p, at, l->value);
        }
    }
}

static void add_node_changes(struct planner *p, size_t from, size_t to, oak_change_list *out)
{
    struct oak_value *const whole = oak_arena_alloc(p->arena, sizeof *whole);
    *whole = (struct oak_value){ .kind = OAK_MAPPING };
    oak_str before = { "", 0 };
    const some_leaves firm = find_firm(p, from, to);
    for (size_t i = from; i < to; i++) {
        const struct leaf *const l = &p->leaves.items[i];
        l->wish->is_outdone = l->is_moot || is_outdone(l, &firm);
        if (l->wish->is_covered || l->wish->is_outdone)
            continue;
        if (l->wish->op == OAK_SET && l->key_count > 0) {
            put_leaf(p, whole, l);
            before = l->wish->before;
            continue;
        }
        bool is_known = false;
        for (size_t k = from; k < i && !is_known; k++)
            is_known = ((same_wish(l, &p->leaves.items[k]) || (l->wish->grows && p->leaves.items[k].wish->grows)) &&
                        !p->leaves.items[k].wish->is_outdone);
        if (!is_known)
            *oak_push(p->arena, out) = (struct oak_change){ .op = l->wish->op, .node = l->node,
                                                            .value = l->wish->grows ? grown(p, from, to) : l->value };
    }
    for (const struct oak_value *v = whole->child; v != NULL; v = v->next)
        *oak_push(p->arena, out) = (struct oak_change){ OAK_ADD, p->leaves.items[from].node, v, before };
}

/* Does the node stand in one that goes? */
static bool goes(const struct planner *p, const bool *removed, uint32_t node)
{
    while (node != 0 && !removed[node])
        node = p->index->nodes[node].parent;
    return node != 0;
}

/* What was found in something that goes is gone with it, whatever its own outcome was. */
static bool wants_something(const struct oak_finding *f)
{
    for (size_t i = 0; i < f->wishes.count; i++)
        if (!f->wishes.items[i].is_outdone)
            return true;
    return false;
}

static void settle_gone(struct planner *p, const oak_change_list *changes)
{
    bool *removed = NULL; /* by node */
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->items[i].op != OAK_REMOVE)
            continue;
        if (removed == NULL)
            removed = oak_arena_alloc(p->arena, p->index->count * sizeof *removed);
        removed[changes->items[i].node] = true;
    }
    for (size_t i = 0; i < p->findings->count && removed != NULL; i++) {
        struct oak_finding *const f = &p->findings->items[i];
        const uint32_t node = f->node != 0 ? f->node : f->target.node;
        if ((f->outcome == OAK_FIXED && wants_something(f)) || !goes(p, removed, node))
            continue;
        f->outcome = OAK_FIXED;
        f->reason = OAK_STR("it goes with what holds it");
        f->evidence = (oak_span){ 0, 0 };
        f->wishes.count = 0;
    }
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
            refuse_lost_comments(&p);
        if (!p.refused_some)
            refuse_shared(&p);
        if (!p.refused_some)
            refuse_hiding(&p);
        if (!p.refused_some)
            refuse_uncovering(&p);
    } while (p.refused_some);

    oak_change_list changes = { 0 };
    for (size_t from = 0, to = 0; from < p.leaves.count; from = to) {
        while (to < p.leaves.count && p.leaves.items[to].node == p.leaves.items[from].node)
            to++;
        add_node_changes(&p, from, to, &changes);
    }
    settle_gone(&p, &changes);
    return changes;
}
