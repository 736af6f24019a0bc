/* Verification: two indexes walked side by side. They must differ exactly by the changes, in what they say and in how
 * it is written: kind, style, anchor, tag and decoded value of every node that was not to change. */
#include "yaml/job.h"

struct pair {
    const struct oak_index *before, *after;
    const struct oak_change *changes;
    struct oak_changes_of of; /* by node of `before` */
    bool *removed;            /* the same */
    struct oak_error *err;
};

static const struct oak_change *change_at(const struct pair *p, uint32_t node, enum oak_change_op op)
{
    for (uint32_t i = p->of.first[node]; i != 0; i = p->of.next[i])
        if (p->changes[i - 1].op == op)
            return &p->changes[i - 1];
    return NULL;
}

static bool differ(struct pair *p, uint32_t node, const char *what)
{
    return oak_fail(p->err, OAK_INTERNAL, p->before->nodes[node].span, "verification failed: %s", what);
}

static bool is_planned(const struct pair *p, const struct oak_change *c, uint32_t child)
{
    if (c->op != OAK_ADD && c->op != OAK_APPEND)
        return false;
    return (c->op == OAK_APPEND || oak_str_eq(c->value->key, p->after->nodes[child].name)) &&
           oak_value_is(c->value, p->after, child);
}

/* `next` is the change behind the last that was found, a number as in `of`: items are appended in order, and may be many. */
static bool is_new(const struct pair *p, uint32_t before, uint32_t child, uint32_t *next)
{
    if (*next != 0 && is_planned(p, &p->changes[*next - 1], child)) {
        *next = p->of.next[*next];
        return true;
    }
    for (uint32_t i = p->of.first[before]; i != 0; i = p->of.next[i])
        if (is_planned(p, &p->changes[i - 1], child)) {
            *next = p->of.next[i];
            return true;
        }
    return false;
}

static size_t new_count(const struct pair *p, uint32_t before)
{
    size_t count = 0;
    for (uint32_t i = p->of.first[before]; i != 0; i = p->of.next[i])
        count += p->changes[i - 1].op == OAK_ADD || p->changes[i - 1].op == OAK_APPEND;
    return count;
}

/* Does the removal of all its members take the collection away with them? */
static bool goes(const struct pair *p, uint32_t node)
{
    const struct oak_node *const n = &p->before->nodes[node];
    if (p->removed[node])
        return true;
    if ((n->kind != OAK_MAPPING && n->kind != OAK_SEQUENCE) || n->count == 0 || new_count(p, node) > 0 ||
        !oak_node_may_go(p->before, node))
        return false;
    for (uint32_t i = n->child; i != 0; i = p->before->nodes[i].next)
        if (!p->removed[i])
            return false;
    return true;
}

static bool same_node(struct pair *p, uint32_t before, uint32_t after);

static bool same_members(struct pair *p, uint32_t before, uint32_t after)
{
    uint32_t b = p->before->nodes[before].child, next = 0;
    size_t added = 0;
    for (uint32_t a = p->after->nodes[after].child; a != 0; a = p->after->nodes[a].next) {
        while (b != 0 && p->removed[b])
            b = p->before->nodes[b].next;
        const bool fits = b != 0 && oak_str_eq(p->before->nodes[b].name, p->after->nodes[a].name);
        const bool is_item = p->before->nodes[before].kind == OAK_SEQUENCE;
        if (fits && (!is_item || added > 0 || b != 0)) {
            if (!same_node(p, b, a))
                return false;
            b = p->before->nodes[b].next;
        } else if (is_new(p, before, a, &next)) {
            added++;
        } else {
            return differ(p, before, "an entry appeared or changed its name");
        }
    }
    while (b != 0 && p->removed[b])
        b = p->before->nodes[b].next;
    if (b != 0)
        return differ(p, b, "an entry is gone");
    return added == new_count(p, before) || differ(p, before, "a planned entry is missing");
}

static bool same_target(const struct pair *p, const struct oak_node *b, const struct oak_node *a)
{
    return oak_str_eq(p->before->nodes[b->target].anchor, p->after->nodes[a->target].anchor);
}

/* Depth is bounded by OAK_MAX_DEPTH: deeper documents are not parsed. */
static bool same_node(struct pair *p, uint32_t before, uint32_t after)
{
    const struct oak_node *const b = &p->before->nodes[before], *const a = &p->after->nodes[after];
    const struct oak_change *const set = change_at(p, before, OAK_SET);
    if (!oak_str_eq(b->anchor, a->anchor) || !oak_str_eq(b->tag, a->tag))
        return differ(p, before, "an anchor or tag changed");
    if (set != NULL)
        return oak_value_is(set->value, p->after, after) || differ(p, before, "a value is not the planned one");
    const bool grew = new_count(p, before) > 0;
    if (grew && (b->kind == OAK_NULL || b->kind == OAK_SCALAR))
        return same_members(p, before, after);
    const bool was_emptied = b->count > 0 && a->count == 0 && a->kind == b->kind; /* an item of a list: {} */
    if (b->kind != a->kind || (b->style != a->style && !(grew && b->count == 0) && !was_emptied))
        return differ(p, before, "a node changed its kind or style");
    if (b->kind == OAK_ALIAS)
        return same_target(p, b, a) || differ(p, before, "an alias points elsewhere");
    if (b->kind == OAK_SCALAR)
        return oak_str_eq(b->value, a->value) || differ(p, before, "a value changed");
    return same_members(p, before, after);
}

bool oak_changes_verify(struct oak_arena *arena, const struct oak_index *before, const struct oak_index *after,
                        const struct oak_change *changes, size_t count, struct oak_error *err)
{
    struct pair p = { before, after, changes, oak_changes_by_node(arena, before, changes, count), NULL, err };
    p.removed = oak_arena_alloc(arena, before->count * sizeof *p.removed);
    for (size_t i = 0; i < count; i++)
        if (changes[i].op == OAK_REMOVE)
            p.removed[changes[i].node] = true;
    /* Children have higher numbers than what holds them: from the last to the first, emptied collections go too. */
    for (uint32_t node = (uint32_t)before->count; node-- > 1;)
        p.removed[node] = goes(&p, node);
    if (before->root == 0 || after->root == 0)
        return before->root == after->root || oak_fail(err, OAK_INTERNAL, before->document, "verification failed: a document is gone");
    return same_node(&p, before->root, after->root);
}
