/* Rules × targets → findings. Decides what is wrong, what the fix would be, and what becomes of it: the outcome. */
#include "engine/engine.h"

#include "patch/when.h"

#include <stdlib.h>
#include <string.h>

static const struct oak_index *index_of(const struct oak_checked *c)
{
    return c->views[0].index;
}

static oak_str quoted(struct oak_arena *arena, oak_str word, oak_str name)
{
    const oak_str parts[] = { word, OAK_STR(" '"), name, OAK_STR("'") };
    return name.len > 0 ? oak_arena_join(arena, parts, 4) : word;
}

static oak_str subject_of(struct oak_arena *arena, const struct oak_target *t)
{
    if (t->kind == OAK_OBJECT || t->kind == OAK_POD)
        return quoted(arena, t->object_kind, t->object_name);
    if (t->kind != OAK_MOUNT)
        return quoted(arena, oak_str_from(t->word), t->name);
    const oak_str parts[] = { OAK_STR("mount '"), t->name, OAK_STR("' of container '"), t->container_name, OAK_STR("'") };
    return oak_arena_join(arena, parts, 5);
}

/* ---- tests ---- */

/* The node at the end of a place; 0 if it is missing. */
static uint32_t node_of(const struct oak_place *place)
{
    return place->missing_count == 0 ? place->node : 0;
}

/* A list item is wanted as it is, or, if what is wanted is a mapping, with more in it. */
static bool is_item(const oak_matches *matches, const struct oak_index *index, uint32_t item)
{
    for (size_t i = 0; i < matches->count; i++)
        if (matches->items[i].kind == OAK_MATCH_VALUE && oak_value_is_part(matches->items[i].value, index, item))
            return true;
    return oak_matches_node(matches, index, item, NULL);
}

static bool contains(const struct oak_index *index, uint32_t list, const oak_matches *matches)
{
    const uint32_t real = list != 0 ? oak_node_real(index, list) : 0;
    for (uint32_t i = real != 0 && index->nodes[real].kind == OAK_SEQUENCE ? index->nodes[real].child : 0; i != 0;
         i = index->nodes[i].next)
        if (is_item(matches, index, i))
            return true;
    return false;
}

/* Place of a value in an order of words; 0 if it is none of them. */
static size_t rank_of(const oak_matches *order, oak_str word)
{
    for (size_t i = 0; i < order->count; i++)
        if (order->items[i].value != NULL && oak_str_eq(order->items[i].value->text, word))
            return i + 1;
    return 0;
}

static bool violates(const struct oak_checked *c, const struct oak_target *t, const struct oak_clause *clause,
                     uint32_t node, struct oak_captures *captures)
{
    const struct oak_index *const index = index_of(c);
    const oak_matches filled = oak_matches_fill(c->arena, &clause->test.matches, t->name);
    const oak_matches *const matches = &filled;
    if (node != 0 && oak_node_is_templated(index, node))
        return false;
    oak_str have = { "", 0 };
    switch (clause->test.kind) {
    case OAK_TEST_ALLOWED:
        return !oak_matches_node(matches, index, node, captures);
    case OAK_TEST_FORBIDDEN:
        return oak_matches_node(matches, index, node, captures);
    case OAK_TEST_CONTAINS:
        return !contains(index, node, matches);
    case OAK_TEST_AT_LEAST: {
        const struct oak_value *const want = oak_run_value(c->arena, c->run, clause->value, NULL);
        if (node != 0)
            oak_node_scalar(index, node, &have);
        return want != NULL && rank_of(matches, have) < rank_of(matches, want->text);
    }
    }
    return false;
}

/* ---- wishes ---- */

static bool same_steps(const oak_route *a, const oak_route *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a->items[i].index != b->items[i].index || !oak_str_eq(a->items[i].key, b->items[i].key))
            return false;
    return true;
}

static bool starts_with(const oak_route *route, const oak_route *start)
{
    return route->count >= start->count && same_steps(route, start, start->count);
}

static void add_wish(struct oak_checked *c, struct oak_finding *f, const struct oak_clause *clause,
                     const struct oak_place *place, const struct oak_captures *captures)
{
    const struct oak_index *const index = index_of(c);
    struct oak_wish w = { .op = OAK_SET, .node = place->node, .missing = place->missing,
                          .missing_count = place->missing_count, .route = place->route };
    w.gives_way = clause->action == OAK_ACT_DEFAULT;
    w.value = oak_run_value(c->arena, c->run, clause->value, &(struct oak_holes){ captures->groups, f->target.name });
    const bool goes_with_target = clause->action == OAK_ACT_REMOVE_TARGET && f->target.item != 0;
    if (clause->action == OAK_ACT_REMOVE || clause->action == OAK_ACT_REMOVE_ITEM || goes_with_target) {
        w.op = OAK_REMOVE;
        w.value = NULL;
        if (goes_with_target) {
            w.node = f->target.item;
            w.missing_count = 0;
            w.route = f->target.route;
        }
        if (clause->action == OAK_ACT_REMOVE_ITEM && place->item != 0) {
            w.node = place->item;
            while (w.route.count > 0 && w.route.items[w.route.count - 1].key.ptr != NULL)
                w.route.count--;
        }
    } else if (clause->action == OAK_ACT_APPEND) {
        const bool is_list = w.missing_count == 0 && (oak_node_is_null(index, w.node) ||
                                                      index->nodes[oak_node_real(index, w.node)].kind == OAK_SEQUENCE);
        struct oak_value *const list = oak_arena_alloc(c->arena, sizeof *list);
        *list = (struct oak_value){ .kind = OAK_SEQUENCE, .type = OAK_TYPE_STRING,
                                    .child = (struct oak_value *)w.value };
        w.op = is_list ? OAK_APPEND : OAK_SET;
        w.grows = !is_list;
        w.value = is_list ? w.value : list;
    }
    if (w.missing_count > 0 || w.op == OAK_APPEND)
        w.node = oak_node_real(index, w.node);
    w.target_len = starts_with(&w.route, &f->target.route) ? f->target.route.count : 0;
    /* Settings stand before the containers; a list of things, volumes, stands where people put long things: last. */
    const bool is_new_list = w.value != NULL && w.value->kind == OAK_SEQUENCE;
    w.before = w.node == f->target.pod && !is_new_list ? oak_pod_before(index, w.node) : OAK_STR("");
    *oak_push(c->arena, &f->wishes) = w;
}

/* Steps that both paths share up to and including their last common `[]`: a companion looks at the same items. */
static size_t shared_steps(const struct oak_field *a, const struct oak_field *b)
{
    size_t shared = 0;
    if (a->scope != b->scope)
        return 0;
    for (size_t i = 0; i < a->path.count && i < b->path.count; i++) {
        const struct oak_step *const x = &a->path.steps[i], *const y = &b->path.steps[i];
        if (x->kind != y->kind || !oak_str_eq(x->key, y->key))
            break;
        if (x->kind != OAK_STEP_KEY)
            shared = i + 1;
    }
    return shared;
}

/* The route from the document's root to the node at which a scope starts. */
static oak_route scope_route(const struct oak_checked *c, const struct oak_target *t, enum oak_scope scope)
{
    const oak_targets *const all = &c->views[0].targets;
    const uint32_t node = oak_scope_node(t, scope);
    if (scope == OAK_SELF)
        return t->route;
    for (size_t i = all->count; i-- > 0;) {
        const struct oak_target *const other = &all->items[i];
        if (scope == OAK_OF_TEMPLATE && other->kind == OAK_POD && other->template == node) {
            oak_route route = other->route;
            route.count -= route.count > 0;
            return route;
        }
        if (other->node == node && (other->pod == t->pod || other->kind == OAK_OBJECT))
            return other->route;
    }
    return (oak_route){ 0 };
}

static void place_in_document(const struct oak_checked *c, const struct oak_target *t, enum oak_scope scope,
                              struct oak_place *place)
{
    const oak_route base = scope_route(c, t, scope);
    oak_route whole = { 0 };
    for (size_t i = 0; i < base.count; i++)
        *oak_push(c->arena, &whole) = base.items[i];
    for (size_t i = 0; i < place->route.count; i++)
        *oak_push(c->arena, &whole) = place->route.items[i];
    place->route = whole;
}

static void add_companions(struct oak_checked *c, struct oak_finding *f, const struct oak_field *field,
                           const struct oak_place *main, const struct oak_captures *captures)
{
    for (size_t i = 0; i < f->rule->companions.count; i++) {
        const struct oak_clause *const clause = &f->rule->companions.items[i];
        const oak_places places = oak_field_resolve(c->arena, index_of(c), &f->target, &clause->field);
        const size_t shared = shared_steps(field, &clause->field);
        for (size_t k = 0; k < places.count; k++) {
            struct oak_place place = places.items[k];
            if (!same_steps(&place.route, &main->route, shared))
                continue;
            const bool is_absent = oak_node_is_null(index_of(c), node_of(&place));
            const bool wanted = clause->action == OAK_ACT_DEFAULT ? is_absent : violates(c, &f->target, clause, node_of(&place), NULL);
            if (!wanted)
                continue;
            place_in_document(c, &f->target, clause->field.scope, &place);
            if (starts_with(&place.route, &f->route) && place.route.count == f->route.count)
                continue; /* the field itself, by another path */
            add_wish(c, f, clause, &place, captures);
            if (place.blocked)
                f->has_conflict = true;
        }
    }
}

/* ---- findings ---- */

static oak_span span_of(const struct oak_index *index, const struct oak_target *t, uint32_t node)
{
    const struct oak_node *n = &index->nodes[node != 0 ? node : t->node];
    if (node == 0) {
        /* Something is missing: point at the first entry of what it is missing from. */
        n = n->child != 0 ? &index->nodes[n->child] : n;
    }
    size_t start = n->key.end > n->key.start ? n->key.start : n->span.start;
    size_t end = n->span.end;
    if (n->kind == OAK_MAPPING || n->kind == OAK_SEQUENCE)
        end = n->key.end > n->key.start ? n->key.end : n->body + 1;
    return (oak_span){ start, end > start ? end : start + 1 };
}

/* `number` is that of the place among those that the clause's field has at the target. */
static struct oak_finding *add_finding(struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t,
                                       const struct oak_clause *clause, size_t number)
{
    struct oak_finding *const f = oak_push(c->arena, &c->findings);
    struct oak_captures captures = { { { 0 } } };
    const oak_places places = oak_field_resolve(c->arena, index_of(c), t, &clause->field);
    struct oak_place place = number < places.count ? places.items[number] : (struct oak_place){ .blocked = true };
    const struct oak_place local = place;
    violates(c, t, clause, node_of(&place), &captures);
    f->rule = rule;
    f->target = *t;
    f->number = (size_t)(t - c->views[0].targets.items);
    f->node = node_of(&place);
    f->span = span_of(index_of(c), t, f->node);
    f->subject = subject_of(c->arena, t);
    place_in_document(c, t, clause->field.scope, &place);
    f->route = place.route;
    f->outcome = OAK_FIXED;
    if (clause->action != OAK_ACT_NONE && !place.blocked) {
        add_wish(c, f, clause, &place, &captures);
        add_companions(c, f, &clause->field, &local, &captures);
    }
    return f;
}

static void set_outcome(struct oak_finding *f, enum oak_outcome outcome, oak_str reason)
{
    f->outcome = outcome;
    f->reason = reason;
}

/* ---- evidence ---- */

/* Does the condition hold in the document and in every later view of it? */
static bool holds_in_all(const struct oak_checked *c, const struct oak_condition *when, const struct oak_target *t,
                         size_t number, uint32_t *evidence)
{
    uint32_t ignored;
    if (!oak_condition_holds(c->arena, when, c->views[0].index, t, evidence))
        return false;
    for (size_t i = 1; i < c->view_count; i++) {
        const struct oak_target *const later = oak_view_target(c, i, number);
        if (later != NULL && !oak_condition_holds(c->arena, when, c->views[i].index, later, &ignored))
            return false;
    }
    return true;
}

static bool holds_in_any(const struct oak_checked *c, const struct oak_condition *when, size_t number)
{
    uint32_t ignored;
    for (size_t i = 0; i < c->view_count; i++) {
        const struct oak_target *const later = oak_view_target(c, i, number);
        if (later != NULL && oak_condition_holds(c->arena, when, c->views[i].index, later, &ignored))
            return true;
    }
    return false;
}

static const struct oak_reason *holding(const struct oak_checked *c, const struct oak_rule *rule, size_t number,
                                        uint32_t *evidence)
{
    for (size_t i = 0; i < rule->held.count; i++)
        if (holds_in_all(c, &rule->held.items[i].when, &c->views[0].targets.items[number], number, evidence))
            return &rule->held.items[i];
    return NULL;
}

/* ---- outcomes ---- */

static oak_str because(const struct oak_checked *c, const struct oak_finding *f, const struct oak_reason *reason)
{
    return oak_text_fill(c->arena, reason->because, &(struct oak_holes){ NULL, f->target.name });
}

static void settle(const struct oak_checked *c, struct oak_finding *f, const struct oak_active *active, size_t number)
{
    const struct oak_rule *const rule = f->rule;
    const enum oak_fix fix = c->run->options->fix;
    if (f->wishes.count == 0 || f->has_conflict) {
        set_outcome(f, OAK_MANUAL,
                    rule->tier == OAK_TIER_MANUAL ? oak_str_trim(rule->patch->breaks)
                                                  : OAK_STR("what stands there is not of the kind that the field needs"));
        return;
    }
    for (size_t i = 0; i < rule->needs.count; i++)
        if (!holds_in_any(c, &rule->needs.items[i].when, number)) {
            f->needs_pending = true;
            set_outcome(f, OAK_MANUAL, because(c, f, &rule->needs.items[i]));
            return;
        }
    if (active->is_forced || fix == OAK_FIX_ALL)
        return;
    uint32_t evidence = 0;
    const struct oak_reason *const held = holding(c, rule, number, &evidence);
    if (held != NULL) {
        set_outcome(f, OAK_HELD, because(c, f, held));
        if (evidence != 0)
            f->evidence = span_of(index_of(c), &f->target, evidence);
    } else if (rule->tier == OAK_TIER_HELD) {
        set_outcome(f, OAK_HELD, oak_str_trim(rule->patch->breaks));
    } else if (rule->tier == OAK_RISKY && fix == OAK_FIX_SAFE) {
        set_outcome(f, OAK_OPEN, OAK_STR("risky, and only safe fixes were asked for"));
    }
}

/* ---- rules at targets ---- */

static bool applies_in(const struct oak_checked *c, const struct oak_rule *rule, const struct oak_index *index,
                       const struct oak_target *t)
{
    uint32_t evidence;
    if (rule->when.groups.count > 0 && !oak_condition_holds(c->arena, &rule->when, index, t, &evidence))
        return false;
    return rule->unless.groups.count == 0 || !oak_condition_holds(c->arena, &rule->unless, index, t, &evidence);
}

/* In the document or in a later view of it: what one fix makes of a container can be the business of another. */
static bool applies(const struct oak_checked *c, const struct oak_rule *rule, size_t number)
{
    if (rule->target == OAK_OBJECT) {
        bool found = false;
        for (size_t i = 0; i < rule->kinds.count; i++)
            found = found || oak_target_is(&c->views[0].targets.items[number], rule->kinds.items[i]);
        if (!found)
            return false;
    }
    for (size_t i = 0; i < c->view_count; i++) {
        const struct oak_target *const t = oak_view_target(c, i, number);
        if (t != NULL && applies_in(c, rule, c->views[i].index, t))
            return true;
    }
    return false;
}

static void check_target(struct oak_checked *c, const struct oak_active *active, size_t number)
{
    const struct oak_rule *const rule = active->rule;
    const struct oak_target *const t = &c->views[0].targets.items[number];
    /* Most targets are as they should be: whether the rule applies is asked only where it would find something. */
    bool is_asked = false;
    for (size_t i = 0; i < rule->fields.count; i++) {
        const struct oak_clause *const clause = &rule->fields.items[i];
        uint32_t one;
        const oak_node_list nodes = oak_field_nodes(c->arena, index_of(c), t, &clause->field, &one);
        for (size_t k = 0; k < nodes.count; k++) {
            if (!violates(c, t, clause, nodes.items[k], NULL))
                continue;
            if (!is_asked && !applies(c, rule, number))
                return;
            is_asked = true;
            settle(c, add_finding(c, rule, t, clause, k), active, number);
        }
    }
}

/* ---- inheritance: a container without the field has that of its pod ---- */

struct heirs {
    const struct oak_active *active;
    size_t pod;                     /* number of the pod target */
    OAK_LIST(size_t) uncovered;     /* numbers of containers that have the field neither of their own nor from the pod */
    bool any_held;
};

/* The node of the only field; 0 if it is missing. */
static uint32_t field_at(const struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t)
{
    uint32_t one;
    const oak_node_list nodes = oak_field_nodes(c->arena, index_of(c), t, &rule->fields.items[0].field, &one);
    return nodes.count > 0 ? nodes.items[0] : 0;
}

static void check_heir(struct oak_checked *c, struct heirs *h, size_t number, bool is_covered)
{
    const struct oak_rule *const rule = h->active->rule;
    const struct oak_target *const t = &c->views[0].targets.items[number];
    uint32_t evidence;
    const struct oak_clause *const clause = &rule->fields.items[0];
    const uint32_t node = field_at(c, rule, t);
    const bool is_absent = oak_node_is_null(index_of(c), node);
    if ((is_absent && is_covered) || !violates(c, t, clause, node, NULL) || !applies(c, rule, number))
        return;
    if (!is_absent) {
        settle(c, add_finding(c, rule, t, clause, 0), h->active, number);
        return;
    }
    *oak_push(c->arena, &h->uncovered) = number;
    h->any_held = h->any_held || holding(c, rule, number, &evidence) != NULL;
}

static oak_str name_heirs(struct oak_checked *c, const struct heirs *h)
{
    struct oak_buf out;
    oak_buf_init(&out, c->arena);
    const struct oak_target *const first = &c->views[0].targets.items[h->uncovered.items[0]];
    if (h->uncovered.count == 1)
        return subject_of(c->arena, first);
    oak_buf_addf(&out, "containers ");
    for (size_t i = 0; i < h->uncovered.count; i++) {
        const oak_str name = c->views[0].targets.items[h->uncovered.items[i]].name;
        oak_buf_addf(&out, "%s'%.*s'", i == 0 ? "" : i + 1 == h->uncovered.count ? " and " : ", ", (int)name.len,
                     name.ptr);
    }
    return oak_buf_str(&out);
}

static void check_heirs(struct oak_checked *c, const struct oak_active *active, size_t pod)
{
    const struct oak_rule *const rule = active->rule;
    const oak_targets *const all = &c->views[0].targets;
    const struct oak_clause *const clause = &rule->fields.items[0];
    struct heirs h = { .active = active, .pod = pod };
    const struct oak_target *const p = &all->items[pod];
    const uint32_t node = field_at(c, rule, p);
    const bool is_absent = oak_node_is_null(index_of(c), node);
    if (!is_absent && violates(c, p, clause, node, NULL) && applies(c, rule, pod))
        settle(c, add_finding(c, rule, p, clause, 0), active, pod);
    for (size_t i = pod + 1; i < all->count && all->items[i].pod_number == pod; i++)
        if (all->items[i].kind == OAK_CONTAINER)
            check_heir(c, &h, i, !is_absent);
    if (h.uncovered.count == 0)
        return;
    /* Once at the pod, unless that would change a container that is to stay as it is. */
    const bool is_forced = active->is_forced || c->run->options->fix == OAK_FIX_ALL;
    if (!h.any_held || is_forced) {
        struct oak_finding *const f = add_finding(c, rule, p, clause, 0);
        f->subject = name_heirs(c, &h);
        f->span = span_of(index_of(c), &all->items[h.uncovered.items[0]], 0);
        settle(c, f, active, pod);
        return;
    }
    for (size_t i = 0; i < h.uncovered.count; i++) {
        const size_t number = h.uncovered.items[i];
        const struct oak_target *const t = &all->items[number];
        settle(c, add_finding(c, rule, t, clause, 0), active, number);
    }
}

/* ---- all of it ---- */

/* Where a finding stands, and its number among all: findings are big, and those of one place keep their order. */
struct place_key {
    size_t start, number;
};

static int by_place(const void *a, const void *b)
{
    const struct place_key *const x = a, *const y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void sort_findings(struct oak_checked *c)
{
    const size_t count = c->findings.count;
    struct place_key *const keys = oak_arena_alloc(c->arena, (count + 1) * sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct place_key){ c->findings.items[i].span.start, i };
    qsort(keys, count, sizeof *keys, by_place);
    oak_findings sorted = { 0 };
    for (size_t i = 0; i < count; i++)
        *oak_push(c->arena, &sorted) = c->findings.items[keys[i].number];
    c->findings = sorted;
}

/* Of what will be done: the first thing in the manifest that makes it worth a look. */
static void note_doubts(struct oak_checked *c)
{
    for (size_t i = 0; i < c->findings.count; i++) {
        struct oak_finding *const f = &c->findings.items[i];
        const oak_reasons *const doubts = &f->rule->doubts;
        for (size_t k = 0; k < doubts->count && f->outcome == OAK_FIXED && f->reason.len == 0; k++) {
            uint32_t evidence = 0;
            if (!holds_in_all(c, &doubts->items[k].when, &f->target, f->number, &evidence))
                continue;
            f->reason = because(c, f, &doubts->items[k]);
            if (evidence != 0)
                f->evidence = span_of(index_of(c), &f->target, evidence);
        }
    }
}

void oak_check(struct oak_checked *c)
{
    const oak_targets *const targets = &c->views[0].targets;
    OAK_LIST(size_t) numbers[OAK_TARGET_KINDS] = { { 0 } };
    for (size_t t = 0; t < targets->count; t++)
        *oak_push(c->arena, &numbers[targets->items[t].kind]) = t;
    for (size_t i = 0; i < c->run->active.count; i++) {
        const struct oak_active *const active = &c->run->active.items[i];
        const bool inherits = active->rule->inherits;
        const enum oak_target_kind kind = inherits ? OAK_POD : active->rule->target;
        for (size_t k = 0; k < numbers[kind].count; k++)
            if (inherits)
                check_heirs(c, active, numbers[kind].items[k]);
            else
                check_target(c, active, numbers[kind].items[k]);
    }
    oak_share_outcomes(c);
    note_doubts(c);
    sort_findings(c);
}
