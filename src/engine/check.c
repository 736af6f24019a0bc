/* Rules × targets → findings. Decides what is wrong, and what the fix would be. */
#include "engine/check.h"
#include "engine/lookout.h"

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

oak_str oak_check_subject(struct oak_arena *arena, const struct oak_target *t)
{
    if (t->kind == OAK_OBJECT || t->kind == OAK_POD)
        return quoted(arena, t->object_kind, t->object_name);
    if (t->kind != OAK_MOUNT)
        return quoted(arena, oak_str_from(t->word), t->kind == OAK_CONTAINER ? t->container_name : t->name);
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

bool oak_check_violates(const struct oak_checked *c, const struct oak_target *t, const struct oak_clause *clause,
                        uint32_t node, struct oak_captures *captures)
{
    const struct oak_index *const index = index_of(c);
    const oak_matches *const matches = oak_matches_fill(c->scratch, &clause->test.matches, t->name);
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

static bool starts_with(const oak_route *route, const oak_route *start)
{
    return route->count >= start->count && oak_route_starts_alike(route, start, start->count);
}

static void add_wish(struct oak_checked *c, struct oak_finding *f, const struct oak_clause *clause,
                     const struct oak_place *place, const struct oak_captures *captures)
{
    const struct oak_index *const index = index_of(c);
    oak_str *const missing = oak_list_room(c->arena, place->missing_count, sizeof *missing);
    struct oak_wish w = { .op = OAK_SET, .node = place->node, .missing = missing,
                          .missing_count = place->missing_count, .route = place->route };
    for (size_t i = 0; i < place->missing_count; i++)
        missing[i] = oak_arena_str(c->arena, place->missing[i]);
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
    const bool is_pod = w.node == f->target.pod ||
                        (f->target.pod_frame != NULL && w.node == f->target.pod_frame->context);
    w.before = is_pod && !is_new_list ? oak_pod_before(index, w.node) : OAK_STR("");
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

void oak_check_place(const struct oak_checked *c, const struct oak_target *t, const struct oak_field *field,
                     struct oak_place *place)
{
    const struct oak_frame *const context = oak_field_context(t, field);
    const oak_route base = context != NULL ? context->context_route : scope_route(c, t, field->scope);
    const size_t count = base.count + place->route.count;
    oak_route whole = { oak_list_room(c->arena, count, sizeof *whole.items), count, count };
    if (base.count > 0)
        memcpy(whole.items, base.items, base.count * sizeof *whole.items);
    for (size_t i = 0; i < place->route.count; i++) {
        struct oak_seg seg = place->route.items[i];
        if (seg.key.ptr != NULL)
            seg.key = oak_arena_str(c->arena, seg.key); /* it may hold the name of the target, made for this answer */
        whole.items[base.count + i] = seg;
    }
    place->route = whole;
}

static void add_companions(struct oak_checked *c, struct oak_finding *f, const struct oak_field *field,
                           const struct oak_place *main, const struct oak_captures *captures)
{
    for (size_t i = 0; i < f->rule->companions.count; i++) {
        const struct oak_clause *const clause = &f->rule->companions.items[i];
        const oak_places places = oak_field_resolve(c->scratch, index_of(c), &f->target, &clause->field);
        const size_t shared = shared_steps(field, &clause->field);
        const bool wants_where_nothing_is = clause->action == OAK_ACT_DEFAULT || oak_check_violates(c, &f->target, clause, 0, NULL);
        if (wants_where_nothing_is && clause->action != OAK_ACT_REMOVE && clause->action != OAK_ACT_REMOVE_ITEM &&
            oak_field_has_no_place(&f->target, &clause->field, &places)) {
            f->has_conflict = true;
            f->reason = OAK_STR("here is no place for the field that belongs to the change");
        }
        for (size_t k = 0; k < places.count; k++) {
            struct oak_place place = places.items[k];
            if (!oak_route_starts_alike(&place.route, &main->route, shared))
                continue;
            const bool is_absent = oak_node_is_null(index_of(c), node_of(&place));
            const bool wanted = clause->action == OAK_ACT_DEFAULT
                                    ? is_absent
                                    : oak_check_violates(c, &f->target, clause, node_of(&place), NULL);
            if (!wanted)
                continue;
            oak_check_place(c, &f->target, &clause->field, &place);
            if (starts_with(&place.route, &f->route) && place.route.count == f->route.count)
                continue; /* the field itself, by another path */
            add_wish(c, f, clause, &place, captures);
            if (place.blocked)
                f->has_conflict = true;
        }
    }
}

/* ---- findings ---- */

oak_span oak_check_span(const struct oak_index *index, const struct oak_target *t, uint32_t node)
{
    if (node == 0)
        node = oak_given_context(index, t);
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
static struct oak_finding *add_at(struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t,
                                  const struct oak_clause *clause, const oak_places *places, size_t number)
{
    struct oak_finding *const f = oak_push(c->arena, &c->findings);
    struct oak_captures captures = { { { 0 } } };
    struct oak_place place = number < places->count ? places->items[number] : (struct oak_place){ .blocked = true };
    const struct oak_place local = place;
    if (rule->catches)
        oak_check_violates(c, t, clause, node_of(&place), &captures);
    f->rule = rule;
    f->target = *t;
    f->number = (size_t)(t - c->views[0].targets.items);
    f->node = node_of(&place);
    f->span = oak_check_span(index_of(c), t, f->node);
    f->subject = oak_check_subject(c->arena, t);
    oak_check_place(c, t, &clause->field, &place);
    f->route = place.route;
    f->outcome = OAK_FIXED;
    if (clause->action != OAK_ACT_NONE && !place.blocked) {
        add_wish(c, f, clause, &place, &captures);
        add_companions(c, f, &clause->field, &local, &captures);
    }
    oak_arena_reset(c->scratch);
    return f;
}

struct oak_finding *oak_check_add(struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t,
                                  const struct oak_clause *clause)
{
    const oak_places places = oak_field_resolve(c->scratch, index_of(c), t, &clause->field);
    return add_at(c, rule, t, clause, &places, 0);
}

/* ---- evidence ---- */

/* The first of these conditions that holds in the document and in every later view of it; NULL if none does. */
static const struct oak_reason *first_in_all(const struct oak_checked *c, const oak_reasons *reasons, size_t number,
                                             uint32_t *evidence)
{
    struct oak_spot spots[OAK_MAX_VIEWS];
    size_t count = 0;
    for (size_t i = 0; i < c->view_count; i++)
        count += oak_view_spot(c, i, number, &spots[count]);
    for (size_t i = 0; i < reasons->count; i++) {
        size_t k = 0;
        while (k < count && oak_condition_holds(c->scratch, &reasons->items[i].when, &spots[k], k == 0 ? evidence : NULL))
            k++;
        if (k == count)
            return &reasons->items[i];
    }
    return NULL;
}

const struct oak_reason *oak_check_holding(const struct oak_checked *c, const struct oak_rule *rule, size_t number,
                                           uint32_t *evidence)
{
    const oak_targets *const all = &c->views[0].targets;
    const struct oak_reason *held = NULL;
    for (size_t at = number; at < all->count && held == NULL; at = oak_heir_next(&c->views[0], number, at))
        held = first_in_all(c, &rule->held, at, evidence);
    return held;
}

/* ---- rules at targets ---- */

static bool applies_at(const struct oak_checked *c, const struct oak_rule *rule, const struct oak_spot *spot)
{
    if (rule->when.groups.count > 0 && !oak_condition_holds(c->scratch, &rule->when, spot, NULL))
        return false;
    return rule->unless.groups.count == 0 || !oak_condition_holds(c->scratch, &rule->unless, spot, NULL);
}

static bool is_of_kinds(const struct oak_rule *rule, const struct oak_target *t)
{
    bool found = rule->target != OAK_OBJECT;
    for (size_t i = 0; i < rule->kinds.count && !found; i++)
        found = oak_target_is(t, rule->kinds.items[i]);
    return found;
}

/* In the document or in a later view of it: what one fix makes of a container can be the business of another. */
bool oak_check_applies(const struct oak_checked *c, const struct oak_rule *rule, size_t number)
{
    for (size_t i = 0; i < c->view_count; i++) {
        struct oak_spot spot;
        if (oak_view_spot(c, i, number, &spot) && applies_at(c, rule, &spot))
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
    if (!is_of_kinds(rule, t))
        return;
    oak_arena_reset(c->scratch);
    for (size_t i = 0; i < rule->fields.count; i++) {
        const struct oak_clause *const clause = &rule->fields.items[i];
        uint32_t one;
        const oak_node_list nodes = oak_field_nodes(c->arena, index_of(c), t, &clause->field, &one);
        oak_places places = { 0 }; /* of a list of thousands, all at once */
        for (size_t k = 0; k < nodes.count; k++) {
            if (!oak_check_violates(c, t, clause, nodes.items[k], NULL) ||
                oak_field_is_elsewhere(&c->views[0], t, &clause->field, nodes.items[k]))
                continue;
            if (!is_asked && !oak_check_applies(c, rule, number))
                return;
            is_asked = true;
            if (places.count == 0)
                places = oak_field_resolve(clause->field.path.is_plain ? c->scratch : c->arena, index_of(c), t, &clause->field);
            oak_check_settle(c, add_at(c, rule, t, clause, &places, k), active, number);
        }
    }
}

/* What an option stands for may depend on the object; where it stands for nothing, the rule sleeps. */
static void check_with_option(struct oak_checked *c, const struct oak_active *active, size_t number)
{
    const struct oak_run *const run = c->run;
    if (!run->gathers || active->rule->option.len == 0) {
        check_target(c, active, number);
        return;
    }
    oak_str value;
    const struct oak_run own = oak_run_at(run, &c->views[0].targets.items[number]);
    c->run = &own;
    if (oak_run_option(&own, active->rule->option, &value))
        check_target(c, active, number);
    c->run = run;
}

/* ---- all of it ---- */

/* A finding's place, and its number among those found: at one place the order of the rules stays. */
struct place_order {
    size_t start, number;
};

static int by_place(const void *a, const void *b)
{
    const struct place_order *const x = a, *const y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void sort_findings(struct oak_arena *arena, oak_findings *list)
{
    struct place_order *const order = oak_list_room(arena, list->count, sizeof *order);
    struct oak_finding *const sorted = oak_list_room(arena, list->count, sizeof *sorted);
    for (size_t i = 0; i < list->count; i++)
        order[i] = (struct place_order){ list->items[i].span.start, i };
    if (list->count > 1)
        qsort(order, list->count, sizeof *order, by_place);
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = list->items[order[i].number];
    list->items = sorted;
    list->capacity = list->count;
}

/* Of what will be done: the first thing in the manifest that makes it worth a look. */
static void note_doubts(struct oak_checked *c)
{
    for (size_t i = 0; i < c->findings.count; i++) {
        struct oak_finding *const f = &c->findings.items[i];
        uint32_t evidence = 0;
        const bool is_asked = f->outcome == OAK_FIXED && f->reason.len == 0;
        const struct oak_reason *const doubt = is_asked ? first_in_all(c, &f->rule->doubts, f->number, &evidence) : NULL;
        if (doubt == NULL)
            continue;
        f->reason = oak_check_because(c, f, doubt);
        if (evidence != 0)
            f->evidence = oak_check_span(index_of(c), &f->target, evidence);
    }
}

/* The run that is meant for each target; NULL if there is only one. */
static const struct oak_run **runs_of(struct oak_checked *c)
{
    const oak_targets *const targets = &c->views[0].targets;
    if (c->run->others.count == 0)
        return NULL;
    const struct oak_run **const runs = oak_arena_alloc(c->arena, (targets->count + 1) * sizeof *runs);
    for (size_t t = 0; t < targets->count; t++)
        runs[t] = targets->items[t].kind == OAK_OBJECT || t == 0 ? oak_run_for(c->run, c->path, &targets->items[t]) : runs[t - 1];
    return runs;
}

/* A target by its number, and the keys that it has of those that rules are about. */
struct seen {
    size_t number;
    uint64_t keys;
};

/* The rules of c->run at the targets that are meant by `which`, the same run as it was prepared. */
static void check_rules(struct oak_checked *c, const struct oak_run *const *runs, const struct oak_run *which)
{
    const oak_targets *const targets = &c->views[0].targets;
    OAK_LIST(struct seen) seen[OAK_TARGET_KINDS] = { { 0 } };
    uint64_t keys[OAK_TARGET_KINDS] = { 0 }; /* of all targets of the kind */
    struct oak_lookout_pod pod = { 0 };
    for (size_t t = 0; t < targets->count; t++) {
        const enum oak_target_kind kind = targets->items[t].kind;
        if (runs != NULL && runs[t] != which)
            continue;
        struct seen *const s = oak_push(c->arena, &seen[kind]);
        *s = (struct seen){ t, oak_lookout_at(c->run->lookout, index_of(c), &targets->items[t], &pod) };
        keys[kind] |= s->keys;
    }
    for (size_t i = 0; i < c->run->active.count; i++) {
        const struct oak_active *const active = &c->run->active.items[i];
        if ((keys[active->at] & active->mark) == 0)
            continue;
        for (size_t k = 0; k < seen[active->at].count; k++) {
            const struct seen *const s = &seen[active->at].items[k];
            if (active->rule->inherits)
                oak_check_heirs(c, active, s->number);
            else if ((s->keys & active->mark) != 0)
                check_with_option(c, active, s->number);
        }
    }
}

void oak_check(struct oak_checked *c)
{
    const struct oak_run *const whole = c->run;
    const struct oak_run **const runs = runs_of(c);
    struct oak_arena scratch;
    oak_arena_init(&scratch);
    c->scratch = &scratch;
    check_rules(c, runs, whole);
    for (size_t i = 0; i < whole->others.count; i++) {
        struct oak_run other = whole->others.items[i];
        other.gathers = whole->gathers;
        other.verdicts = whole->verdicts;
        other.verdict_count = whole->verdict_count;
        c->run = &other;
        check_rules(c, runs, &whole->others.items[i]);
    }
    c->run = whole;
    oak_keep_ignored(c);
    oak_share_outcomes(c);
    note_doubts(c);
    sort_findings(c->arena, &c->findings);
    oak_arena_free(&scratch);
    c->scratch = NULL;
}
