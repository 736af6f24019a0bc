/* What becomes of a finding, taken by itself: ignored, manual, held, left, or to be fixed. */
#include "engine/check.h"

static const struct oak_index *index_of(const struct oak_checked *c)
{
    return c->views[0].index;
}

bool oak_finding_is_bound(const struct oak_finding *f)
{
    return f->outcome == OAK_HELD || f->needs_pending;
}

static void set_outcome(struct oak_finding *f, enum oak_outcome outcome, oak_str reason)
{
    f->outcome = outcome;
    f->reason = reason;
}

/* ---- exemptions ---- */

static const struct oak_exempts *exempts_of(const struct oak_checked *c)
{
    return &c->views[0].exempts;
}

void oak_check_ignore(struct oak_checked *c, struct oak_finding *f, const struct oak_exempt *by)
{
    const oak_day until = by->what.until;
    const oak_str day = until != 0 ? oak_day_print(c->arena, until) : OAK_STR("");
    const oak_str parts[] = { by->what.reason, until != 0 ? OAK_STR("; until ") : OAK_STR(""), day };
    if (by->is_answer) {
        oak_check_decline(f);
        return;
    }
    set_outcome(f, OAK_IGNORED, oak_arena_join(c->arena, parts, 3));
    if (by->where == NULL)
        f->evidence = by->what.span;
}

/* Exempted is what has an exemption at its own place or at that of any companion: the change is made as a whole. */
static bool ignore_finding(struct oak_checked *c, struct oak_finding *f)
{
    if (exempts_of(c)->items.count == 0)
        return false;
    oak_route *const routes = oak_arena_alloc(c->arena, (f->wishes.count + 1) * sizeof *routes);
    routes[0] = f->route;
    for (size_t i = 0; i < f->wishes.count; i++)
        routes[i + 1] = f->wishes.items[i].route;
    const struct oak_exempt *const by = oak_exempt_for(c->arena, exempts_of(c), index_of(c), f->rule->patch, &f->target,
                                                       routes, f->wishes.count + 1);
    if (by != NULL)
        oak_check_ignore(c, f, by);
    return by != NULL;
}

/* ---- needs ---- */

static bool holds_in_any(const struct oak_checked *c, const struct oak_condition *when, size_t number)
{
    for (size_t i = 0; i < c->view_count; i++) {
        struct oak_spot spot;
        if (oak_view_spot(c, i, number, &spot) && oak_condition_holds(c->scratch, when, &spot, NULL))
            return true;
    }
    return false;
}

static const struct oak_reason *unmet_need(const struct oak_checked *c, const struct oak_rule *rule, size_t number)
{
    for (size_t at = number; at < c->views[0].targets.count; at = oak_heir_next(&c->views[0], number, at))
        for (size_t i = 0; i < rule->needs.count; i++)
            if (!holds_in_any(c, &rule->needs.items[i].when, at))
                return &rule->needs.items[i];
    return NULL;
}

/* ---- outcomes ---- */

oak_str oak_check_because(const struct oak_checked *c, const struct oak_finding *f, const struct oak_reason *reason)
{
    return oak_text_fill(c->arena, reason->because, &(struct oak_holes){ NULL, f->target.name });
}

/* Would it end otherwise if only the document as it is were looked at? */
static bool hangs_on_others(const struct oak_checked *c, const struct oak_rule *rule, size_t number, bool may_be_held)
{
    struct oak_checked first = *c;
    first.view_count = 1;
    return c->view_count > 1 && (!oak_check_applies(&first, rule, number) || unmet_need(&first, rule, number) != NULL ||
                                 (may_be_held && oak_check_holding(&first, rule, number, NULL) != NULL));
}

/* What can be done is done, unless the manifest or the options speak against it. */
static void hold_back(struct oak_checked *c, struct oak_finding *f, const struct oak_active *active, size_t number)
{
    const struct oak_rule *const rule = f->rule;
    const enum oak_fix fix = c->run->options->fix;
    const bool may_be_held = !active->is_forced && fix != OAK_FIX_ALL &&
                             oak_reply_to(c, rule->patch, &f->target, &f->route) != OAK_REPLY_FORCE;
    f->hangs = c->run->options->wants_fixes && hangs_on_others(c, rule, number, may_be_held);
    if (!may_be_held)
        return;
    uint32_t evidence = 0;
    const struct oak_reason *const held = oak_check_holding(c, rule, number, &evidence);
    if (held != NULL) {
        set_outcome(f, OAK_HELD, oak_check_because(c, f, held));
        if (evidence != 0)
            f->evidence = oak_check_span(index_of(c), &f->target, evidence);
    } else if (rule->tier == OAK_TIER_HELD) {
        set_outcome(f, OAK_HELD, oak_str_trim(rule->patch->breaks));
    } else if (rule->tier == OAK_RISKY && fix == OAK_FIX_SAFE) {
        set_outcome(f, OAK_OPEN, OAK_STR("risky, and only safe fixes were asked for"));
    }
}

void oak_check_settle(struct oak_checked *c, struct oak_finding *f, const struct oak_active *active, size_t number)
{
    const struct oak_rule *const rule = f->rule;
    if (ignore_finding(c, f))
        return;
    if (oak_field_holding(&f->target, &rule->fields.items[0].field) == OAK_DROPS) {
        set_outcome(f, OAK_MANUAL, oak_dropped_reason(c->arena, &f->target));
        return;
    }
    if (f->wishes.count == 0 || f->has_conflict) {
        set_outcome(f, OAK_MANUAL,
                    rule->tier == OAK_TIER_MANUAL ? oak_str_trim(rule->patch->breaks)
                    : f->reason.len > 0           ? f->reason
                                                  : OAK_STR("what stands there is not of the kind that the field needs"));
        return;
    }
    const bool is_declined = oak_is_declined(c, f);
    const struct oak_reason *const need = is_declined ? NULL : unmet_need(c, rule, number);
    if (need != NULL) {
        f->needs_pending = true;
        set_outcome(f, OAK_MANUAL, oak_check_because(c, f, need));
        return;
    }
    hold_back(c, f, active, number);
    if (is_declined && f->outcome == OAK_FIXED)
        oak_check_decline(f);
}

/* ---- another look ---- */

static bool is_freed_at(const struct oak_checked *before, const struct oak_checked *now, const struct oak_rule *rule, size_t number)
{
    return (unmet_need(now, rule, number) == NULL && unmet_need(before, rule, number) != NULL) ||
           (oak_check_holding(now, rule, number, NULL) == NULL && oak_check_holding(before, rule, number, NULL) != NULL);
}

/* What a pod leaves to its containers hangs on what holds any of them, and on pods with which it shares a security context. */
static bool is_freed(const struct oak_checked *before, const struct oak_checked *now, const struct oak_finding *f)
{
    const oak_targets *const all = &before->views[0].targets;
    if (!f->rule->inherits)
        return is_freed_at(before, now, f->rule, f->number);
    if (f->target.pod_frame != NULL)
        return true;
    for (size_t i = f->target.pod_number; i < all->count && all->items[i].pod_number == f->target.pod_number; i++)
        if (is_freed_at(before, now, f->rule, i))
            return true;
    return false;
}

/* The pod of which a rule was asked about last: of a pod with thousands of containers the answer is one for all of them. */
struct asked {
    const struct oak_rule *rule;
    size_t pod;
};
typedef OAK_LIST(struct asked) asked_list;

static bool is_asked_again(struct oak_arena *arena, asked_list *list, const struct oak_finding *f)
{
    if (!f->rule->inherits)
        return false;
    size_t i = 0;
    while (i < list->count && list->items[i].rule != f->rule)
        i++;
    const bool again = i < list->count && list->items[i].pod == f->target.pod_number;
    struct asked *const entry = i < list->count ? &list->items[i] : oak_push(arena, list);
    *entry = (struct asked){ f->rule, f->target.pod_number };
    return again;
}

bool oak_check_frees(struct oak_checked *c, const oak_findings *findings)
{
    struct oak_arena scratch;
    oak_arena_init(&scratch);
    c->scratch = &scratch;
    struct oak_checked before = *c;
    before.view_count--;
    bool frees = false;
    asked_list asked = { 0 };
    for (size_t i = 0; i < findings->count && !frees; i++) {
        const struct oak_finding *const f = &findings->items[i];
        frees = oak_finding_is_bound(f) && !is_asked_again(c->arena, &asked, f) && is_freed(&before, c, f);
    }
    oak_arena_free(&scratch);
    c->scratch = NULL;
    return frees;
}
