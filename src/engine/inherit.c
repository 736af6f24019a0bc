/* Inheritance: a container without the field has that of its pod. Where does the value belong, once at the pod or at each
 * container? At the pod, unless a container is to stay as it is. */
#include "engine/check.h"

static const struct oak_index *index_of(const struct oak_checked *c)
{
    return c->views[0].index;
}

static const struct oak_exempts *exempts_of(const struct oak_checked *c)
{
    return &c->views[0].exempts;
}

struct heirs {
    const struct oak_active *active;
    size_t pod;                     /* number of the pod target */
    OAK_LIST(size_t) uncovered;     /* numbers of containers that have the field neither of their own nor from the pod */
    struct oak_finding kept;        /* what becomes of a container that must not get another value; FIXED: none is */
    bool is_declined;               /* no was said to just the container that was looked at last */
    bool is_each;                   /* somebody was asked about a container by itself: so it is done */
    bool is_forced;                 /* no evidence counts */
};

/* The node of the only field; 0 if it is missing. */
static uint32_t field_at(const struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t)
{
    uint32_t one;
    const oak_node_list nodes = oak_field_nodes(c->arena, index_of(c), t, &rule->fields.items[0].field, &one);
    return nodes.count > 0 ? nodes.items[0] : 0;
}

static bool lacks_field(const struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t)
{
    return oak_node_is_null(index_of(c), field_at(c, rule, t));
}

static oak_route field_route(const struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t)
{
    const struct oak_field *const field = &rule->fields.items[0].field;
    oak_places places = oak_field_resolve(c->arena, index_of(c), t, field);
    if (places.count == 0)
        return t->route;
    oak_check_place(c, t, field, &places.items[0]);
    return places.items[0].route;
}

/* Must the container, which has no value of its own, keep the one that it has from its pod? Then `kept` tells why. */
static bool keeps_value(struct oak_checked *c, struct heirs *h, size_t number)
{
    const struct oak_rule *const rule = h->active->rule;
    const struct oak_target *const t = &c->views[0].targets.items[number];
    const oak_route route = oak_any_is_kept(c) ? field_route(c, rule, t) : t->route;
    const struct oak_exempt *const by = oak_kept_by(c, rule->patch, t, &route);
    const enum oak_reply reply = oak_reply_to(c, rule->patch, t, &route);
    const bool is_forced = h->is_forced || reply == OAK_REPLY_FORCE;
    uint32_t evidence = 0;
    h->is_declined = by != NULL && by->is_answer;
    h->is_each = h->is_each || reply == OAK_REPLY_YES || reply == OAK_REPLY_FORCE;
    const struct oak_reason *const held = by == NULL && !is_forced ? oak_check_holding(c, rule, number, &evidence) : NULL;
    if (by == NULL && held == NULL)
        return false;
    if (h->kept.outcome == OAK_IGNORED)
        return true;
    h->kept = (struct oak_finding){ .target = *t, .subject = oak_check_subject(c->arena, t), .outcome = OAK_HELD };
    if (by != NULL) {
        oak_check_ignore(c, &h->kept, by);
        return true;
    }
    h->kept.reason = oak_check_because(c, &h->kept, held);
    if (evidence != 0)
        h->kept.evidence = oak_check_span(index_of(c), t, evidence);
    return true;
}

static void check_heir(struct oak_checked *c, struct heirs *h, size_t number, bool is_covered)
{
    const struct oak_rule *const rule = h->active->rule;
    const struct oak_target *const t = &c->views[0].targets.items[number];
    const struct oak_clause *const clause = &rule->fields.items[0];
    const uint32_t node = field_at(c, rule, t);
    const bool is_absent = oak_node_is_null(index_of(c), node);
    if ((is_absent && is_covered) || !oak_check_violates(c, t, clause, node, NULL) ||
        oak_field_is_elsewhere(&c->views[0], t, &clause->field, node) || !oak_check_applies(c, rule, number))
        return;
    if (!is_absent) {
        oak_check_settle(c, oak_check_add(c, rule, t, clause), h->active, number);
        return;
    }
    *oak_push(c->arena, &h->uncovered) = number;
    keeps_value(c, h, number);
}

/* Of pods that share a security context, each must allow that it is changed. */
static void ask_sharers(struct oak_checked *c, struct heirs *h, const struct oak_frame *frame)
{
    const struct oak_rule *const rule = h->active->rule;
    const oak_targets *const all = &c->views[0].targets;
    if (c->sharers.rule == rule && oak_frames_share(c->sharers.frame, frame)) {
        h->kept = h->kept.outcome == OAK_FIXED ? c->sharers.kept : h->kept;
        return;
    }
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].kind == OAK_CONTAINER && all->items[i].pod_number != h->pod &&
            oak_frames_share(all->items[i].pod_frame, frame) && lacks_field(c, rule, &all->items[i]))
            keeps_value(c, h, i);
    c->sharers.rule = rule;
    c->sharers.frame = frame;
    c->sharers.kept = h->kept;
}

static void check_containers(struct oak_checked *c, struct heirs *h, bool is_covered)
{
    const oak_targets *const all = &c->views[0].targets;
    for (size_t i = h->pod + 1; i < all->count && all->items[i].pod_number == h->pod; i++)
        if (all->items[i].kind == OAK_CONTAINER)
            check_heir(c, h, i, is_covered);
    const struct oak_frame *const frame = all->items[h->pod].pod_frame;
    if (h->uncovered.count > 0 && frame != NULL && frame->context != 0)
        ask_sharers(c, h, frame);
}

static oak_str name_heirs(struct oak_checked *c, const struct heirs *h)
{
    struct oak_buf out;
    oak_buf_init(&out, c->arena);
    const struct oak_target *const first = &c->views[0].targets.items[h->uncovered.items[0]];
    if (h->uncovered.count == 1)
        return oak_check_subject(c->arena, first);
    oak_buf_addf(&out, "containers ");
    for (size_t i = 0; i < h->uncovered.count; i++) {
        const oak_str name = c->views[0].targets.items[h->uncovered.items[i]].container_name;
        oak_buf_addf(&out, "%s'%.*s'", i == 0 ? "" : i + 1 == h->uncovered.count ? " and " : ", ", (int)name.len,
                     name.ptr);
    }
    return oak_buf_str(&out);
}

/* The pod's own value is wrong, and containers have it from there. If one of them must keep it, it stays, and the others get
 * one of their own. */
static void check_pod_value(struct oak_checked *c, struct heirs *h)
{
    const struct oak_rule *const rule = h->active->rule;
    const oak_targets *const all = &c->views[0].targets;
    struct oak_finding *const f = oak_check_add(c, rule, &all->items[h->pod], &rule->fields.items[0]);
    OAK_LIST(size_t) others = { 0 };
    oak_check_settle(c, f, h->active, h->pod);
    /* A no to the pod is none to those that may get a value of their own, since another keeps that of the pod. */
    if (f->outcome != OAK_FIXED && !f->is_left)
        return;
    for (size_t i = h->pod + 1; i < all->count && all->items[i].pod_number == h->pod; i++)
        if (all->items[i].kind == OAK_CONTAINER && lacks_field(c, rule, &all->items[i]) &&
            (!keeps_value(c, h, i) || h->is_declined))
            *oak_push(c->arena, &others) = i;
    if (all->items[h->pod].pod_frame != NULL && all->items[h->pod].pod_frame->context != 0)
        ask_sharers(c, h, all->items[h->pod].pod_frame);
    if (h->kept.outcome == OAK_FIXED)
        return;
    f->outcome = h->kept.outcome;
    f->is_left = h->kept.is_left;
    f->evidence = h->kept.evidence;
    f->reason = oak_arena_printf(c->arena, "%.*s has this value from its pod: %.*s", (int)h->kept.subject.len,
                                 h->kept.subject.ptr, (int)h->kept.reason.len, h->kept.reason.ptr);
    for (size_t i = 0; i < others.count; i++) {
        const struct oak_target *const t = &all->items[others.items[i]];
        oak_check_settle(c, oak_check_add(c, rule, t, &rule->fields.items[0]), h->active, others.items[i]);
    }
}

/* Once at the pod: one finding for all uncovered containers. */
static struct oak_finding *add_at_pod(struct oak_checked *c, const struct heirs *h)
{
    const struct oak_rule *const rule = h->active->rule;
    const oak_targets *const all = &c->views[0].targets;
    struct oak_finding *const f = oak_check_add(c, rule, &all->items[h->pod], &rule->fields.items[0]);
    f->subject = name_heirs(c, h);
    f->span = oak_check_span(index_of(c), &all->items[h->uncovered.items[0]], 0);
    return f;
}

static bool is_pod_exempt(struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *pod)
{
    if (exempts_of(c)->items.count == 0)
        return false;
    const oak_route route = field_route(c, rule, pod);
    return oak_exempt_for(c->arena, exempts_of(c), index_of(c), rule->patch, pod, &route, 1) != NULL;
}

static bool is_forced_at(const struct oak_checked *c, const struct oak_active *active, const struct oak_target *pod)
{
    if (active->is_forced || c->run->options->fix == OAK_FIX_ALL || c->answers == NULL)
        return active->is_forced || c->run->options->fix == OAK_FIX_ALL;
    const oak_route route = field_route(c, active->rule, pod);
    return oak_reply_to(c, active->rule->patch, pod, &route) == OAK_REPLY_FORCE;
}

void oak_check_heirs(struct oak_checked *c, const struct oak_active *active, size_t pod)
{
    const struct oak_rule *const rule = active->rule;
    const oak_targets *const all = &c->views[0].targets;
    const struct oak_clause *const clause = &rule->fields.items[0];
    const struct oak_target *const p = &all->items[pod];
    struct heirs h = { .active = active, .pod = pod, .kept = { .outcome = OAK_FIXED }, .is_forced = is_forced_at(c, active, p) };
    const bool has_place = oak_field_holding(p, &clause->field) == OAK_HOLDS;
    const uint32_t node = has_place ? field_at(c, rule, p) : 0;
    const bool is_absent = oak_node_is_null(index_of(c), node);
    if (!is_absent && oak_check_violates(c, p, clause, node, NULL) && oak_check_applies(c, rule, pod))
        check_pod_value(c, &h);
    check_containers(c, &h, !is_absent);
    if (h.uncovered.count == 0) {
        if (is_absent && has_place && oak_pod_is_heir(&c->views[0], pod) &&
            oak_check_violates(c, p, clause, 0, NULL) && oak_check_applies(c, rule, pod))
            oak_check_settle(c, oak_check_add(c, rule, p, clause), active, pod);
        return;
    }
    /* Once at the pod, unless that would change a container that is to stay as it is. */
    if (has_place && !p->is_part && !h.is_each && (h.kept.outcome == OAK_FIXED || is_pod_exempt(c, rule, p))) {
        oak_check_settle(c, add_at_pod(c, &h), active, pod);
        return;
    }
    for (size_t i = 0; i < h.uncovered.count; i++) {
        const size_t number = h.uncovered.items[i];
        const struct oak_target *const t = &all->items[number];
        oak_check_settle(c, oak_check_add(c, rule, t, clause), active, number);
    }
}
