/* What is ignored stays as it is, whoever wants to change it: neither its own place is edited nor that from which it has its
 * value, at its pod or at the template of its steps. A change that would do so is ignored as a whole. */
#include "engine/check.h"

#include <stdlib.h>

/* ---- what would be changed ---- */

/* A way to what a fix would change. */
struct change {
    const oak_route *route;
    size_t finding; /* its number */
};

/* What keep_below did once for all pods that share the place. */
struct kept_below {
    const struct oak_rule *rule;
    const struct oak_frame *frame;
    oak_route place;
};

struct keeper {
    struct oak_checked *c;
    OAK_LIST(struct change) changes; /* sorted by route: in a list of thousands of objects nobody looks through all of them */
    OAK_LIST(struct kept_below) shared; /* of each rule the latest */
};

/* Orders a route and the first `count` steps of another; what leads through the end of another stands behind it. */
static int compare_start(const oak_route *a, const struct oak_seg *b, size_t count)
{
    for (size_t i = 0; i < a->count && i < count; i++) {
        const int order = oak_str_cmp(a->items[i].key, b[i].key);
        if (order != 0 || a->items[i].index != b[i].index)
            return order != 0 ? order : a->items[i].index < b[i].index ? -1 : 1;
    }
    return (a->count > count) - (a->count < count);
}

static int by_route(const void *a, const void *b)
{
    const struct change *const x = a, *const y = b;
    return compare_start(x->route, y->route->items, y->route->count);
}

static void sort_changes(struct keeper *k)
{
    for (size_t i = 0; i < k->c->findings.count; i++) {
        const struct oak_finding *const f = &k->c->findings.items[i];
        for (size_t w = 0; w < f->wishes.count && f->outcome == OAK_FIXED; w++)
            *oak_push(k->c->arena, &k->changes) = (struct change){ &f->wishes.items[w].route, i };
    }
    if (k->changes.count > 1)
        qsort(k->changes.items, k->changes.count, sizeof *k->changes.items, by_route);
}

/* The first change whose route is not before the first `count` steps of `place`. */
static size_t first_change(const struct keeper *k, const oak_route *place, size_t count)
{
    size_t low = 0, high = k->changes.count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_start(k->changes.items[middle].route, place->items, count) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The findings, FIXED so far, that would change a place: of its way and that of the change, one leads through the end of the other. */
struct search {
    const oak_route *place;
    size_t count; /* steps of the place that are being looked for */
    size_t at;    /* the next change to look at */
};

static struct search search_from(const struct keeper *k, const oak_route *place)
{
    return (struct search){ place, 0, first_change(k, place, 0) };
}

/* The next of them; NULL if there is none. One that stays FIXED may come again. */
static struct oak_finding *next_found(const struct keeper *k, struct search *s)
{
    for (;;) {
        const struct change *const change = s->at < k->changes.count ? &k->changes.items[s->at] : NULL;
        const bool is_found = change != NULL && change->route->count >= s->count &&
                              (change->route->count == s->count || s->count == s->place->count) &&
                              oak_route_starts_alike(change->route, s->place, s->count);
        if (is_found) {
            struct oak_finding *const f = &k->c->findings.items[change->finding];
            s->at++;
            if (f->outcome == OAK_FIXED)
                return f;
        } else if (s->count < s->place->count) {
            s->count++;
            s->at = first_change(k, s->place, s->count);
        } else {
            return NULL;
        }
    }
}

/* ---- the place itself ---- */

static const char *word_for(bool is_answer)
{
    return is_answer ? "is left out of" : "is exempted from";
}

static void spread(const struct keeper *k, const struct oak_finding *kept)
{
    const oak_str id = kept->rule->patch->id;
    struct search s = search_from(k, &kept->route);
    for (struct oak_finding *f; (f = next_found(k, &s)) != NULL;) {
        f->outcome = kept->outcome;
        f->is_left = kept->is_left;
        f->evidence = kept->evidence;
        f->reason = oak_arena_printf(k->c->arena, "it would change what %s '%.*s': %.*s", word_for(kept->is_left), (int)id.len,
                                     id.ptr, (int)kept->reason.len, kept->reason.ptr);
    }
}

/* What is kept because of others keeps others in turn. One that was spread has nothing left to change. */
static void spread_all(const struct keeper *k)
{
    const oak_findings *const all = &k->c->findings;
    bool *const is_spread = oak_arena_alloc(k->c->arena, all->count + 1);
    for (bool any = true; any;) {
        any = false;
        for (size_t i = 0; i < all->count; i++) {
            const struct oak_finding *const kept = &all->items[i];
            if (is_spread[i] || !(kept->outcome == OAK_IGNORED || kept->is_left))
                continue;
            spread(k, kept);
            is_spread[i] = any = true;
        }
    }
}

/* ---- the place at the pod ---- */

/* A rule about containers whose field the pod has, too: by `inherit`, or because the patch judges the same field at pods. */
static bool is_inherited(const struct oak_rule *rule)
{
    const oak_rules *const all = &rule->patch->rules;
    if (rule->target != OAK_CONTAINER || rule->fields.items[0].field.scope != OAK_SELF)
        return false;
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].target == OAK_POD &&
            oak_str_eq(all->items[i].fields.items[0].field.text, rule->fields.items[0].field.text))
            return true;
    return rule->inherits;
}

static oak_route route_at(const struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t)
{
    const struct oak_clause *const clause = &rule->fields.items[0];
    oak_places places = oak_field_resolve(c->arena, c->views[0].index, t, &clause->field);
    if (places.count == 0)
        return t->route;
    oak_check_place(c, t, &clause->field, &places.items[0]);
    return places.items[0].route;
}

static bool has_own(const struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t)
{
    const oak_node_list nodes = oak_field_find(c->arena, c->views[0].index, t, &rule->fields.items[0].field);
    return nodes.count > 0 && !oak_node_is_null(c->views[0].index, nodes.items[0]);
}

/* Containers that have their value from a pod, or from the template of their steps. */
struct dependants {
    const struct oak_exempt *by; /* the exemption of one that must keep it; NULL: none must */
    oak_str subject;
    bool any_free;               /* one may get another value */
};

static void add_dependant(const struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t,
                          struct dependants *d)
{
    if (t->kind != OAK_CONTAINER || has_own(c, rule, t))
        return;
    const oak_route route = route_at(c, rule, t);
    const struct oak_exempt *const by = oak_kept_by(c, rule->patch, t, &route);
    d->any_free = d->any_free || by == NULL;
    if (by != NULL && d->by == NULL) {
        d->by = by;
        d->subject = oak_check_subject(c->arena, t);
    }
}

/* Those of the pod, and of pods that share its security context. */
static struct dependants dependants_of(const struct oak_checked *c, const struct oak_rule *rule, size_t pod)
{
    const oak_targets *const all = &c->views[0].targets;
    const struct oak_frame *const frame = all->items[pod].pod_frame;
    struct dependants d = { 0 };
    if (!oak_frames_share(frame, frame)) {
        for (size_t i = pod + 1; i < all->count && all->items[i].pod_number == pod; i++)
            add_dependant(c, rule, &all->items[i], &d);
        return d;
    }
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].pod_number == pod || oak_frames_share(all->items[i].pod_frame, frame))
            add_dependant(c, rule, &all->items[i], &d);
    return d;
}

/* Where the others would be left with the value, it is not ignored but refused: the exemption is not about them. */
static void stop(const struct oak_checked *c, struct oak_finding *f, const struct oak_rule *rule, const struct dependants *d)
{
    const oak_str id = rule->patch->id;
    const bool leaves_others = f->rule->patch == rule->patch && d->any_free;
    const char *const word = word_for(d->by->is_answer);
    f->outcome = leaves_others ? OAK_REFUSED : d->by->is_answer ? OAK_OPEN : OAK_IGNORED;
    f->is_left = !leaves_others && d->by->is_answer;
    f->evidence = d->by->where == NULL ? d->by->what.span : (oak_span){ 0, 0 };
    f->reason = leaves_others
                    ? oak_arena_printf(c->arena, "%.*s %s '%.*s' and has this value from here, as others have: give "
                                       "each a value of its own", (int)d->subject.len, d->subject.ptr, word, (int)id.len, id.ptr)
                    : oak_arena_printf(c->arena, "%.*s %s '%.*s' and would get another value from here: %.*s",
                                       (int)d->subject.len, d->subject.ptr, word, (int)id.len, id.ptr,
                                       (int)d->by->what.reason.len, d->by->what.reason.ptr);
}

/* Was this place kept before, at a pod that shares it? */
static bool is_kept_below(struct keeper *k, const struct oak_rule *rule, const struct oak_frame *frame, const oak_route *place)
{
    if (!oak_frames_share(frame, frame))
        return false;
    size_t i = 0;
    while (i < k->shared.count && k->shared.items[i].rule != rule)
        i++;
    struct kept_below *const last = i < k->shared.count ? &k->shared.items[i] : oak_push(k->c->arena, &k->shared);
    if (oak_frames_share(last->frame, frame) && oak_route_eq(&last->place, place))
        return true;
    *last = (struct kept_below){ rule, frame, *place };
    return false;
}

static void keep_below(struct keeper *k, const struct oak_rule *rule, size_t pod)
{
    const struct oak_target *const t = &k->c->views[0].targets.items[pod];
    const oak_route place = route_at(k->c, rule, t);
    if (oak_route_eq(&place, &t->route))
        return; /* the pod has no place for the field: a SidecarSet has no security context but those of its containers */
    if (is_kept_below(k, rule, t->pod_frame, &place))
        return;
    struct search s = search_from(k, &place);
    struct oak_finding *f = next_found(k, &s);
    if (f == NULL)
        return;
    const struct dependants d = dependants_of(k->c, rule, pod);
    for (; f != NULL && d.by != NULL; f = next_found(k, &s))
        stop(k->c, f, rule, &d);
}

/* Steps have what the template of their steps has. */
static void keep_steps(struct oak_checked *c, struct oak_finding *f)
{
    struct dependants d = { 0 };
    for (size_t i = oak_heir_next(&c->views[0], f->number, f->number); i < c->views[0].targets.count;
         i = oak_heir_next(&c->views[0], f->number, i))
        add_dependant(c, f->rule, &c->views[0].targets.items[i], &d);
    if (d.by != NULL)
        stop(c, f, f->rule, &d);
}

/* ---- the place of an exemption ---- */

/* Is this removed, or something that holds it or stands in it? */
static bool is_taken(const struct oak_index *index, uint32_t place, uint32_t removed)
{
    uint32_t at = removed;
    while (at != 0 && at != place)
        at = index->nodes[at].parent;
    return at == place;
}

/* A comment would stay when the thing goes that it is about, and be about something else from then on. */
static void keep_place(struct oak_checked *c, const struct oak_exempt *e)
{
    const struct oak_index *const index = c->views[0].index;
    for (size_t i = 0; i < c->findings.count; i++) {
        struct oak_finding *const f = &c->findings.items[i];
        for (size_t k = 0; k < f->wishes.count && f->outcome == OAK_FIXED; k++) {
            const struct oak_wish *const w = &f->wishes.items[k];
            if (w->op != OAK_REMOVE || !is_taken(index, e->node, w->node))
                continue;
            f->outcome = OAK_REFUSED;
            f->evidence = e->what.span;
            f->reason = OAK_STR("an exemption stands at what it would leave empty: move the comment");
        }
    }
}

static void keep_places(struct oak_checked *c)
{
    const struct oak_exempts *const exempts = &c->views[0].exempts;
    const bool *goes = NULL;
    for (size_t i = 0; i < exempts->items.count; i++) {
        const struct oak_exempt *const e = &exempts->items.items[i];
        bool is_used = false;
        for (size_t id = 0; e->where == NULL && id < e->what.ids.count; id++)
            is_used = is_used || e->is_used[id];
        if (!is_used || e->node == 0)
            continue;
        goes = goes != NULL ? goes : oak_find_going(c->arena, c->views[0].index, &c->findings);
        if (goes[e->node])
            keep_place(c, e);
    }
}

void oak_keep_ignored(struct oak_checked *c)
{
    const oak_targets *const all = &c->views[0].targets;
    if (!oak_any_is_kept(c))
        return;
    struct keeper k = { .c = c };
    sort_changes(&k);
    for (size_t t = 0; t < all->count; t++) {
        const struct oak_run *const run = all->items[t].kind == OAK_POD ? oak_run_for(c->run, c->path, &all->items[t]) : NULL;
        for (size_t i = 0; run != NULL && i < run->active.count; i++)
            if (is_inherited(run->active.items[i].rule))
                keep_below(&k, run->active.items[i].rule, t);
    }
    for (size_t i = 0; i < c->findings.count; i++)
        if (c->findings.items[i].outcome == OAK_FIXED)
            keep_steps(c, &c->findings.items[i]);
    spread_all(&k);
    keep_places(c);
}
